"""Whether the client of a request is still there."""

import asyncio
from typing import Any

from todo_api.server.environ import Receive


class ClientGone(Exception):
    """The client closed its connection before its request began."""


class Connection:
    """Listens for a disconnect only when asked: most requests end before it would pay."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.listener: asyncio.Future[Any] | None = None

    async def is_gone(self) -> bool:
        """Whether the client has closed the connection. Its body must have arrived."""
        if self.listener is None:
            # What comes behind the body is http.disconnect.
            self.listener = asyncio.ensure_future(self.receive())
        await asyncio.sleep(0)
        return self.listener.done()

    def forget(self) -> None:
        if self.listener is not None:
            self.listener.cancel()
