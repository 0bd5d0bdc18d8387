"""Converts an ASGI scope to a WSGI environ."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote_to_bytes

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]

UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}


def environ_of(scope: Message) -> Environ:
    """Returns the environ (PEP 3333) of an ASGI HTTP scope, with an empty body.

    SERVER_NAME is empty: without a Host header, Django would use and trust it.
    """
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    target = raw.partition(b"?")[0]  # some servers include the query
    host = None
    if not target.startswith(b"/") and b"://" in target:
        # Absolute form: its host takes precedence over the Host header (RFC 9112, 3.2.2).
        host, slash, path = target.partition(b"://")[2].partition(b"/")
        target = slash + path or b"/"
    path = unquote_to_bytes(target) if b"%" in target else target
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        # An IPv6 socket shows IPv4 clients as ::ffff:192.0.2.1.
        "REMOTE_ADDR": client[0].removeprefix("::ffff:"),
        "SERVER_NAME": "",
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if key := environ_key(name):
            text = value.decode("latin-1")
            # HTTP/2 splits cookies (RFC 9113, 8.2.3).
            separator = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{separator}{text}" if key in environ else text
    if host is not None:
        environ["HTTP_HOST"] = host.decode("latin-1")
    return environ


@lru_cache(maxsize=512)
def environ_key(name: bytes) -> str:
    """Returns the environ key of a header, or "" for a header whose name has an underscore: the
    keys of X_Forwarded_For and X-Forwarded-For would be the same.
    """
    key = "" if b"_" in name else name.decode("latin-1").upper().replace("-", "_")
    return key if not key or key in UNPREFIXED else f"HTTP_{key}"
