from __future__ import annotations

from typing import Any

from tests.simulator.caller import Caller, read
from wbtui.simulator.http_messages import Reply

NEW = "/api/projects/165/workflows/new"
CERTAIN = {"operations": 0, "failed_share": 0.0, "partial_share": 0.0, "locales": 3}


def certain(**plan: Any) -> Caller:
    return Caller(**(CERTAIN | plan))


def form(name: str, content: bytes, part: str = 'name="file"') -> tuple[dict[str, str], bytes]:
    head = f'Content-Disposition: form-data; {part}; filename="{name}"\r\nContent-Type: x/y'.encode()
    body = b"--b0und\r\n" + head + b"\r\n\r\n" + content + b"\r\n--b0und--\r\n"
    return {"content-type": "multipart/form-data; boundary=b0und"}, body


def upload(caller: Caller, name: str, content: bytes, **query: str) -> Reply:
    kind, body = form(name, content)
    return caller.translator("POST", "/api/media/upload", body, caller.login() | kind, **query)


def token(caller: Caller, content: bytes = b"<p>Hello</p>") -> str:
    value: str = read(upload(caller, "a.htm", content))["result"]["token"]
    return value


def payload(caller: Caller, *names: str, content: bytes = b"<p>Hello</p>", **more: Any) -> dict[str, Any]:
    files = [{"token": token(caller, content), "name": name} for name in names or ("ui/new.htm",)]
    return {"files": files, "src": "en", "trgs": ["fr", "de"]} | more


def post(caller: Caller, path: str, body: Any = None) -> Reply:
    return caller.translator("POST", path, body, caller.login())


def ended(caller: Caller, reply: Reply) -> dict[str, Any]:
    """Return the last envelope of an operation that was submitted."""
    assert reply.status == 200
    number = read(reply)["trm"]["requestid"]
    caller.wait(1200)
    answer: dict[str, Any] = read(
        caller.translator("GET", "/api/trm/status", headers=caller.login(), requestid=str(number))
    )
    return answer


def fetched(caller: Caller, file_token: str) -> Reply:
    return caller.translator("GET", f"/api/media/get/{file_token}", headers=caller.login())
