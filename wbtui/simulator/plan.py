"""The plan of a simulation: sizes, speed, seed, and the choices that the vendor's documents leave open."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Final, Literal

from wbtui.simulator.sample_names import LANGUAGES

Dialect = Literal["current", "older"]
ProjectKind = Literal["pass-through", "regular"]
ConnectAnswer = Literal["text", "string", "object"]
Removal = Literal["cancelled", "vanish"]
Repetition = Literal["same", "error"]
Reuse = Literal["many", "once"]
ByteRanges = Literal["none", "etag", "date"]

FASTEST: Final = 10_000
"""The highest speed: beyond it, work would take no time."""

CHOICES: Final = {
    "dialect": ("current", "older"),
    "project_kind": ("pass-through", "regular"),
    "connect_answer": ("text", "string", "object"),
    "instant_login_error": ("", "LOGIN_DISABLED", "LOGIN_EXPIRED", "LOGIN_BADIP", "LOGIN_NOACCESS_DOMAIN"),
    "deleted_records": ("cancelled", "vanish"),
    "repeated_hash": ("same", "error"),
    "upload_tokens": ("many", "once"),
    "byte_ranges": ("none", "etag", "date"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The description of a simulated Wordbee; raises ValueError for an invalid field.

    `speed` divides the durations of simulated work only; session idle times, the allowance's hour, the gaps
    between arrivals, removals and the 30-day purge stay as they are. All shares lie between 0 and 1.
    """

    files: int = 40
    """Beebox source files; there are files x locales records."""
    locales: int = 6
    """Target locales of the Beebox project, of the Flex documents and of the uploads."""
    operations: int = 24
    """Operations known to the Translator at the start, finished ones included."""
    requests: int = 30
    """Instant Translation requests at the start."""
    components: int = 60
    """Flex components, spread over the documents."""
    slots: int = 4
    """Operations of the Translator's queue that execute at the same time."""
    seed: int = 1
    speed: float = 1.0
    calls_per_hour: int = 1000
    """The Translator's allowance in any sliding hour."""
    other_calls_per_hour: int = 0
    """How much of that allowance others use up with the same key, at every moment."""
    operation_seconds: float = 30.0
    """Mean duration over the usual mix of exports, uploads and order archives."""
    pipeline_seconds: float = 0.0
    """About every so many seconds the simulated pipeline submits an operation; 0 for never."""
    foreign_seconds: float = 0.0
    """About every so many seconds others submit an operation whose id is not announced; 0 for never."""
    request_seconds: float = 0.0
    """About every so many seconds a request comes in through the web interface; 0 for never."""
    edit_seconds: float = 20.0
    """About every so many seconds (divided by speed) somebody edits a Flex component; 0 for never."""
    autorun_seconds: float = 60.0
    """Gap between the starts of two automatic runs of the Beebox (divided by speed)."""
    trm_list: bool = False
    """Whether `trm/list`, which is not publicly documented, exists and lists the operations."""
    dialect: Dialect = "current"
    """`older` answers with the other side of each contradiction in the documents."""
    project_kind: ProjectKind = "pass-through"
    connect_answer: ConnectAnswer = "text"
    """How the Beebox gives its token to a POST connect, which no page shows."""
    instant_login_error: str = ""
    """An error id with which Instant Translation refuses the right credentials."""
    finished_share: float = 0.2
    """Operations that have finished before the start."""
    failed_share: float = 0.1
    """Operations that end as Failed."""
    partial_share: float = 0.3
    """Uploads that finish with files that failed."""
    zero_id_share: float = 0.5
    """Ended operations that answer with request id 0."""
    null_info_share: float = 0.3
    """Failed operations without an error text."""
    quick_share: float = 0.1
    """Operations of the pipeline that are finished in the submitting call."""
    flex_failed_share: float = 0.0
    """Flex queries and pulls that end as Failed."""
    removal_share: float = 0.1
    """Instant Translation requests that somebody removes in the first quarter of an hour."""
    silent_bookmarks: bool = False
    """Whether a bookmark leaves the document's `dtchange` as it was."""

    quick_calls_share: float = 0.0
    """Operations submitted by API calls that are finished in the submitting call."""
    deleted_records: Removal = "cancelled"
    """What becomes of the records of a Beebox source that was deleted: status 10, or nothing remains."""
    repeated_hash: Repetition = "same"
    """What a second submission with a known `hash` gets: the existing request's id, or an error."""
    upload_tokens: Reuse = "many"
    """How often the token of an uploaded file can be submitted."""
    sparse_configuration: bool = False
    """Whether `it/configuration` holds no more than the sample of its page."""
    largest_upload: int = 50_000_000
    """Bytes of a file above which the Translator and Instant Translation refuse it."""
    byte_ranges: ByteRanges = "etag"
    """Whether parts of files can be asked for, and what tells that a file is still the same."""
    large_bytes: int = 0
    """Bytes that every downloaded file has at least; what is added does not compress well."""

    def __post_init__(self) -> None:
        for field in fields(self):
            _check(field.name, getattr(self, field.name))
        if self.locales > len(LANGUAGES) - 1:
            raise ValueError(f"locales must be at most {len(LANGUAGES) - 1}")

    def work(self, seconds: float) -> timedelta:
        """Return how long simulated work of that many seconds takes at this plan's speed."""
        return timedelta(seconds=seconds / self.speed)

    def chance(self, name: str) -> random.Random:
        """Return the seeded random numbers for one named purpose, the same for the same seed always."""
        return random.Random(f"{self.seed}/{name}")  # noqa: S311 - simulated data has to be repeatable


def _check(name: str, value: object) -> None:
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, CHOICES[name]))}")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return
    elif name in {"locales", "slots"} and value < 1:
        raise ValueError(f"{name} must be at least 1")
    elif name in {"speed", "operation_seconds"} and value <= 0:
        raise ValueError(f"{name} must be more than 0")
    elif name == "speed" and value > FASTEST:
        raise ValueError(f"speed must be at most {FASTEST}")
    elif name == "autorun_seconds" and value < 1:
        raise ValueError("autorun_seconds must be at least 1")
    elif name.endswith("_share") and not 0 <= value <= 1:
        raise ValueError(f"{name} must lie between 0 and 1")
    elif name != "seed" and value < 0:
        raise ValueError(f"{name} must not be negative")
