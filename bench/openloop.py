"""People who list their tasks once a second each, at fixed times, over connections of their own.

    python -m bench.openloop PORT FILE_OF_PEOPLE HOW_MANY SECONDS

A request counts from when it was due, so that a service that stalls is charged for the waiting.
"""

import asyncio
import json
import random
import sys
from pathlib import Path

from todo_api.tests.pooled.servers import HOST

INTERVAL, PATIENCE = 1.0, 10.0  # seconds


class Caller(asyncio.Protocol):
    """Callbacks instead of coroutines: it shares the machine with what it measures. Connects one
    interval before it asks for the first time.
    """

    took: list[float] = []
    errors: list[str] = []

    def __init__(self, port: int, token: str, due: float, stop: float) -> None:
        self.port, self.due, self.stop = port, due, stop
        self.loop = asyncio.get_running_loop()
        self.over = self.loop.create_future()
        self.transport: asyncio.Transport | None = None
        self.asking = False
        self.request = (
            f"GET /api/tasks HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()
        self.loop.call_at(due - INTERVAL, self.open)
        self.loop.call_at(due, self.ask)

    def open(self) -> None:
        self.connecting = self.loop.create_task(self.connect())

    def ask(self) -> None:
        self.asking, self.head, self.status, self.missing = True, b"", 0, 0
        self.patience = self.loop.call_later(PATIENCE, self.answered, "TimeoutError")
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
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (for the type checker)
        self.transport = transport
        if self.asking:
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
            self.answered("" if self.status == 200 else str(self.status))

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.failed("ConnectionError")

    def failed(self, error: str) -> None:
        if self.asking:  # otherwise it connects anew when it does
            self.answered(error)

    def answered(self, error: str) -> None:
        """The answer is there, or will not come any more."""
        self.patience.cancel()
        self.asking = False
        self.took.append(self.loop.time() - self.due)
        if error:
            self.errors.append(error)
            if self.transport and (not self.status or self.missing > 0):
                self.transport.abort()  # the rest of this response would pass for the next one
                self.transport = None
        self.due += INTERVAL
        if self.due < self.stop:
            self.loop.call_at(self.due, self.ask)
        else:
            self.over.set_result(None)


async def main(port: int, users: Path, count: int, seconds: int) -> None:
    tokens = [line.split("\t")[0] for line in users.read_text().splitlines()]
    start = asyncio.get_running_loop().time() + 0.5 + INTERVAL
    callers = [
        Caller(port, token, start + random.random() * INTERVAL, start + seconds)  # noqa: S311
        for token in (tokens * count)[:count]
    ]
    await asyncio.gather(*(caller.over for caller in callers))
    took = sorted(Caller.took)
    at = {f"p{share}": took[int(share / 100 * len(took))] * 1000 for share in (50, 95, 99)}
    sys.stdout.write(json.dumps({"rps": len(took) / seconds, **at, "errors": len(Caller.errors)}))


if __name__ == "__main__":
    port, users, count, seconds = sys.argv[1:]
    asyncio.run(main(int(port), Path(users), int(count), int(seconds)))
