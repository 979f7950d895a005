"""The state of a profile as the store kept it, before any service is connected."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from wbtui.config import Profile
from wbtui.domain.clock import Clock
from wbtui.domain.model import Service
from wbtui.domain.ports import Publish, Store
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import Health, HealthWord
from wbtui.monitor.monitor_state import MonitorState, ProfileInfo
from wbtui.monitor.stored_health import left_healths


def make_state(
    profile: Profile,
    store: Store,
    clock: Clock,
    publish: Publish,
    *,
    demo: bool = False,
) -> MonitorState:
    """Return the state of a profile with what the store kept; makes no call."""
    server = urlsplit(profile.translator.url).hostname or "" if profile.translator else ""
    folder = sanitize(str(profile.downloads), 1000)
    info = ProfileInfo(profile.name, server, profile.read_only, demo, profile.danger, folder)
    if profile.instant:
        info = replace(info, purge_days=profile.instant.purge_days)
    state = MonitorState(info, clock, store, publish)
    if profile.translator:
        state.question = profile.translator.flex.question()
    for service in Service:
        if service not in profile.services():
            section = f"[profiles.{profile.name}.{service.account}]"
            state.health[service] = Health(
                HealthWord.OFF,
                message="not set up in this profile",
                advice=f"Add {section} to the configuration.",
            )
    state.load(profile.services())
    left = left_healths(store)
    for service in profile.services():
        read_at = _last_read(state, service, left.get(service))
        state.health[service] = Health(HealthWord.CONNECTING, read_at=read_at)
    return state


def _last_read(state: MonitorState, service: Service, left: Health | None) -> datetime | None:
    """Return when a service was read last, as far as the store knows."""
    seen = [item.seen_at for item in state.items(service) if item.seen_at]
    if left is not None and left.read_at is not None:
        seen.append(left.read_at)
    return max(seen, default=None)
