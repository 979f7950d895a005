"""Every private name of the HTTP library (httpx, httpcore, h11), each with what happens where it is missing.

`tests/wordbee/test_http_internals.py` holds what each does, and that answers are read without it.
"""

import sys
from importlib.util import find_spec
from typing import Any, Final, cast

_modules = cast("dict[str, Any]", sys.modules)
# None is the import system's word for "not to be had", and httpx provides for that: its own command line,
# which nobody calls here, loads click, rich and pygments where they are installed (35 ms). Without a module
# of this name nothing is left out.
_modules.setdefault("httpx._main", None)
# The library asks on each of its locks which event loop runs, by a package that is seldom installed. Looking
# for it in vain took 2 ms of each call; without it the answer is asyncio.
if find_spec("sniffio") is None:
    _modules.setdefault("sniffio", None)

TO_TRAILING_DATA: Final = (
    "_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state", "trailing_data"
)  # fmt: skip
"""From an answer's stream to what was read beyond its end; the library has no public way to it."""


def has_read_beyond(stream: object) -> bool:
    """Return whether bytes behind the end of an answer were read already; False where that cannot be seen."""
    for name in TO_TRAILING_DATA:
        stream = getattr(stream, name, None)
    return isinstance(stream, tuple) and bool(stream[:1]) and bool(stream[0])
