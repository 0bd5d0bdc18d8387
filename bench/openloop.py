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


class Caller:
    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.writer: asyncio.StreamWriter | None = None
        self.request = (
            f"GET /api/tasks HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n\r\n"
        ).encode()

    async def ask(self) -> int:
        """The status of the answer, once all of it is there."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(HOST, self.port)
        self.writer.write(self.request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await self.reader.readexactly(int(length))
        return int(head[9:12])

    async def ask_at_times(
        self, start: float, stop: float, took: list[float], errors: list[str]
    ) -> None:
        clock = asyncio.get_running_loop().time
        due = start + random.random() * INTERVAL  # noqa: S311
        while due < stop:
            await asyncio.sleep(due - clock())
            try:
                status = await asyncio.wait_for(self.ask(), PATIENCE)
                if status != 200:
                    errors.append(str(status))
            except (OSError, EOFError, TimeoutError) as exc:
                errors.append(type(exc).__name__)
                self.writer = None
            took.append(clock() - due)
            due += INTERVAL


async def main(port: int, people: Path, count: int, seconds: int) -> None:
    tokens = [line.split("\t")[0] for line in people.read_text().splitlines()]
    start = asyncio.get_running_loop().time() + 0.5
    took: list[float] = []
    errors: list[str] = []
    callers = [Caller(port, tokens[number % len(tokens)]) for number in range(count)]
    await asyncio.gather(
        *(caller.ask_at_times(start, start + seconds, took, errors) for caller in callers)
    )
    took.sort()
    at = {f"p{share}": took[int(share / 100 * len(took))] * 1000 for share in (50, 95, 99)}
    sys.stdout.write(json.dumps({"rps": len(took) / seconds, **at, "errors": len(errors)}))


if __name__ == "__main__":
    port, people, count, seconds = sys.argv[1:]
    asyncio.run(main(int(port), Path(people), int(count), int(seconds)))
