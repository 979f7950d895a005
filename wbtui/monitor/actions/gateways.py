"""The services as acting uses them; what a profile lacks, or may not write to, is None."""

from __future__ import annotations

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.ports import (
    BeeboxFilesGateway,
    BeeboxWriter,
    InstantFilesGateway,
    InstantWriter,
    MediaGateway,
    PullGateway,
    TranslatorWriter,
)


@dataclass(slots=True)
class Gateways:
    """Filled while the services of a profile are connected; the writers stay None if it is read-only."""

    media: MediaGateway | None = None
    pull: PullGateway | None = None
    beebox: BeeboxFilesGateway | None = None
    instant: InstantFilesGateway | None = None
    translator_writer: TranslatorWriter | None = None
    beebox_writer: BeeboxWriter | None = None
    instant_writer: InstantWriter | None = None
