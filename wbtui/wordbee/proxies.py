"""Finds the proxy that the environment names for a host. Pure; entries that cannot be read are ignored.

The HTTP library's own reader fails completely on some values that Docker Desktop and company machines set,
such as `NO_PROXY=[::1]` or an IPv6 network, and then nothing can be reached, not even loopback.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass

_ENTRY: Final = re.compile(r"\[(?P<inside>[^\]]*)\](?::(?P<port6>\d+))?|(?P<host>[^:]+)(?::(?P<port>\d+))?")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """The address of a proxy, which may hold a password, and the variable that names it."""

    variable: str
    url: str = field(repr=False)


def proxy_for(scheme: str, host: str, port: int | None, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for a host, or None: `{scheme}_proxy`, then `all_proxy`, each also in upper case.

    None for loopback, and for a host that `no_proxy` names: by name (subdomains included), address or network
    (`10.0.0.0/8`, `fd07::/64`), each with or without brackets and a port, or `*`.
    """
    named = _named(scheme, environ)
    if named is None or _is_excluded(host, port or _DEFAULT_PORTS.get(scheme, 0), environ):
        return None
    return named


def _named(scheme: str, environ: Mapping[str, str]) -> Proxy | None:
    for name in (f"{scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            url = environ.get(variable, "").strip()
            if url:
                return Proxy(variable, url if "://" in url else f"http://{url}")
    return None


def _is_excluded(host: str, port: int, environ: Mapping[str, str]) -> bool:
    host = host.strip("[]").rstrip(".").lower()
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_matches(entry, host, address, port) for entry in _entries(environ))


def _entries(environ: Mapping[str, str]) -> Iterator[str]:
    listed = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    yield from filter(None, re.split(r"[,\s]+", listed.lower()))


def _matches(entry: str, host: str, address: _Address | None, port: int) -> bool:
    """Return whether an entry of `no_proxy` matches a host. An unreadable entry matches none."""
    entry = entry.partition("://")[2] or entry
    if entry == "*":
        return True
    if address is not None and "/" in entry:
        return _in_network(entry, address)
    if address is not None and _address(entry) is not None:
        return _address(entry) == address
    parts = _ENTRY.fullmatch(entry)
    if parts is None or (parts["port6"] or parts["port"] or str(port)) != str(port):
        return False
    if address is not None:
        return _address(parts["inside"] or parts["host"]) == address
    name = (parts["host"] or "").removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _in_network(entry: str, address: _Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False
