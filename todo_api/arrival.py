"""How much of a request must be there before a thread is worth its while. Parses no request:
gunicorn does.
"""

import re

# What is larger, chunked or waits for our 100 Continue must be read by a thread.
COLLECTED_BYTES = 65_536
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)[ \t]*(?=\r\n)", re.IGNORECASE)
DIGITS = 9  # of a length that is read here
UNCOLLECTED = re.compile(rb"\r\n(?:expect|transfer-encoding)[ \t]*:", re.IGNORECASE)


def bytes_wanted(data: bytes) -> int | None:
    """How many bytes must be there in all, as far as it can be told yet; 0 when they are. None for
    what cannot be collected.
    """
    request = data.lstrip(b"\r\n")  # blank lines in front are no part of it (RFC 9112, 2.2)
    head, end, _ = request.partition(b"\r\n\r\n")
    if not end and len(data) < COLLECTED_BYTES:
        return len(data) + 1
    if not end or UNCOLLECTED.search(head):
        return None
    length = LENGTH.search(head + b"\r\n")
    if length and len(length[1]) > DIGITS:
        return None
    whole = len(data) - len(request) + len(head) + len(end) + (int(length[1]) if length else 0)
    if whole > COLLECTED_BYTES:
        return None
    return whole if len(data) < whole else 0
