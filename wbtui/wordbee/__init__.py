"""The gateways: Wordbee's services as the protocols of `ports.py`, and the decoders of their answers.

`decode_*` and `faults` are pure; `_http` alone speaks to the HTTP library; `_session` keeps tokens. Every
coroutine raises members of `errors.ServiceError`, and nothing else that is expected, but for `SourceError`
where a local file that is to be sent cannot be read.
"""

import sys
from typing import Any, cast

_modules = cast("dict[str, Any]", sys.modules)
# None is the import system's word for "not to be had", and httpx provides for that: its own command line,
# which nobody calls here, loads click, rich and pygments where they are installed (35 ms).
_modules.setdefault("httpx._main", None)
