"""The queue of downloads as values: what waits, what is under way, and where each file will lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.item_keys import find_service, id_part, path_part
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import BeeboxFile, FlexComponent, InstantRequest, Item, ItemKey, Operation, Service
from wbtui.domain.ports import Arriving, Records
from wbtui.domain.records import Fetched
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import Download, DownloadState
from wbtui.files.names import distinguished, folded, safe_path
from wbtui.monitor.actions.parts import FileParts

JobKey = tuple[ItemKey, bool]
"""An item, and whether its other deliverable is meant."""

ENDED_KEPT: Final = 5000
"""Ended downloads that stay in the list."""


@dataclass(eq=False, slots=True)
class DownloadJob:
    """One download; `transfer` is what the screen shows of it."""

    item: Item
    transfer: Download
    began: float = 0.0
    """Monotonic seconds at which bytes began to come."""
    forerunner: ItemKey | None = None
    """The failed pull that this one repeats."""
    tries: int = 0
    """How often a passing fault of the server has sent it back into the queue."""
    not_before: float = 0.0
    """Monotonic seconds before which it is left alone: another download of the same file is under way."""
    waits: int = 0
    """How often it has waited for that."""
    slow: bool = False
    """Whether its first byte took longer than a whole batch may; it then has a session of its own."""
    until: float = float("inf")
    """Monotonic seconds at which a file that can be gone on with is left for the next session."""
    begun: bool = False
    """Whether anything of it has come, in this try or an earlier one."""
    kept: int = 0
    """Bytes that lay on the disk when it was last cut off."""
    shown_at: float = float("-inf")
    """Monotonic seconds at which its progress was last shown."""
    best: int = 0
    """The most bytes that have lain on the disk so far."""
    cuts: int = 0
    """How often it was cut off since it last gained anything."""

    @property
    def key(self) -> JobKey:
        """Return what tells it from other downloads."""
        return self.item.key, self.transfer.other

    @property
    def waiting(self) -> bool:
        """Return whether it has not been started yet."""
        return self.transfer.state is DownloadState.WAITING


def wire_path(item: BeeboxFile) -> str:
    """Return the path of a Beebox file as requests need it."""
    return item.wire_path or item.path


def wire_component(item: FlexComponent) -> str:
    """Return a component's name as requests need it."""
    return item.wire_component or item.component


@dataclass(slots=True)
class DownloadQueue:
    """All downloads of this run, in the order in which they were asked for."""

    clock: Clock
    forgotten: int = 0
    """Ended downloads that are in the list no more."""
    _jobs: dict[JobKey, DownloadJob] = field(default_factory=dict)
    _unfinished: dict[Service, dict[JobKey, DownloadJob]] = field(
        default_factory=lambda: {service: {} for service in Service}
    )
    """Those of them that have not ended: among thousands each step looks at a few."""

    def __iter__(self) -> Iterator[DownloadJob]:
        return iter(self._jobs.values())

    def add(self, item: Item, *, other: bool, forerunner: ItemKey | None = None) -> bool:
        """Queue a download, unless it is queued or under way; return whether it was."""
        known = self._jobs.get((item.key, other))
        if known is not None and not known.transfer.ended:
            return False
        transfer = Download(item.key, item.service, sanitize(item.full_name), other=other)
        self._jobs.pop((item.key, other), None)  # asked for anew, it stands at the end
        job = DownloadJob(item, transfer, forerunner=forerunner)
        self._jobs[job.key] = self._unfinished[item.service][job.key] = job
        self._forget_old()
        return True

    def waiting(self, service: Service) -> list[DownloadJob]:
        """Return the waiting downloads of one service."""
        return list(self._waiting(service))

    def first_waiting(self, service: Service) -> DownloadJob | None:
        """Return the first waiting download of one service."""
        return next(self._waiting(service), None)

    def _waiting(self, service: Service) -> Iterator[DownloadJob]:
        now = self.clock.monotonic()
        mine = self._unfinished[service].values()
        return (job for job in mine if job.waiting and job.not_before <= now)

    def next_at(self) -> float | None:
        """Return when the next download may go on that is left alone until then."""
        now = self.clock.monotonic()
        return min(
            (j.not_before for j in self.unfinished() if j.waiting and j.not_before > now), default=None
        )

    def unfinished(self, *services: Service) -> list[DownloadJob]:
        """Return what waits or is under way, of these services or of all."""
        return [job for service in services or Service for job in self._unfinished[service].values()]

    def any_unfinished(self) -> bool:
        """Return whether anything waits or is under way."""
        return any(self._unfinished.values())

    def of(self, keys: Iterable[ItemKey]) -> list[DownloadJob]:
        """Return the unfinished downloads of these items."""
        wanted = set(keys)
        return [job for job in self.unfinished() if job.item.key in wanted]

    def note(self, job: DownloadJob, state: DownloadState, note: str = "") -> None:
        """Change a download's state."""
        change = replace(job.transfer, state=state, note=note)
        if state is DownloadState.RUNNING:
            job.began = self.clock.monotonic()
            change = replace(change, received=0, size=None, rate=0.0)
        elif change.ended:
            change = replace(change, ended_at=self.clock.now())
            self._unfinished[job.transfer.service].pop(job.key, None)
        job.transfer = change

    def postpone(self, job: DownloadJob) -> None:
        """Put a download behind all others."""
        for jobs in (self._jobs, self._unfinished[job.transfer.service]):
            jobs[job.key] = jobs.pop(job.key)

    def progress(self, job: DownloadJob, received: int, size: int | None) -> None:
        """Record how many bytes have come."""
        seconds = self.clock.monotonic() - job.began
        rate = received / seconds if seconds > 0 else 0.0
        job.transfer = replace(job.transfer, received=received, size=size, rate=rate)

    def place(self, job: DownloadJob, path: tuple[str, ...]) -> None:
        """Record where the file will lie."""
        job.transfer = replace(job.transfer, path=sanitize("/".join(path)))

    def transfers(self) -> tuple[Download, ...]:
        """Return what the screen shows."""
        return tuple(job.transfer for job in self)

    def _forget_old(self) -> None:
        too_many = len(self._jobs) - sum(map(len, self._unfinished.values())) - ENDED_KEPT
        if too_many <= 0:
            return
        ended = [key for key, job in self._jobs.items() if job.transfer.ended]
        for key in ended[:too_many]:
            del self._jobs[key]
            self.forgotten += 1


