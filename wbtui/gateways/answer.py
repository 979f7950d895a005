"""What a service answered, before anybody has looked into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from wbtui.gateways.wirejson import Node, load


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in lower case) and body of one HTTP answer.

    The body may hold a token, so the value prints neither body nor headers.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def good(self) -> bool:
        """Tell whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Node:
        """Return the body's JSON value; raises `BadAnswer`."""
        return load(self.body)
