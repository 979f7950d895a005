"""The gateways: Wordbee's services as the protocols of `ports.py`, and the decoders of their answers.

`decode_*` and `faults` are pure; `_http` alone speaks to the HTTP library; `_session` keeps tokens. Every
coroutine raises members of `errors.ServiceError`, and nothing else that is expected, but for `SourceError`
where a local file that is to be sent cannot be read.
"""

from wbtui.wordbee import http_internals as http_internals  # before anything imports httpx
