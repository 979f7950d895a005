"""What goes wrong below HTTP, in words a user understands, and the certificates that are trusted."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator, Mapping

from wbtui.domain.errors import NoConnection, SettingsError
from wbtui.domain.sanitize import safe

_DEEPEST = 50


def no_connection(error: BaseException, host: str) -> NoConnection:
    """Return the reason why no connection came about, found in the chain of errors below this one."""
    causes = list(chain(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = safe(cause.verify_message, 120)
            return NoConnection(
                f"no connection to {host}: its certificate is not trusted ({why})",
                unsent=True,
                advice=_missing_trust(os.environ)
                or "If the server has a certificate of your own, name it as ca_file in its section.",
            )
        if isinstance(cause, socket.gaierror):
            return NoConnection(
                f"no connection to {host}: the name was not found",
                unsent=True,
                advice="Check the URL of this service, and the network.",
            )
    for cause in causes:
        if isinstance(cause, ConnectionRefusedError):
            return NoConnection(f"no connection to {host}: refused", unsent=True)
        if isinstance(cause, ssl.SSLError):
            return NoConnection(f"no connection to {host}: it does not speak TLS as wanted", unsent=True)
        if isinstance(cause, OSError) and cause.errno:
            return NoConnection(f"no connection to {host}: {os.strerror(cause.errno).lower()}", unsent=True)
    return NoConnection(f"no connection to {host}", unsent=True)


def _missing_trust(environ: Mapping[str, str]) -> str:
    """Return which variable names certificates that are not there; the TLS library says nothing of it."""
    for variable, there in (("SSL_CERT_FILE", os.path.isfile), ("SSL_CERT_DIR", os.path.isdir)):
        if environ.get(variable) and not there(environ[variable]):
            return (
                f"{variable} names {safe(environ[variable], 120)}, which is not there: correct or unset it."
            )
    return ""


def trusted_certificates(
    ca_file: str | None = None, paths: ssl.DefaultVerifyPaths | None = None
) -> ssl.SSLContext:
    """Return the system's trust, with the certificates of `ca_file` added.

    Where the system has none (`paths`), those that come with the HTTP library are taken. Raises
    `SettingsError` if that file cannot be read or holds no certificate.
    """
    context = ssl.create_default_context()
    paths = paths or ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        import certifi  # noqa: PLC0415 - a start pays 3 ms for what few systems need

        context.load_verify_locations(cafile=certifi.where())
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else _reason(error)
    else:
        return context
    raise SettingsError(f"the certificates in {safe(ca_file)} cannot be used: {why}")


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else "it cannot be read"


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came of, the nearest first."""
    waiting: list[BaseException | None] = [error]
    seen = 0
    while waiting and seen < _DEEPEST:
        found = waiting.pop(0)
        if found is None:
            continue
        seen += 1
        yield found
        waiting.append(found.__cause__ or found.__context__)
        if isinstance(found, BaseExceptionGroup):
            waiting.extend(found.exceptions)
