"""Judges whether a download is the file that was asked for, by the request and by the other downloads.

A proxy, a bot check or a single sign-on answers with a page and status 200, and the requested file may be a
page itself. What cannot be the file is refused; what may be is stored as doubtful, and the user decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Final

from wbtui.domain.errors import BadAnswer
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.sanitize import sanitize


def _endings(words: str) -> frozenset[str]:
    return frozenset(words.split())


ERROR_SIZE: Final = 64 * 1024
"""The most bytes of an error body."""
_STRICT: Final = _endings(
    "7z ai bmp doc docm docx dot dotx eps epub fla gif gz idml indd jpeg jpg mdb mo mp3 mp4 mpp odg odp ods"
    " odt pdf png pot potx pps ppsx ppt pptm pptx psd pub rar sdlppx sdlrpx tar tif tiff vsd vsdx webp wsxz"
    " xls xlsb xlsm xlsx xlt xltx zip xlf xliff sdlxliff mqxliff mxliff tmx tbx resx"
)
"""Endings of files that are never empty and never begin like a web page."""
_PAGES: Final = _endings(
    "ascx asp aspx cfm cshtml ejs erb ftl gohtml haml hbs htm html htmx j2 jinja jinja2 jsp jspx latte"
    " liquid master mht mhtml mustache njk nunjucks php phtml pug razor rhtml shtm shtml svelte tpl twig"
    " vbhtml vm vue xht xhtml xml xsl xslt"
)
"""Endings of files that may begin like a web page."""
_JSON: Final = _endings("arb avsc geojson i18n json json5 jsonc jsonl lang map webmanifest xcstrings")
_PAGE: Final = re.compile(rb"(?:<\?xml[^>]*\?>|<!--.*?-->|\s)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_TITLE: Final = re.compile(rb"<(?:title|h1)\b[^>]*>([^<]{0,300})", re.I)
_GUARD: Final = re.compile(
    r"\bbots?\b|captcha|just a moment|attention required|access denied|security check|checking your browser"
    r"|single sign|request unsuccessful|web application firewall|gateway time-?out|bad gateway",
    re.I,
)
"""Titles of pages that servers send in place of a file."""
_LOGIN: Final = re.compile(r"\b(?:sign|log)[ -]?in\b|log-?on\b|unauthori[sz]ed|forbidden|unavailable", re.I)
"""Titles of such pages that a document might have too."""
_OF_ERRORS: Final = frozenset({"title", "message"})
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
MUCH_SMALLER: Final = 4


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A received body: its first bytes (up to `ERROR_SIZE`), its size, a page's digest, and its headers."""

    beginning: bytes
    size: int
    digest: str = ""
    media_type: str = ""
    named: bool = False
    """Whether the header gave a name, as it does for files."""


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """What is known of the requested file."""

    key: str
    """Identifies the original, in any language."""
    name: str
    text_free: bool = False
    """Whether the server counts no words in it, so that it may be empty."""
    others: Callable[[], Sequence[int]] = tuple
    """Returns the sizes of the same file in other languages."""
    source: Callable[[], bytes | None] = lambda: None
    """Returns the first bytes of the source, where that lies on this machine."""


@dataclass(slots=True)
class DownloadCheck:
    """Judges the downloads of one service, and remembers those of this run."""

    pages: dict[str, str] = field(default_factory=dict)
    """Pages received, by digest, with the first original that each was received for."""
    pages_instead: bool = False
    """Whether a page was received for a file that cannot be one: then other pages are suspect too."""

    def doubt(self, came: ReceivedFile, wanted: ExpectedFile) -> str:
        """Return why this may not be the file, or an empty text; raises `BadAnswer` if it cannot be."""
        ending = wanted.name.rpartition(".")[2].lower() if "." in wanted.name else ""
        if came.size == 0:
            return _empty(ending, wanted)
        if may_be_page(came):
            return self._page(came, wanted, ending)
        if came.size < ERROR_SIZE and is_error(came.beginning):
            source = wanted.source()
            if ending not in _JSON or (source is not None and not source.lstrip(_BLANK).startswith(b"{")):
                raise BadAnswer("the server sent an error message in the place of the file: not stored")
            return "it reads like an error message of the server"
        return ""

    def _page(self, came: ReceivedFile, wanted: ExpectedFile, ending: str) -> str:
        source = wanted.source()
        source_is_none = source is not None and not _is_page(source)
        if ending in _STRICT or (source_is_none and ending not in _PAGES):
            self.pages_instead = True
            raise BadAnswer("the server sent a web page in the place of the file: not stored")
        first = self.pages.setdefault(came.digest, wanted.key) if came.digest else wanted.key
        if source_is_none:
            return "it is a web page, and its source is none"
        if source is None and ending not in _PAGES:
            return "it begins like a web page"
        if self.pages_instead:
            return "the server sends web pages in the place of other files"
        if first != wanted.key:
            return "the same page came for another file"
        return _of_a_page(came, wanted)


def _of_a_page(came: ReceivedFile, wanted: ExpectedFile) -> str:
    """Return the doubt about a page, where a page was requested."""
    title = _title(came.beginning)
    if _GUARD.search(title):
        return f"its title is {title!r}, as of a page that stands in the way"
    smallest = min(wanted.others(), default=0)
    if came.size * MUCH_SMALLER < smallest:
        return "it is much smaller than in the other languages"
    if _served_as_page(came) and _LOGIN.search(title):
        return f"its title is {title!r}, as of a page that asks for a log-in"
    return ""


def _empty(ending: str, wanted: ExpectedFile) -> str:
    if wanted.text_free or wanted.source() == b"":
        return ""
    if ending in _STRICT:
        raise BadAnswer("the server sent an empty file (0 bytes): not stored")
    return "it is empty (0 bytes)"


def may_be_page(came: ReceivedFile) -> bool:
    """Return whether a web page came, so that its digest is of interest."""
    return _is_page(came.beginning) or _served_as_page(came)


def _served_as_page(came: ReceivedFile) -> bool:
    """Return whether the headers declare a web page without a name: files have one."""
    begins = came.beginning.lstrip(_BLANK).startswith(b"<")
    return begins and came.media_type == "text/html" and not came.named


def _is_page(beginning: bytes) -> bool:
    return _PAGE.match(beginning.lstrip(_BLANK)) is not None


def _title(beginning: bytes) -> str:
    found = _TITLE.search(beginning)
    return sanitize(" ".join(found[1].decode("utf-8", "replace").split()), 60) if found else ""


def is_error(body: bytes) -> bool:
    """Return whether these bytes are a JSON error of one of the three APIs."""
    if not body.lstrip(_BLANK).startswith(b"{"):
        return False
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    members = {name.lower(): member for name, member in value.items()}
    if members.get("failed") is True and "message" in members:
        return True
    if members.keys() == {"message", "messagedetail"}:
        return True
    error = members.get("error")
    # a translated file may have a member named "error", but not exactly these members
    return (
        isinstance(error, dict) and members.keys() <= {"error", "reason"} and bool(error.keys() & _OF_ERRORS)
    )
