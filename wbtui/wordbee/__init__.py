"""The client: the services of Wordbee behind the protocols of `domain/ports.py`, and the decoders.

The decoders (`decode_*`) and `errors.py` are pure; only `http.py` uses the HTTP library; `session.py` keeps
tokens. Every coroutine raises members of `domain.errors.ServiceError`, or `SourceError` where a local file to
be sent cannot be read.
"""

from wbtui.wordbee import http_internals as http_internals  # before anything imports httpx
