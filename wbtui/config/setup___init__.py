"""A new profile: from what a user typed to the text of a configuration (`drafts`), and into it (`file`)."""

from __future__ import annotations

from wbtui.config.write import full_url, text_of, write_profile

__all__ = ["full_url", "text_of", "write_profile"]
