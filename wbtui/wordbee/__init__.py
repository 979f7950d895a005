"""The client: the services of Wordbee behind the protocols of `domain/ports.py`, and the decoders.

The decoders (`decode_*`) and `errors.py` are pure; only `http.py` uses the HTTP library; `session.py` keeps
tokens. Every coroutine raises members of `domain.errors.ServiceError`, or `SourceError` where a local file to
be sent cannot be read.
"""

import sys
from typing import Any, cast

_modules = cast("dict[str, Any]", sys.modules)
# None marks a module as unavailable to the import system, which httpx handles. The command line of httpx is
# not used here, and would load click, rich and pygments where they are installed (35 ms).
_modules.setdefault("httpx._main", None)
