"""One bounded HTTP GET: no redirects, a limit on size, and an end."""

import http.client
import socket
import threading
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 3.0
MAX_BYTES = 262_144
HEADERS = {"User-Agent": "todo-api", "Accept": "application/json"}


class FetchError(Exception):
    """The document could not be had. The text names the kind of failure only."""


def fetch(url: str) -> bytes:
    """Returns the body of a 200 answer of at most 256 KiB. Raises FetchError.

    The standard library's timeout starts anew with each byte; the timer ends the whole exchange.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    timer = threading.Timer(TIMEOUT_SECONDS, _hang_up, [connection])
    timer.daemon = True
    timer.start()
    try:
        connection.request("GET", target or "/", headers=HEADERS)
        response = connection.getresponse()
        if response.status != 200:
            raise FetchError(f"status {response.status}")
        body = response.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise FetchError(f"more than {MAX_BYTES} bytes")
        if response.length:
            raise FetchError("the answer ended early")
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise FetchError(type(exc).__name__) from exc
    else:
        return body
    finally:
        timer.cancel()
        connection.close()


def _hang_up(connection: http.client.HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
