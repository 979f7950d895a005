"""Realistic names: languages, files, Flex components, orders and error texts."""

from __future__ import annotations

import random
from typing import Final

SOURCE: Final = "en"

LANGUAGES: Final[dict[str, dict[str, str]]] = {
    "en": {"en": "English", "fr": "Anglais", "de": "Englisch"},
    "fr": {"en": "French", "fr": "Français", "de": "Französisch"},
    "de": {"en": "German", "fr": "Allemand", "de": "Deutsch"},
    "zh-CN": {"en": "Chinese (China)", "fr": "Chinois (Chine)", "de": "Chinesisch (China)"},
    "es-ES": {"en": "Spanish (Spain)", "fr": "Espagnol (Espagne)", "de": "Spanisch (Spanien)"},
    "it": {"en": "Italian", "fr": "Italien", "de": "Italienisch"},
    "ja": {"en": "Japanese", "fr": "Japonais", "de": "Japanisch"},
    "pt-BR": {"en": "Portuguese (Brazil)", "fr": "Portugais (Brésil)", "de": "Portugiesisch (Brasilien)"},
    "nl": {"en": "Dutch", "fr": "Néerlandais", "de": "Niederländisch"},
    "pl": {"en": "Polish", "fr": "Polonais", "de": "Polnisch"},
    "ko": {"en": "Korean", "fr": "Coréen", "de": "Koreanisch"},
    "zh-HK": {"en": "Chinese (Hong Kong)", "fr": "Chinois (Hong Kong)", "de": "Chinesisch (Hongkong)"},
    "sv": {"en": "Swedish", "fr": "Suédois", "de": "Schwedisch"},
    "cs": {"en": "Czech", "fr": "Tchèque", "de": "Tschechisch"},
    "fr-CA": {"en": "French (Canada)", "fr": "Français (Canada)", "de": "Französisch (Kanada)"},
    "ar": {"en": "Arabic", "fr": "Arabe", "de": "Arabisch"},
    "tr": {"en": "Turkish", "fr": "Turc", "de": "Türkisch"},
    "da": {"en": "Danish", "fr": "Danois", "de": "Dänisch"},
    "fi": {"en": "Finnish", "fr": "Finnois", "de": "Finnisch"},
    "hu": {"en": "Hungarian", "fr": "Hongrois", "de": "Ungarisch"},
    "uk": {"en": "Ukrainian", "fr": "Ukrainien", "de": "Ukrainisch"},
    "he": {"en": "Hebrew", "fr": "Hébreu", "de": "Hebräisch"},
    "sr-Latn-RS": {
        "en": "Serbian (Latin, Serbia)",
        "fr": "Serbe (latin, Serbie)",
        "de": "Serbisch (Lateinisch, Serbien)",
    },
    "el": {"en": "Greek", "fr": "Grec", "de": "Griechisch"},
    "ro": {"en": "Romanian", "fr": "Roumain", "de": "Rumänisch"},
    "th": {"en": "Thai", "fr": "Thaï", "de": "Thailändisch"},
}
"""Language code to titles in the languages of the user interface; the first is the source language."""

SPECIAL_FILES: Final = (
    "batch-7\\intro.docx",
    "batch-7\\Kapitel 2 – Überblick.docx",
    "batch-7\\annexes\\Annexe A (révision 3).docx",
    "Handbücher\\Bedienungsanleitung Kühlgerät KG-40 (Entwurf).docx",
    "Handbücher\\Größentabelle & Maße.xlsx",
    "产品手册\\安装指南.docx",
    "产品手册\\常见问题解答.html",
    "日本語\\取扱説明書 第2版.docx",
    "マニュアル\\はじめに.md",
    "한국어\\사용 설명서.pptx",
    "Русский\\Инструкция по эксплуатации.docx",
    "legal\\2026\\General Terms and Conditions of Sale and Delivery for Business Customers outside the "
    "European Economic Area, consolidated version including all amendments up to 31 March 2026 FINAL v7 "
    "(clean).docx",
    "press\\Wir sind 25! Jubiläum – Rede der Geschäftsführung.docx",
    "web\\index.html",
    "web\\100% natural.html",
    "web\\q&a.html",
    "web\\c++ & c#.html",
    "web\\prices_€.html",
    "ui\\strings.resx",
    "ui\\a.htm",
    "ui\\b.htm",
    "training\\Module 01\\Slides\\Module 01 – Slides (with notes).pptx",
    "training\\Module 01\\Quiz\\Quiz #1.xlsx",
    "marketing\\Spring campaign\\l'été arrive ;-).docx",
    "marketing\\Spring campaign\\newsletter 2026-03 [final] [final2].html",
    "Kopie von Preisliste (1).xlsx",
    "README",
    ".hidden\\notes.txt",
    "dita\\t_install_the_pump.dita",
    "xml\\product-4711.xml",
)

