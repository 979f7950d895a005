"""What the screen may ask of the monitor: one frozen value per command, and who carries them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import FlexQuestion, ItemKey, Service
from wbtui.domain.records import ReadOperations, Tracked
from wbtui.domain.snapshot import Event, Novelty, RetryPlan


@dataclass(frozen=True, slots=True)
class ItemsCommand:
    """The base of the commands on items; most need no decorator of their own, which keeps the start short."""

    keys: tuple[ItemKey, ...]


@dataclass(frozen=True, slots=True)
class Refresh:
    """Look again at one service, or all with None, inside the floors."""

    service: Service | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop all calls and close all sessions until `Resume`."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on; what is shown counts as old until it has been read again."""


@dataclass(frozen=True, slots=True)
class AskFlex:
    """Change what is asked of Flex."""

    question: FlexQuestion


@dataclass(frozen=True, slots=True)
class Track:
    """Watch these operations; when the answer comes, they are on disk."""

    items: tuple[Tracked, ...]


class Forget(ItemsCommand):
    """Stop watching these operations; nothing changes on the server."""

    __slots__ = ()


class UndoForget(ItemsCommand):
    """Watch operations again that `Forget` took away in this run of the program."""

    __slots__ = ()


class ToggleAlert(ItemsCommand):
    """Alert the user when these items are done, or no longer if all of them have an alert already."""

    __slots__ = ()


class Prefer(ItemsCommand):
    """Ask for these items before others where all cannot be asked for at once, until the next `Prefer`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Put a line into Activity; the answer is empty."""

    event: Event


@dataclass(frozen=True, slots=True)
class DownloadItems(ItemsCommand):
    """Queue downloads, of the other deliverable with `other`; refusals stand in `Snapshot.outcomes`."""

    other: bool = False


class DownloadReady(ItemsCommand):
    """Queue the downloads of those among these items that are ready."""

    __slots__ = ()


class AcceptDoubtful(ItemsCommand):
    """Give files that were stored as doubtful their final names; nothing is asked of a server."""

    __slots__ = ()


class StopDownloads(ItemsCommand):
    """Stop downloads that wait or are under way; nothing changes on a server."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Retry(ItemsCommand):
    """Send items again, a Beebox file once for all of its languages; `Snapshot.outcomes` has the results."""

    sources: Mapping[ItemKey, Path] = field(default_factory=lambda: MappingProxyType({}))
    """A file, or a folder of files, where one is needed."""
    again: frozenset[ItemKey] = frozenset()
    """The items that may be sent once more although they were sent again already and did not fail."""


class Cancel(ItemsCommand):
    """Cancel items, a Beebox file once for all of its languages; `Snapshot.outcomes` has the results."""

    __slots__ = ()


Command: TypeAlias = (
    Refresh
    | Pause
    | Resume
    | AskFlex
    | Track
    | Forget
    | UndoForget
    | ToggleAlert
    | Prefer
    | Note
    | DownloadItems
    | DownloadReady
    | AcceptDoubtful
    | StopDownloads
    | Retry
    | Cancel
)

Handlers: TypeAlias = Mapping[type[Command], Callable[[Any], str]]
"""By the type of a command, what carries it out and returns words for the message line."""


class MonitorCommands(Protocol):
    """What the screen may ask of the monitor."""

    def do(self, command: Command) -> str:
        """Carry out a command, or refuse it; return at once with words for the message line."""

    async def closed(self) -> None:
        """Wait until the sessions that `Pause` closes are closed."""

    def read_operations(self, raw: bytes) -> ReadOperations:
        """Return the operations that a text or a file names, as `wbtui track -` reads them."""

    async def whats_new(self, service: Service) -> Novelty:
        """Return what of a service was made since the last time; `DownloadItems` fetches it.

        The next time it is what was made since then, but for what was not fetched. Long lists take a moment.
        """

    async def retry_plan(
        self, keys: Sequence[ItemKey], sources: Mapping[ItemKey, Path]
    ) -> Mapping[ItemKey, RetryPlan]:
        """Return what `Retry` with these sources would send for each item, and what speaks against it.

        The sources are looked for beside the event loop: a folder may be slow.
        """
