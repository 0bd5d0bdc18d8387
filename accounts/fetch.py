"""One bounded HTTP GET: no redirects, a limit on size, and an end."""

import codecs
import http.client
import socket
import threading
import time
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 3.0
MAX_BYTES = 262_144
HEADERS = {"User-Agent": "todo-api", "Accept": "application/json"}

# Resolving a name loads this codec. Loaded here, before any thread: a process forked while a thread
# was loading it would never find it again, and fetch nothing.
codecs.lookup("idna")


class FetchError(Exception):
    """The document could not be had. The text names the kind of failure only."""


def fetch(url: str) -> bytes:
    """Returns the body of a 200 answer of at most 256 KiB. Raises FetchError.

    Ends 3 s after its start, however slowly the answer drips. Connecting alone can take longer: a
    slow resolver, or several addresses of which none answers.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    ends_at = time.monotonic() + TIMEOUT_SECONDS
    try:
        connection.connect()
        # The library's timeout starts anew with each byte: the timer ends the whole exchange. It
        # starts here and not before connecting, when there is nothing yet to hang up.
        timer = threading.Timer(max(0, ends_at - time.monotonic()), _hang_up, [connection.sock])
        timer.daemon = True
        timer.start()
        try:
            body = _get(connection, target or "/")
        finally:
            timer.cancel()
    except (OSError, http.client.HTTPException, ValueError) as exc:
        late = time.monotonic() >= ends_at
        raise FetchError("TimeoutError" if late else type(exc).__name__) from exc
    finally:
        connection.close()
    if time.monotonic() >= ends_at:
        raise FetchError("TimeoutError")  # without a length, hanging up looks like the end
    return body


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


def _hang_up(sock: socket.socket) -> None:
    try:
        # Not the TLS socket's own method, which takes its state away from the thread that reads.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return
