"""Larger worlds, made by rule and always the same: for pictures, sizes and measurements."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

from tests.tui import scenes
from wbtui.domain.item_keys import beebox_key, flex_key
from wbtui.domain.model import BeeboxFile, FlexComponent, State
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import Event, Level, Snapshot

LOCALES = ("cs", "da", "de", "es", "fi", "fr", "it", "ja", "ko", "nl", "pl", "pt-BR", "sv", "zh-Hans")

FORTY = (
    *("ar", "bg", "ca", "cs", "da", "de", "de-AT", "de-CH", "el", "en-GB", "es", "es-MX", "et", "fi"),
    *("fr", "fr-CA", "he", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "nb", "nl", "pl"),
    *("pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "uk", "vi"),
)

FOLDERS = {
    "autumn-campaign": ("hero.html", "landing.html", "newsletter-1.docx", "newsletter-2.docx", "terms.docx"),
    "catalogue-2026": ("bathroom.indd", "bedroom.indd", "garden.indd", "kitchen.indd", "price-list.xlsx"),
    "help-centre\\faq": ("delivery.md", "payment.md", "returns.md", "warranty.md"),
    "legal": ("cookies.docx", "imprint.docx", "privacy-policy.docx", "Nutzungsbedingungen für Händler.docx"),
    "manuals\\K300": ("assembly.docx", "cleaning.docx", "safety-instructions.docx", "取扱説明書.docx"),
    "store-app": ("android-strings.xml", "ios-strings.strings", "release-notes.md"),
}  # fmt: skip

_STEPS = (
    (1, "Uptodate", State.READY),
    (7, "Translated", State.DONE),
    (6, "In progress", State.RUNNING),
    (5, "Submitting", State.WAITING),
    (4, "New", State.WAITING),
)


def _status(chance: random.Random, progress: float) -> tuple[int, str, State]:
    """Draw a state: the further a folder is, the more is ready; now and then one has failed."""
    draw = chance.random()
    if draw < 0.018:
        return 8, "Error", State.FAILED
    if draw < 0.024:
        return 10, "Cancelled", State.CANCELLED
    place = chance.gauss((1.0 - progress) * 4.4, 0.75)
    return _STEPS[max(0, min(len(_STEPS) - 1, round(place)))]


def file_of(path: str, locale: str, status: tuple[int, str, State], words: int, number: int) -> BeeboxFile:
    code, name, state = status
    return BeeboxFile(
        key=beebox_key(locale, path),
        path=path,
        locale=locale,
        state=state,
        status=code,
        status_name=name,
        words=words,
        segments=words // 9,
        source_age=300.0 + number % 900,
        made_age=8.0 + number % 200 if state is State.READY else None,
        error="No text found in the file." if state is State.FAILED else "",
        seen_at=scenes.ago(seconds=30),
    )


def files(locales: tuple[str, ...] = LOCALES) -> tuple[BeeboxFile, ...]:
    chance = random.Random(4)
    made: list[BeeboxFile] = []
    for place, (folder, names) in enumerate(FOLDERS.items()):
        for name in names:
            words = chance.randrange(60, 9000)
            for index, locale in enumerate(locales):
                progress = 1.2 - place * 0.16 - (index * 5 % 7) * 0.045
                status = _status(chance, progress)
                made.append(file_of(f"{folder}\\{name}", locale, status, words, len(made)))
    return tuple(made)


def components() -> tuple[FlexComponent, ...]:
    chance = random.Random(11)
    names = (
        *(
            "app.home.title",
            "app.login.button",
            "app.login.hint",
            "app.logout",
            "basket.empty",
            "basket.total",
        ),
        *("checkout.address", "checkout.payment", "checkout.summary", "error.network", "error.session"),
        *(
            "mail.confirmation.body",
            "mail.confirmation.subject",
            "mail.reset.body",
            "menu.help",
            "menu.orders",
        ),
        *("product.availability", "product.reviews", "search.no-result", "search.placeholder"),
    )
    made = []
    for name in names:
        segments = chance.randrange(1, 40)
        for locale in LOCALES[:9]:
            if chance.random() < 0.12:
                continue
            complete = chance.random() < 0.74
            made.append(
                FlexComponent(
                    key=flex_key("1000", locale, name),
                    document="1000",
                    component=name,
                    locale=locale,
                    state=State.READY if complete else State.RUNNING,
                    segments=segments,
                    matching=segments if complete else chance.randrange(segments),
                )
            )
    return tuple(made)


@cache
def poster() -> Snapshot:
    health = {service: replace(each) for service, each in scenes.health().items()}
    return scenes.snapshot(beebox=files(), flex=components(), health=health)


def forty_locales() -> Snapshot:
    return scenes.snapshot(beebox=files(FORTY))


HOSTILE = (
    "[red]x[/]",
    "a [/oops] b",
    "[@click=app.quit]go[/]",
    "clear\x1b[2J\x1b[H\x1b[31mred",
    "clip\x1b]52;c;aGFoYQ==\x07and\x1b]0;title\x1b\\",
    "c1\x9b31m \x9d52;c;eA==\x9c",
    "nul\x00del\x7fbell\x07back\x08",
    "bidi\u202egnp.exe\u2066x\u200bzero\ufeff",
    "two\nlines\rhere\u2028and\u2029there\x85",
    "long" + "x" * 10_000,
    "wide 漢字かな交じり文 e\u0301\u0301\u0301\u0301\u0301\u0301",
    "surrogate \ud800 tag \U000e0041",
)
"""Names as a hostile server may send them; decoders pass each through `sanitize`."""


def hostile() -> Snapshot:
    """A Beebox whose every text is hostile, as it leaves the decoders."""
    names = tuple(sanitize(name) for name in HOSTILE)
    made = []
    for number, name in enumerate(names):
        for locale in (name, "fr", sanitize("d\x1be")):
            item = file_of(f"{name}\\{name}", locale, _STEPS[number % 5], 100 + number, number)
            made.append(replace(item, locale_name=name, error=name, status_name=name, info=name))
    flex = tuple(
        FlexComponent(flex_key(name, name, name), name, name, name, State.READY, segments=3) for name in names
    )
    operations = tuple(
        scenes.operation(6000 + number, State.FAILED, label=name, kind=name)
        for number, name in enumerate(names)
    )
    events = tuple(
        Event(scenes.AT, Level.ERROR, name, name, id=number + 1) for number, name in enumerate(names)
    )
    return scenes.snapshot(
        beebox=tuple(made), flex=flex, operations=operations, events=events, server=names[3], places={}
    )


def many(count: int, locales: int = 20) -> tuple[BeeboxFile, ...]:
    """`count` files in so many locales each."""
    chance = random.Random(count)
    codes = FORTY[:locales]
    return tuple(
        file_of(
            f"batch-{number // 100:04}\\part {number % 100:02} of the text.docx",
            locale,
            _status(chance, 0.7),
            chance.randrange(5000),
            number,
        )
        for number in range(count)
        for locale in codes
    )
