"""The user of the command tests, for those against a real keyring."""

from __future__ import annotations

from tests.cli.conftest import user, user_for

__all__ = ["user", "user_for"]
