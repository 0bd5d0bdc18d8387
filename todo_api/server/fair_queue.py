"""A fair queue of requests that wait for a thread: round robin over the clients, so that a client
with many requests does not delay the others. For the event loop only.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from rest_framework.exceptions import Throttled

from todo_api.web.exceptions import Unavailable

# Limits of one client: running and waiting requests.
PER_CLIENT, WAITING_PER_CLIENT = 4, 100
# Limit of waiting requests of all clients. Their deadline (10 s) goes on while they wait.
WAITING = 1_000

Turn = asyncio.Future[None]


@dataclass(slots=True, eq=False)
class Client:
    name: str
    running: int = 0
    waiting: deque[Turn] = field(default_factory=deque)

    @property
    def can_start(self) -> bool:
        return bool(self.waiting) and self.running < PER_CLIENT


class FairQueue:
    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        # Every client that can start a request, in order. An entry may be stale: the requests of
        # its client were cancelled.
        self.ready: deque[Client] = deque()
        self.waiting = 0

    def try_start(self, name: str) -> bool:
        """Counts a request as running. Returns False if it must wait instead."""
        client = self.clients.get(name)
        if client is None:
            client = self.clients[name] = Client(name)
        if client.waiting or client.running >= PER_CLIENT:
            return False
        client.running += 1
        return True

    def wait(self, name: str, *, refuse: bool = True) -> Turn:
        """Queues a request. When the returned future is done, the request counts as running.

        With `refuse`, raises Throttled when the client has too many waiting requests, and
        Unavailable when all clients together have too many.
        """
        client = self.clients.get(name) or Client(name)
        if refuse and len(client.waiting) >= WAITING_PER_CLIENT:
            raise Throttled(wait=1, detail="Too many requests at once.")
        if refuse and self.waiting >= WAITING:
            self._make_room(len(client.waiting))
        self.clients[name] = client
        turn: Turn = asyncio.get_running_loop().create_future()
        client.waiting.append(turn)
        self.waiting += 1
        if client.can_start and len(client.waiting) == 1:
            self.ready.append(client)
        return turn

    def _make_room(self, own_waiting: int) -> None:
        """Refuses the newest request of the client with the most waiting requests. Raises
        Unavailable if the requesting client, with `own_waiting` requests, would then have the most.
        """
        largest = max(self.clients.values(), key=lambda client: len(client.waiting))
        if len(largest.waiting) <= own_waiting + 1:
            raise Unavailable
        newest = largest.waiting[-1]
        self.cancel(largest.name, newest)
        if not newest.done():
            newest.set_exception(Unavailable())

    def cancel(self, name: str, turn: Turn) -> None:
        """Removes a waiting request. Does nothing if it is not in the queue."""
        client = self.clients.get(name)
        if client and turn in client.waiting:
            client.waiting.remove(turn)
            self.waiting -= 1
            self._forget(client)

    def start_next(self) -> bool:
        """Starts the next request. Returns False if no request can start."""
        while self.ready:
            client = self.ready.popleft()
            started = False
            while client.can_start and not started:
                turn = client.waiting.popleft()
                self.waiting -= 1
                if not turn.done():  # else cancelled
                    client.running += 1
                    turn.set_result(None)
                    started = True
            if client.can_start:
                self.ready.append(client)
            self._forget(client)
            if started:
                return True
        return False

    def finish(self, name: str) -> None:
        """Counts a running request as finished."""
        client = self.clients[name]
        client.running -= 1
        if client.can_start and client.running == PER_CLIENT - 1:
            self.ready.append(client)
        self._forget(client)

    def _forget(self, client: Client) -> None:
        # A stale entry of `ready` may have the same name as a newer client.
        if not client.running and not client.waiting and self.clients.get(client.name) is client:
            del self.clients[client.name]
