"""HTTP requests as raw bytes over a socket: no client library normalizes them."""

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
    """Sends the bytes and returns the response. The request needs `Connection: close`: the response
    is read until the server closes the connection.
    """
    at = urlsplit(address)
    with socket.create_connection((at.hostname, at.port), timeout=seconds) as connection:
        connection.sendall(raw)
        response = bytearray()
        while chunk := connection.recv(1_048_576):
            response += chunk
    head, _, body = bytes(response).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Response(int(first.split()[1]), headers, body)


def request(
    method: str, target: str, body: bytes = b"", *, length: bool = True, **headers: str
) -> bytes:
    """Returns the bytes of a request. The keyword `content_type` sets the header Content-Type.

    With `length=False` no Content-Length is added.
    """
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if length and (body or method in {"POST", "PUT", "PATCH"}):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
