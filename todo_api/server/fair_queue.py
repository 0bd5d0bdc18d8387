"""Requests that wait for a thread. Clients take turns: one who sends many delays nobody else's.

For the event loop only.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from rest_framework.exceptions import Throttled

from todo_api.web.exceptions import Unavailable

# Of one client: at work at a time, and waiting.
PER_CLIENT, WAITING_PER_CLIENT = 4, 100
# Of all clients. What waits longer than its deadline (10 s) is not begun.
WAITING = 1_000

Turn = asyncio.Future[None]


@dataclass(slots=True, eq=False)
class Client:
    name: str
    at_work: int = 0
    waiting: deque[Turn] = field(default_factory=deque)

    @property
    def is_next(self) -> bool:
        return bool(self.waiting) and self.at_work < PER_CLIENT


class FairQueue:
    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        # All clients that are next. Some may be next no longer: their requests were given up.
        self.line: deque[Client] = deque()
        self.waiting = 0

    def enter(self, name: str) -> bool:
        """Counts a request as at work. Returns False where its client must wait."""
        client = self.clients.get(name)
        if client is None:
            client = self.clients[name] = Client(name)
        if client.waiting or client.at_work >= PER_CLIENT:
            return False
        client.at_work += 1
        return True

    def wait(self, name: str, *, refuse: bool = True) -> Turn:
        """Returns a future that is done when the request's turn has come; it counts as at work.

        Raises Throttled or Unavailable where too many wait already, unless told not to `refuse`.
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
        if client.is_next and len(client.waiting) == 1:
            self.line.append(client)
        return turn

    def _make_room(self, mine: int) -> None:
        """Refuses the newest request of the client with most. Raises Unavailable where that is the
        one that asks.
        """
        most = max(self.clients.values(), key=lambda client: len(client.waiting))
        if len(most.waiting) <= mine + 1:
            raise Unavailable
        newest = most.waiting[-1]
        self.give_up(most.name, newest)
        if not newest.done():
            newest.set_exception(Unavailable())

    def give_up(self, name: str, turn: Turn) -> None:
        """Forgets a request that waits no longer, if that has not been done."""
        client = self.clients.get(name)
        if client and turn in client.waiting:
            client.waiting.remove(turn)
            self.waiting -= 1
            self._forget(client)

    def next(self) -> bool:
        """Lets the next request have its turn. Returns False where nobody may begin."""
        while self.line:
            client = self.line.popleft()
            begun = False
            while client.is_next and not begun:
                turn = client.waiting.popleft()
                self.waiting -= 1
                if not turn.done():  # else its client has left
                    client.at_work += 1
                    turn.set_result(None)
                    begun = True
            if client.is_next:
                self.line.append(client)
            self._forget(client)
            if begun:
                return True
        return False

    def leave(self, name: str) -> None:
        """Counts a request as done."""
        client = self.clients[name]
        client.at_work -= 1
        if client.is_next and client.at_work == PER_CLIENT - 1:
            self.line.append(client)
        self._forget(client)

    def _forget(self, client: Client) -> None:
        # One that was forgotten before may still stand in line, beside a new one of its name.
        if not client.at_work and not client.waiting and self.clients.get(client.name) is client:
            del self.clients[client.name]
