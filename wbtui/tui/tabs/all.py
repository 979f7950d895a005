"""The tabs, in the order in which they stand."""

from __future__ import annotations

from typing import Final

from wbtui.tui.tabs.activity import ACTIVITY
from wbtui.tui.tabs.beebox import BEEBOX
from wbtui.tui.tabs.flex import FLEX
from wbtui.tui.tabs.instant import INSTANT
from wbtui.tui.tabs.operations import OPERATIONS

TABS: Final = (OPERATIONS, BEEBOX, INSTANT, FLEX, ACTIVITY)
ITEM_TABS: Final = tuple((tab, tab.service) for tab in TABS if tab.service is not None)
"""The tabs that show the items of a service, each with its service."""
