"""A proxy in front of the database that delays all bytes and counts round trips.

A round trip begins with bytes of the client after bytes of the server. Several statements in one
message are one round trip.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from todo_api.tests.pooled.servers import HOST


class DelayProxy:
    """Listens at `port`. `delay` is in seconds, each way; `round_trips` is the count."""

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
        is_waiting = False  # for the server

        def on_request() -> None:
            nonlocal is_waiting
            self.round_trips += not is_waiting
            is_waiting = True

        def on_response() -> None:
            nonlocal is_waiting
            is_waiting = False

        await asyncio.gather(
            self._pump(reader, server[1], on_request), self._pump(server[0], writer, on_response)
        )

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_data: Callable[[], None],
    ) -> None:
        """Copies each piece of data `delay` seconds after it has arrived."""
        with suppress(ConnectionError):  # a server that ended
            while data := await reader.read(262_144):
                on_data()
                self.loop.call_later(self.delay, writer.write, data)
        self.loop.call_later(self.delay, writer.close)
