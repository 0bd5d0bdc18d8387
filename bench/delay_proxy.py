"""A database that is further away: a proxy that holds everything back, and counts round trips.

A round trip begins with bytes of the client after bytes of the server: what a client sends at once
is one, however many statements are in it.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from todo_api.tests.pooled.servers import HOST


class DelayProxy:
    """Listens at `port`. `delay` is in seconds, each way; `round_trips` counts."""

    def __init__(self, server_port: int) -> None:
        self.server_port, self.delay, self.round_trips = server_port, 0.0, 0
        self.loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        starting = asyncio.start_server(self._serve, HOST, 0)
        self.port = self.loop.run_until_complete(starting).sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = await asyncio.open_connection(HOST, self.server_port)
        asked = False

        def there() -> None:
            nonlocal asked
            self.round_trips += not asked
            asked = True

        def back() -> None:
            nonlocal asked
            asked = False

        await asyncio.gather(
            self._pump(reader, server[1], there), self._pump(server[0], writer, back)
        )

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Callable[[], None]
    ) -> None:
        """In order, each piece `delay` after it came."""
        with suppress(ConnectionError):  # a server that ended
            while data := await reader.read(262_144):
                seen()
                self.loop.call_later(self.delay, writer.write, data)
        self.loop.call_later(self.delay, writer.close)
