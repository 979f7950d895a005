"""Every refusal becomes the error class for its remedy."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wordbee.conftest import NOON
from tests.wordbee.test_json_node import JSON
from wbtui.domain.errors import (
    AllowanceUsed,
    BadAnswer,
    Busy,
    LoginRefused,
    NoConnection,
    NotAllowed,
    NotTheService,
    Rejected,
    ServerFault,
    ServiceError,
    SessionExpired,
    Unknown,
)
from wbtui.wordbee.error_answers import (
    beebox_fault,
    instant_fault,
    refused_by_login,
    retry_after,
    translator_fault,
)
from wbtui.wordbee.response import Response

FRAMEWORK = {"Message": "No HTTP resource was found ...", "MessageDetail": "No action was found ..."}


def answer(status: int, body: object = b"", **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def titled(title: str, reason: str | None = None) -> dict[str, object]:
    return {"error": {"operation": None, "title": title}, "reason": title if reason is None else reason}


EXPIRED = titled("Token invalid or expired.", "Not authenticated - session could not be built from token")


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, EXPIRED, SessionExpired, "Not authenticated - session could not be built from token"),
        (403, EXPIRED, SessionExpired, "Not authenticated - session could not be built from token"),
        (401, b"", SessionExpired, "HTTP 401 Unauthorized"),
        (400, titled("Invalid private key."), LoginRefused, "Invalid private key."),
        (400, titled("Invalid parameter 'src'"), Rejected, "Invalid parameter 'src'"),
        (400, b"", Rejected, "HTTP 400 Bad Request"),
        (400, b"<h1>Bad Request - Invalid URL</h1>", BadAnswer, None),
        (403, titled("No right"), NotAllowed, "No right"),
        (403, b"<title>Blocked</title>", NotTheService, "HTTP 403 Forbidden: Blocked"),
        (404, titled("Gone"), Unknown, "Gone"),
        (404, b"", Unknown, "HTTP 404 Not Found"),
        (404, FRAMEWORK, BadAnswer, "HTTP 404 Not Found"),
        (404, b"<html><title>404 - File not found</title>", BadAnswer, None),
        (405, b"", Rejected, "HTTP 405 Method Not Allowed"),
        (407, b"", NoConnection, "the proxy on the way asks for credentials of its own"),
        (408, b"", ServerFault, "HTTP 408 Request Timeout"),
        (500, titled("Boom"), ServerFault, "Boom"),
        (502, b"<html><title>502 Bad Gateway</title>", ServerFault, "HTTP 502 Bad Gateway: 502 Bad Gateway"),
        (599, b"", ServerFault, "HTTP 599"),
        (302, b"", BadAnswer, "the service points to another address, which is not followed"),
    ],
)
def test_a_refusal_of_the_translator(
    status: int, body: object, kind: type[ServiceError], message: str | None
) -> None:
    fault = translator_fault(answer(status, body), NOON)
    assert type(fault) is kind
    if message is not None:
        assert fault.message == message


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, titled("No such operation"), Unknown),
        (404, titled("No such operation"), Unknown),
        (400, b"", Rejected),
        (400, b"<h1>no</h1>", BadAnswer),
        (404, FRAMEWORK, BadAnswer),
        (500, titled("No such operation"), ServerFault),
        (400, EXPIRED, SessionExpired),
    ],
)
def test_an_item_is_unknown_only_if_the_api_itself_says_so(
    status: int, body: object, kind: type[ServiceError]
) -> None:
    assert type(translator_fault(answer(status, body), NOON, asks_item=True)) is kind


@pytest.mark.parametrize(
    ("status", "body", "connecting", "kind"),
    [
        (400, {"id": "BUSY", "message": "busy", "failed": True}, True, Busy),
        (400, {"id": "BUSY", "failed": True}, False, Busy),
        (400, {"ID": "busy", "Message": "busy"}, True, Busy),
        (400, {"id": "LOGGEDOUT", "message": "Not authorised"}, False, SessionExpired),
        (400, {"id": "LOGGEDOUT", "message": "Not authorised"}, True, LoginRefused),
        (400, {"message": "Wrong login"}, True, LoginRefused),
        (401, b"", True, LoginRefused),
        (403, b"", True, LoginRefused),
        (400, b"", True, LoginRefused),
        (404, FRAMEWORK, True, BadAnswer),
        (404, b"", True, BadAnswer),
        (503, b"", True, ServerFault),
        (400, {"message": "File missing"}, False, Rejected),
        (404, FRAMEWORK, False, BadAnswer),
        (403, b"", False, NotAllowed),
        (410, {"message": "gone"}, False, Unknown),
    ],
)
def test_a_refusal_of_the_beebox(
    status: int, body: object, connecting: bool, kind: type[ServiceError]
) -> None:
    assert type(beebox_fault(answer(status, body), NOON, connecting=connecting)) is kind


@pytest.mark.parametrize(
    ("error_id", "connecting", "kind"),
    [
        ("LOGIN_FAILED", True, LoginRefused),
        ("LOGIN_DISABLED", True, LoginRefused),
        ("LOGIN_EXPIRED", True, LoginRefused),
        ("LOGIN_BADIP", True, LoginRefused),
        ("LOGIN_NOACCESS_DOMAIN", True, LoginRefused),
        ("LOGIN_FAILED", False, LoginRefused),
        ("NOT_AUTHORISED", False, NotAllowed),
        ("SESSION_EXPIRED", False, SessionExpired),
        ("SESSION_EXPIRED", True, LoginRefused),
        ("BAD_PARAMETERS", False, Rejected),
        ("BAD_PARAMETERS", True, LoginRefused),
        ("PE_FILE_ONLINE_ONLY", False, Rejected),
    ],
)
def test_a_refusal_of_the_user_api(error_id: str, connecting: bool, kind: type[ServiceError]) -> None:
    body = {"id": error_id, "message": "Words of the server", "info": None, "failed": True}
    fault = instant_fault(answer(400, body), NOON, connecting=connecting)
    assert type(fault) is kind
    assert fault.message == "Words of the server"
    if isinstance(fault, Rejected):
        assert fault.error_id == error_id


@pytest.mark.parametrize("error_id", ["LOGIN_FAILED", "NOT_AUTHORISED", "SESSION_EXPIRED"])
def test_an_identifier_without_words_still_says_something(error_id: str) -> None:
    assert instant_fault(answer(400, {"id": error_id}), NOON).message


@pytest.mark.parametrize(
    ("text", "limit", "per_seconds"),
    [
        ("Requests throttled. Maximum allowed 1000 per 01:00:00.", 1000, 3600),
        ("maximum allowed 10 per 0:00:30", 10, 30),
        ("Maximum allowed 5 per 00:00:00", None, None),
        ("Slow down", None, None),
    ],
)
def test_the_figure_of_the_allowance_is_read_from_the_text(
    text: str, limit: int | None, per_seconds: int | None
) -> None:
    fault = translator_fault(answer(429, {"error": {"type": "x", "message": text}}), NOON)
    assert isinstance(fault, AllowanceUsed)
    assert (fault.message, fault.limit, fault.per_seconds) == (text, limit, per_seconds)
    assert fault.retry_after is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Mon, 02 Mar 2026 12:02:00 GMT", 120.0),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2026 12:02:00 -0000", 120.0),
        ("999999", 3600.0),
        ("Sat, 01 Mar 2036 12:02:00 GMT", 3600.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٧", None),
    ],
)
def test_retry_after_is_honoured_in_both_forms(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOON) == seconds
    fault = translator_fault(answer(429, b"", retry_after=value), NOON)
    assert isinstance(fault, AllowanceUsed)
    assert fault.retry_after == seconds


def test_a_date_to_wait_for_is_reckoned_from_the_servers_own_clock() -> None:
    headers = {"retry-after": "Fri, 01 May 2026 08:01:30 GMT", "date": "Fri, 01 May 2026 08:00:00 GMT"}
    assert retry_after(headers, NOON) == 90.0
    assert retry_after({**headers, "date": "nonsense"}, NOON) == 3600.0


def test_a_server_that_is_down_may_say_for_how_long() -> None:
    fault = translator_fault(answer(503, b"", retry_after="120"), NOON)
    assert isinstance(fault, ServerFault)
    assert fault.retry_after == 120.0


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("https://login.acme.example/sso?token=s3cret", "login.acme.example (https)"),
        ("/login?pwd=s3cret", "another address"),
        ("https://[s3cret", "another address"),
    ],
)
def test_a_redirection_names_its_host_only(location: str, where: str) -> None:
    fault = beebox_fault(answer(301, b"", location=location), NOON)
    assert fault.message == f"the service points to {where}, which is not followed"
    assert "URL" in fault.advice


def test_addresses_and_credentials_in_server_texts_are_left_out() -> None:
    text = "See https://acme.example/api/connect?pwd=s3cret or token=s3cret&x \x1b[2J"
    fault = beebox_fault(answer(400, {"message": text}), NOON)
    assert fault.message == "See (address) or token=…&x ␛[2J"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (SessionExpired("x"), LoginRefused),
        (NotAllowed("x"), LoginRefused),
        (Rejected("x", status=400), LoginRefused),
        (Rejected("x", status=405), Rejected),
        (Unknown("x", status=404), BadAnswer),
        (ServerFault("x", status=500), ServerFault),
        (AllowanceUsed("x"), AllowanceUsed),
        (BadAnswer("x"), BadAnswer),
    ],
)
def test_on_the_way_of_logging_in_refusals_stop_and_faults_pass(
    fault: ServiceError, kind: type[ServiceError]
) -> None:
    assert type(refused_by_login(fault)) is kind


@given(st.integers(100, 999), JSON | st.binary(max_size=80), st.booleans(), st.text(max_size=30))
def test_any_refusal_becomes_an_error_with_printable_words(
    status: int, body: object, flag: bool, header: str
) -> None:
    got = answer(status, body, retry_after=header, location=header)
    faults = [
        translator_fault(got, NOON, asks_item=flag),
        beebox_fault(got, NOON, connecting=flag),
        instant_fault(got, NOON, connecting=flag),
    ]
    for fault in faults:
        assert isinstance(fault, ServiceError)
        assert fault.message.isprintable()
        assert fault.message