_FOLDERS: Final = (
    "batch-7",
    "batch-8",
    "batch-9\\urgent",
    "job-200",
    "web\\pages",
    "web\\blog\\2026",
    "help\\en",
    "help\\en\\topics",
    "Handbücher",
    "Datenblätter\\Pumpen",
    "marketing\\Spring campaign",
    "legal\\contracts",
    "training\\Module 02",
    "产品手册",
    "release notes",
    "ui",
)
_STEMS: Final = (
    "intro",
    "overview",
    "Getting started",
    "installation guide",
    "quick-start",
    "user manual",
    "Safety instructions",
    "Wartungsplan",
    "Übersicht Ersatzteile",
    "Störungsbehebung",
    "faq",
    "privacy policy",
    "terms of use",
    "press release",
    "case study Müller & Söhne",
    "white paper",
    "datasheet",
    "product sheet KG-40",
    "fiche technique",
    "guide d'entretien",
    "t_replace_filter",
    "c_about_pressure",
    "home",
    "checkout",
    "contact us",
    "newsletter",
    "onboarding",
    "release",
    "常见问题",
    "お知らせ",
)
_ENDINGS: Final = (".docx", ".html", ".xlsx", ".pptx", ".xml", ".md", ".json", ".idml", ".xlf", ".dita")


def file_names(count: int, chance: random.Random) -> list[str]:
    """Return that many different relative paths with backslash folders, a third of them peculiar."""
    special = list(SPECIAL_FILES[1:])
    chance.shuffle(special)
    names = [SPECIAL_FILES[0], *special[: max(0, count // 3 - 1)]][:count]
    seen = set(names)
    while len(names) < count:
        name = _file_name(chance, len(names))
        if name not in seen:
            seen.add(name)
            names.append(name)
    chance.shuffle(names)
    return names


def _file_name(chance: random.Random, number: int) -> str:
    form = chance.choice(("{0}", "{0} {1}", "{0}-{1:03d}", "{0} v{1}", "{0}_{1}"))
    stem = form.format(chance.choice(_STEMS), number + 1)
    return f"{chance.choice(_FOLDERS)}\\{stem}{chance.choice(_ENDINGS)}"


_SECTIONS: Final = (
    "app",
    "app.settings",
    "frontend",
    "backend",
    "software",
    "shop.checkout",
    "mail",
    "Hilfe",
)
_PARTS: Final = (
    "login",
    "cart",
    "module",
    "sql",
    "classes",
    "interface",
    "library",
    "page1.js",
    "errors",
    "größen",
    "onboarding step",
    "footer",
    "tooltips",
    "pushNotifications",
    "用户界面",
    "legal",
)


def component_names(count: int, chance: random.Random) -> list[str]:
    """Return that many different Flex component ids, in the dotted style of the vendor's samples."""
    names = ["app.login", "app.cart", "frontend.module1", "backend.sql", "software.interface"][:count]
    seen = set(names)
    while len(names) < count:
        name = f"{chance.choice(_SECTIONS)}.{chance.choice(_PARTS)}"
        if name in seen:
            name = f"{name}{len(names) + 1}"
        seen.add(name)
        names.append(name)
    return names


def base_name(path: str) -> str:
    """Return the last part of a backslash path."""
    return path.rsplit("\\", 1)[-1]


def title(locale: str, ui: str = "en") -> str:
    """Return a language's title in one of the user interface's languages, in English if it has none."""
    titles = LANGUAGES[locale]
    return titles.get(ui, titles["en"])


def targets(count: int) -> tuple[str, ...]:
    """Return the first so many target locales."""
    return tuple(code for code in LANGUAGES if code != SOURCE)[:count]


OPERATION_ERRORS: Final = (
    "Parameter 'scope' is missing",
    "The project is archived and cannot be exported.",
    "Object reference not set to an instance of an object.",
    "The operation was stopped by an administrator.",
    "Timeout expired. The timeout period elapsed prior to completion of the operation.",
    "Die Datei »Größentabelle & Maße.xlsx« ist gesperrt.",
)
FILE_ERRORS: Final = (
    "No segments.",
    "Failed to process file. No segments.",
    "The file name is too long or contains invalid characters.",
    "Badly formatted XML: 'p' start tag on line 12 does not match the end tag of 'div'.",
)
BEEBOX_ERRORS: Final = (
    "No text found",
    "The file is password-protected.",
    "The file is corrupt and cannot be opened: unexpected end of archive.",
    "File type '.idml' is not configured in the project.",
)
