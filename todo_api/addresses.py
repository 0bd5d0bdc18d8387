"""Parses host names, origins and database URLs as people and platforms write them.

The functions raise AddressError. Its text states the expected value and never contains the address,
which may hold a password.
"""

import ipaddress
import re
from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

import dj_database_url
import idna

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST_NAME = re.compile(rf"(?:{LABEL}\.)*{LABEL}")
# Suffixes of private networks: Docker, Kubernetes, Railway, Fly.io, and RFC 6762 and RFC 8375.
PRIVATE_HOST = re.compile(rf"{LABEL}|(?:{LABEL}\.)+(?:internal|local|svc|lan|flycast|home\.arpa)")
# Domains on which a platform gives each preview deployment a name of its own.
PREVIEW_DOMAINS = {"vercel.app", "netlify.app"}
PREVIEW = re.compile(rf"https://\*(-[a-z0-9-]*[a-z0-9])\.((?:{LABEL}\.)+{LABEL})")
SSL_MODES = {"true": "require", "1": "require", "on": "require"} | {
    "false": "disable", "0": "disable", "off": "disable"
}  # fmt: skip

EXPECTED_URL = "expected an address such as https://app.my-domain.com"
EXPECTED_DATABASE = "expected postgresql://user:password@host/name, percent-encoded"


class AddressError(ValueError):
    """An address that cannot be used."""


def split(address: str) -> SplitResult:
    """Returns the parts of an http(s) URL, with its host as browsers send it."""
    try:
        parts = urlsplit(address)
        host = ascii_host(parts.hostname or "")
        port = f":{parts.port}" if parts.port else ""  # reading the port validates it
        if re.search(r"\s", address) or parts.scheme not in {"http", "https"}:
            raise AddressError
    except ValueError:
        raise AddressError(EXPECTED_URL) from None
    if "@" in parts.netloc:
        raise AddressError("expected an address without user and password")
    return parts._replace(netloc=(f"[{host}]" if ":" in host else host) + port)


def http_url(value: str, *, whole: bool = False, plain_http: Collection[str] = ()) -> str:
    """Returns an http(s) URL without a final slash. Plain http is allowed for localhost and the
    hosts or patterns in `plain_http`.

    A query is allowed only in a `whole` URL, to which no path is appended.
    """
    if not whole and ("?" in value or "#" in value):
        raise AddressError("expected an address without ? and #")
    parts = split(value.rstrip("/"))
    host = parts.hostname or ""
    if parts.scheme == "http" and not any(
        fnmatchcase(host, each) for each in {*LOOPBACK, *plain_http}
    ):
        raise AddressError("expected https (plain http only on localhost and PLAIN_HTTP_HOSTS)")
    return parts.geturl()


def ascii_host(host: str) -> str:
    """Returns a host name in lower case and in punycode, as browsers send it, or an IP address."""
    host = host.lower().removesuffix(".")
    try:
        if ":" in host:
            return str(ipaddress.IPv6Address(host))
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
        if HOST_NAME.fullmatch(host):
            return host
    except ValueError:  # of ipaddress or idna
        pass
    raise AddressError("expected a host name such as api.my-domain.com")


def is_private(host: str) -> bool:
    """Returns whether a host name or IP address, possibly `*.` before a suffix, is not public."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return bool(PRIVATE_HOST.fullmatch(host.replace("*.", "any.", 1)))


def origin_of(url: str) -> str:
    """Returns the origin (`https://host[:port]`) of a URL, as browsers send it; "" for ""."""
    if not url:
        return ""
    parts = split(url)
    default = {"https": ":443", "http": ":80"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(default)}"


def is_neon_auth(url: str) -> bool:
    """Returns whether the URL is that of Neon Auth: https://….neonauth.….neon.tech/…/auth."""
    host = urlsplit(url).hostname or ""
    return ".neonauth." in host and host.endswith(".neon.tech")


def key_set_url(url: str) -> str:
    """Returns the address of Better Auth's key set. Neon Auth has another path for it."""
    return f"{url}/.well-known/jwks.json" if is_neon_auth(url) else f"{url}/api/auth/jwks"


def preview_pattern(origin: str) -> str:
    """Returns the regular expression of a pattern such as `https://*-my-team.vercel.app`.

    The `*` stands for the beginning of the first label. Other places would allow strangers' sites.
    """
    found = PREVIEW.fullmatch(origin)
    if not found or found[2] not in PREVIEW_DOMAINS:
        raise AddressError(
            "a wildcard would allow every website; only a pattern with your team's suffix, such as"
            " https://*-my-team.vercel.app, is accepted"
        )
    return rf"^https://[a-z0-9-]+{re.escape(found[1])}\.{re.escape(found[2])}$"


def database(url: str) -> dict[str, Any]:
    """Returns Django's settings for a PostgreSQL URL, in any spelling that providers use."""
    # Some consoles show the URL within a command.
    scheme, _, rest = url.removeprefix("psql ").strip("'\" ").partition("://")
    address, _, query = rest.partition("?")
    if not re.fullmatch(r"postgres(ql)?(\+\w+)?", scheme) or re.search(r"[\s#]", rest):
        raise AddressError(EXPECTED_DATABASE)
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    # The parameter sslmode of libpq is called ssl in SQLAlchemy's asyncpg.
    if ssl := parameters.pop("ssl", ""):
        parameters.setdefault("sslmode", SSL_MODES.get(ssl.lower(), ssl))
    try:
        settings = dj_database_url.parse(f"postgresql://{address}?{urlencode(parameters)}")
    except ValueError:  # dj-database-url's errors, too, contain the URL
        raise AddressError(EXPECTED_DATABASE) from None
    if not settings["NAME"]:
        raise AddressError(EXPECTED_DATABASE)
    return {**settings}
