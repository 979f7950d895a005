"""Real deliverables are accepted; pages sent in place of a file are refused or doubtful."""

from __future__ import annotations

import hashlib

import pytest

from wbtui.domain.errors import BadAnswer
from wbtui.files.doubtful import DownloadCheck, ExpectedFile, ReceivedFile

PAGE = b"<!DOCTYPE html>\n<html><head><title>%s</title></head></html>"
BOT = PAGE % b"Making sure you are not a bot!"
ERROR = b'{"failed": true, "message": "No"}'


def came(body: bytes, *, media_type: str = "", named: bool = False) -> ReceivedFile:
    return ReceivedFile(body, len(body), hashlib.sha256(body).hexdigest(), media_type, named)


def doubt(name: str, body: bytes, **known: object) -> str:
    return DownloadCheck().doubt(came(body), ExpectedFile(name, name, **known))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Index.cshtml", b"<!DOCTYPE html>\n<html>@Model.Title</html>"),
        ("story.twig", b'<!DOCTYPE html>\n<html lang="{{ l }}">'),
        ("topic.xml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'),
        ("page.html", b"<html></html>"),
        ("page.HTM", PAGE % b"Bienvenue"),
        ("strings.json", b'{"message": "Bonjour", "error": "Erreur"}'),
        ("a.docx", b"PK\x03\x04"),
        ("no ending", b"plain text"),
    ],
)
def test_real_deliverables_are_not_doubted(name: str, body: bytes) -> None:
    assert doubt(name, body) == ""


@pytest.mark.parametrize(
    ("name", "body"), [("a.docx", BOT), ("a.xlf", PAGE), ("a.idml", b""), ("a.docx", ERROR), ("a.txt", ERROR)]
)
def test_what_cannot_be_the_file_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(BadAnswer):
        doubt(name, body)


@pytest.mark.parametrize(
    ("name", "body", "known", "reason"),
    [
        ("help.html", BOT, {}, "stands in the way"),
        ("notes.txt", PAGE % b"x", {}, "begins like a web page"),
        ("errors.json", ERROR, {}, "error message"),
        ("empty.txt", b"", {}, "empty"),
        ("a.html", PAGE % b"x", {"source": lambda: b"{{ template }}"}, "its source is none"),
        ("a.html", PAGE % b"x", {"others": lambda: [9000, 8000]}, "much smaller"),
    ],
)
def test_what_may_be_something_else_is_doubted(
    name: str, body: bytes, known: dict[str, object], reason: str
) -> None:
    assert reason in doubt(name, body, **known)


def test_what_is_known_of_the_file_takes_the_doubt_away() -> None:
    assert doubt("notes.txt", PAGE % b"x", source=lambda: PAGE) == ""
    assert doubt("empty.txt", b"", text_free=True) == ""
    assert doubt("empty.txt", b"", source=lambda: b"") == ""
    assert doubt("a.html", PAGE % b"x", others=lambda: [70, 80]) == ""


def test_a_page_in_the_place_of_a_file_that_can_be_none_casts_doubt_on_the_others() -> None:
    judge, page = DownloadCheck(), came(PAGE % b"Portal")
    with pytest.raises(BadAnswer):
        judge.doubt(page, ExpectedFile("a.docx", "a.docx"))
    assert "in the place of other files" in judge.doubt(page, ExpectedFile("b.html", "b.html"))


def test_one_page_for_two_files_is_doubted_and_for_two_languages_is_not() -> None:
    judge, page = DownloadCheck(), came(PAGE % b"Portal")
    assert judge.doubt(page, ExpectedFile("a.html", "a.html")) == ""
    assert judge.doubt(page, ExpectedFile("a.html", "a.html")) == ""
    assert "for another file" in judge.doubt(page, ExpectedFile("b.html", "b.html"))


def test_a_page_without_a_head_is_told_by_its_header() -> None:
    page = came(b"<h1>Please log in to this network</h1>", media_type="text/html")
    with pytest.raises(BadAnswer):
        DownloadCheck().doubt(page, ExpectedFile("a.docx", "a.docx"))
    assert DownloadCheck().doubt(page, ExpectedFile("a.md", "a.md")) == "it begins like a web page"
    assert "Please log in" in DownloadCheck().doubt(page, ExpectedFile("a.xml", "a.xml"))


def test_a_log_in_page_is_told_by_its_header_too() -> None:
    page = PAGE % b"Sign in to Acme"
    assert DownloadCheck().doubt(came(page, media_type="text/html"), ExpectedFile("a.html", "a.html"))
    assert not DownloadCheck().doubt(
        came(page, media_type="text/html", named=True), ExpectedFile("a.html", "a.html")
    )
    assert not DownloadCheck().doubt(
        came(page, media_type="application/octet-stream"), ExpectedFile("a.html", "a.html")
    )
