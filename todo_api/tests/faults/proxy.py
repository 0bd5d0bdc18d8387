"""A TCP proxy between the service and its database that simulates network faults."""

import socket
import threading
import time
from contextlib import suppress
from typing import Self

END = b""


class Proxy:
    """Listens on loopback and forwards all bytes to `upstream`. Attributes turn faults on.

    For all connections:
    - `black_hole`: nothing is forwarded.
    - `lose_responses_to`: the response to a message with these bytes is dropped, and the connection
      is closed.

    For new connections:
    - `delay_seconds`: the delay before they are forwarded.
    - `drop_next`: the number of connections to close at once.

    Counters: `connections`, `round_trips` (a message and its response), and `swallowed` (messages
    that the black hole dropped on connections that were open before).
    """

    def __init__(self, upstream: str | tuple[str, int]) -> None:
        self.upstream = upstream
        self.lock = threading.Lock()
        self.open: set[socket.socket] = set()
        self.connections = self.round_trips = self.swallowed = 0
        self.behave()
        self.port = 0
        self.listen()

    @property
    def address(self) -> str:
        """A DATABASE_URL with the address of the proxy."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def behave(self) -> None:
        """Turns all faults off."""
        self.black_hole = False
        self.lose_responses_to = b""
        self.delay_seconds = 0.0
        self.drop_next = 0

    def listen(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def refuse(self) -> None:
        """Closes the port until `listen`. Open connections stay open."""
        # Only a shutdown wakes the thread in `accept`.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def close_connections(self) -> None:
        with self.lock:
            for sock in self.open:
                shut_down(sock)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.drop_next:
                self.drop_next -= 1
                client.close()
            else:
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self.lock:
            self.open.add(client)
        try:
            if self.black_hole:
                while receive(client):
                    pass
                return
            time.sleep(self.delay_seconds)
            with self._connect() as server:
                _Pair(self, client, server).run()
        except OSError:
            return  # the server is down: the connection of the client is closed
        finally:
            with self.lock:
                self.open.discard(client)
            client.close()

    def _connect(self) -> socket.socket:
        if isinstance(self.upstream, str):
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(self.upstream)
            except OSError:
                server.close()
                raise
            return server
        return socket.create_connection(self.upstream)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError):
            self.refuse()
        self.close_connections()


class _Pair:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.waiting = self.lose_response = False

    def run(self) -> None:
        back = threading.Thread(target=self._server_to_client, daemon=True)
        back.start()
        while data := receive(self.client):
            if self.proxy.black_hole:
                self.proxy.swallowed += 1
                continue
            self.waiting = True
            lose = self.proxy.lose_responses_to
            self.lose_response = bool(lose) and lose in data
            if not send(self.server, data):
                break
        shut_down(self.server)
        back.join()

    def _server_to_client(self) -> None:
        while data := receive(self.server):
            if self.lose_response:
                break
            if self.proxy.black_hole:
                continue
            if self.waiting:
                self.waiting = False
                self.proxy.round_trips += 1
            if not send(self.client, data):
                break
        shut_down(self.client)


def receive(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65_536)
    except OSError:
        return END


def send(sock: socket.socket, data: bytes) -> bool:
    try:
        sock.sendall(data)
    except OSError:
        return False
    return True


def shut_down(sock: socket.socket) -> None:
    """Shuts down both directions, which also wakes threads in `recv`."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
