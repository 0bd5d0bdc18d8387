"""Detects that the client of a request has disconnected."""

import asyncio
from typing import Any

from todo_api.server.environ import Receive


class ClientGone(Exception):
    """The client closed its connection before its request was started."""


class Connection:
    """The connection of one request. Listens for a disconnect only after the first `is_gone` call,
    which most requests never make.
    """

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.listener: asyncio.Future[Any] | None = None

    async def is_gone(self) -> bool:
        """Returns whether the client has disconnected. Call it only after the body has arrived."""
        if self.listener is None:
            # After the body, the only further message is http.disconnect.
            self.listener = asyncio.ensure_future(self.receive())
        await asyncio.sleep(0)
        return self.listener.done()

    def stop_listening(self) -> None:
        if self.listener is not None:
            self.listener.cancel()
