"""An HTTP GET with a deadline and a size limit. It follows no redirects, and uses HTTPS_PROXY
and NO_PROXY. Plain http is for hosts of a private network, which a proxy does not reach.
"""

import base64
import codecs
import http.client
import socket
import threading
import time
import urllib.request
from urllib.parse import SplitResult, unquote, urlsplit

TIMEOUT_SECONDS = 3.0
MAX_BYTES = 262_144
HEADERS = {"User-Agent": "todo-api", "Accept": "application/json"}

# Resolving a host name loads this codec. It is loaded here, before any thread starts: in a process
# that is forked while a thread loads it, loading and thus every fetch would fail.
codecs.lookup("idna")


class FetchError(Exception):
    """The fetch failed. The text names only the kind of failure, such as "TimeoutError"."""


def fetch(url: str) -> bytes:
    """Returns the body of a 200 response of at most 256 KiB. Raises FetchError.

    Ends 3 s after its start, even if the response arrives slowly. Only connecting can take longer:
    with a slow resolver or proxy, or with several addresses of which none responds.
    """
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    proxy = _proxy_for(parts) if parts.scheme == "https" else None
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    to, port = (proxy, proxy.port or 80) if proxy else (parts, parts.port)
    connection = kind(to.hostname or "", port, timeout=TIMEOUT_SECONDS)
    if proxy:
        connection.set_tunnel(parts.hostname or "", parts.port, _authorization(proxy))
    deadline = time.monotonic() + TIMEOUT_SECONDS
    try:
        connection.connect()
        # http.client's timeout starts again with each byte; the timer is a deadline for the whole
        # exchange. It starts after connecting: before, there is no socket to shut down.
        timer = threading.Timer(max(0, deadline - time.monotonic()), _shut_down, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            body = _get(connection, target)
        finally:
            timer.cancel()
    except (OSError, http.client.HTTPException, ValueError) as exc:
        late = time.monotonic() >= deadline
        raise FetchError("TimeoutError" if late else type(exc).__name__) from exc
    finally:
        connection.close()
    # Without a Content-Length, the timer's shutdown looks like the end of the body.
    if time.monotonic() >= deadline:
        raise FetchError("TimeoutError")
    return body


def _proxy_for(parts: SplitResult) -> SplitResult | None:
    """Returns the address of the proxy for a URL, or None. Raises FetchError for other schemes
    than http, which the standard library does not know.
    """
    address = urllib.request.getproxies().get(parts.scheme, "")
    if not address or urllib.request.proxy_bypass(parts.netloc):
        return None
    try:
        proxy = urlsplit(address if "://" in address else f"http://{address}")
        is_valid = proxy.scheme == "http" and proxy.hostname and (proxy.port or True)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise FetchError("the proxy is not an http:// address")
    return proxy


def _authorization(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    secret = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}


def _get(connection: http.client.HTTPConnection, target: str) -> bytes:
    connection.request("GET", target, headers=HEADERS)
    response = connection.getresponse()
    if response.status != 200:
        raise FetchError(f"status {response.status}")
    body = response.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise FetchError(f"more than {MAX_BYTES} bytes")
    if response.length:
        raise http.client.IncompleteRead(body)
    return body


def _shut_down(sock: socket.socket) -> None:
    try:
        # SSLSocket.shutdown would drop the TLS object that the other thread is reading from.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return
