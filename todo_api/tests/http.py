"""HTTP as a stranger speaks it: raw bytes over a socket, nothing tidied up on the way."""

import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(address: str, raw: bytes, seconds: float = 15) -> Response:
    """Sends the bytes and reads the whole answer. The request must ask for `Connection: close`."""
    at = urlsplit(address)
    with socket.create_connection((at.hostname, at.port), timeout=seconds) as connection:
        connection.sendall(raw)
        response = b""
        while chunk := connection.recv(65_536):
            response += chunk
    head, _, body = response.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Response(int(first.split()[1]), headers, body)


def request(
    method: str, target: str, body: bytes = b"", *, length: bool = True, **headers: str
) -> bytes:
    """The bytes of a request. Keyword `content_type` becomes the header Content-Type."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if length and (body or method in {"POST", "PUT", "PATCH"}):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