class Places:
    """Which path below the download folder belongs to which item; no two items share one."""

    def __init__(self, records: Records, parts: FileParts) -> None:
        self.parts: Final = parts
        self.fetched: dict[JobKey, Fetched] = {(f.key, f.other): f for f in records.fetched()}
        self._owners: dict[str, str] = {
            f.place: _owner_of_key(f.key, other=f.other) for f in self.fetched.values()
        }
        self._records = records

    def path(self, item: Item, *, other: bool, arriving: Arriving | None = None) -> tuple[str, ...]:
        """Return where a file lies, and hold the place for it."""
        wanted = _wanted_path(item, other=other, arriving=arriving)
        owner = _owner_of_key(item.key, other=other)
        for path in (wanted, distinguished(wanted, owner)):
            if self._owners.setdefault(folded(path), owner) == owner:
                return path
        raise AssertionError("a digest of the owner is the owner's alone")

    def sizes_of(self, key: ItemKey) -> list[int]:
        """Return the sizes of a Beebox file in the other languages, of those that were fetched."""
        path = path_part(key)
        others = ((each, f) for (each, other), f in list(self.fetched.items()) if not other and not f.doubt)
        same = ((each, f) for each, f in others if each.endswith(path) and each != key)
        files = ((each, f) for each, f in same if find_service(each) is Service.BEEBOX)
        return [f.size for each, f in files if path_part(each) == path]

    def save(self, fetched: Fetched) -> None:
        """Remember that a file was fetched."""
        self.fetched[fetched.key, fetched.other] = fetched
        self._records.save_fetched(fetched)

    def look_at(self, path: tuple[str, ...]) -> None:
        """Read what another process has fetched to one place meanwhile."""
        for found in self._records.fetched_at(folded(path)):
            self.fetched[found.key, found.other] = found

    def look_again(self) -> None:
        """Read what another process has fetched meanwhile."""
        for found in self._records.fetched():
            known = self.fetched.get((found.key, found.other))
            if known is None or known.at < found.at:
                self.fetched[found.key, found.other] = found
                self._owners.setdefault(found.place, _owner_of_key(found.key, other=found.other))


def _owner_of_key(key: ItemKey, *, other: bool) -> str:
    """Return who owns a place: the item, and its other deliverable apart."""
    return f"{key}#other" if other else key


def _wanted_path(item: Item, *, other: bool, arriving: Arriving | None) -> tuple[str, ...]:
    """Return the path of the design's section 5."""
    if isinstance(item, Operation):
        given = (arriving.name if arriving else "") or item.reading.file_name
        number = str(item.request_id) if item.request_id else id_part(item.key)
        return safe_path(("operations", number), given or f"{number}{_ending(arriving)}", folders=False)
    if isinstance(item, BeeboxFile):
        own = ("beebox", item.locale, "preliminary") if other else ("beebox", item.locale)
        return safe_path(own, wire_path(item))
    if isinstance(item, InstantRequest):
        name = f"{item.request_id} post-edit {item.name}" if other else f"{item.request_id} {item.name}"
        return safe_path(("instant", item.target or "unknown"), name, folders=False)
    own = ("flex", item.document, item.locale)
    return safe_path(own, f"{wire_component(item)}.json", folders=False)


def _ending(arriving: Arriving | None) -> str:
    endings = {"application/json": ".json", "application/zip": ".zip", "application/xml": ".xml"}
    return endings.get(arriving.media_type, "") if arriving else ""
