"""An open loop: clients that list tasks once a second each, at fixed times, over own connections.

    python -m bench.openloop PORT FILE_OF_USERS CLIENTS SECONDS

The time of a request begins when it is due, so that a stalled service does not look fast.
"""

import asyncio
import json
import random
import sys
from pathlib import Path

from todo_api.tests.pooled.servers import HOST

INTERVAL_SECONDS, TIMEOUT_SECONDS = 1.0, 10.0


class Client(asyncio.Protocol):
    """Connects one interval before its first request. Uses callbacks, which cost less than
    coroutines: it shares the machine with the service.
    """

    times: list[float] = []
    errors: list[str] = []

    def __init__(self, port: int, token: str, due: float, stop: float) -> None:
        self.port, self.due, self.stop = port, due, stop
        self.loop = asyncio.get_running_loop()
        self.over = self.loop.create_future()
        self.transport: asyncio.Transport | None = None
        self.is_waiting = False
        self.request = (
            f"GET /api/tasks HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()
        self.loop.call_at(due - INTERVAL_SECONDS, self.open)
        self.loop.call_at(due, self.send)

    def open(self) -> None:
        self.connecting = self.loop.create_task(self.connect())

    def send(self) -> None:
        self.is_waiting, self.head, self.status, self.missing = True, b"", 0, 0
        self.timeout = self.loop.call_later(TIMEOUT_SECONDS, self.finish, "TimeoutError")
        if self.transport:
            self.transport.write(self.request)
        elif self.connecting.done():
            self.open()

    async def connect(self) -> None:
        try:
            await self.loop.create_connection(lambda: self, HOST, self.port)
        except OSError as exc:
            self.failed(type(exc).__name__)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self.is_waiting:
            transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self.status:
            self.missing -= len(data)
        else:
            self.head += data
            head, end, body = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            self.status, self.missing = int(head[9:12]), int(length) - len(body)
        if self.missing <= 0:
            self.finish("" if self.status == 200 else str(self.status))

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.failed("ConnectionError")

    def failed(self, error: str) -> None:
        if self.is_waiting:  # else the next request connects again
            self.finish(error)

    def finish(self, error: str) -> None:
        """Ends a request: its response is complete, or there is an error."""
        self.timeout.cancel()
        self.is_waiting = False
        self.times.append(self.loop.time() - self.due)
        if error:
            self.errors.append(error)
            if self.transport and (not self.status or self.missing > 0):
                self.transport.abort()  # the rest of this response must not be read as the next one
                self.transport = None
        self.due += INTERVAL_SECONDS
        if self.due < self.stop:
            self.loop.call_at(self.due, self.send)
        else:
            self.over.set_result(None)


async def main(port: int, users: Path, count: int, seconds: int) -> None:
    tokens = [line.split("\t")[0] for line in users.read_text().splitlines()]
    start = asyncio.get_running_loop().time() + 0.5 + INTERVAL_SECONDS
    clients = [
        Client(port, token, start + random.random() * INTERVAL_SECONDS, start + seconds)
        for token in (tokens * count)[:count]
    ]
    await asyncio.gather(*(client.over for client in clients))
    times = sorted(Client.times)
    at = {f"p{share}": times[int(share / 100 * len(times))] * 1000 for share in (50, 95, 99)}
    sys.stdout.write(json.dumps({"rps": len(times) / seconds, **at, "errors": len(Client.errors)}))


if __name__ == "__main__":
    port, users, count, seconds = sys.argv[1:]
    asyncio.run(main(int(port), Path(users), int(count), int(seconds)))
