"""The desk of the command tests, for those against a real keyring."""

from __future__ import annotations

from tests.cli.conftest import desk, desk_for

__all__ = ["desk", "desk_for"]
