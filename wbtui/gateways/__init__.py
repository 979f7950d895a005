"""The gateways: Wordbee's services as the protocols of `ports.py`, and the decoders of their answers.

`decode_*` and `faults` are pure; `_http` alone knows the HTTP library; `_session` keeps tokens. Every
coroutine raises members of `errors.ServiceError`, and nothing else that is expected.
"""
