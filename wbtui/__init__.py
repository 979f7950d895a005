"""A live terminal monitor for Wordbee translation pipelines."""

__version__ = "0.1.0"
