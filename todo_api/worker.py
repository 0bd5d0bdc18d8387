"""gunicorn's threaded worker, whose threads are given whole requests only.

gunicorn's own gives each connection to a thread at once, and the thread waits for the request
without end: as many callers as there are threads, who vanish while they send, silence a worker for
good. Here the worker's event loop collects what arrives, and a thread gets the connection when the
request is whole; what the caller does not take at once of the answer, the loop sends. A slow caller
costs a connection, of which there are many, instead of a thread.

Nor does a worker that ends lose anybody: whoever has connected is answered.
"""

import gc
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers.gthread import (  # type: ignore[import-untyped]
    STOP_KEEPALIVE_LINGER,
    TConn,
    ThreadWorker,
)

from todo_api.arrival import COLLECTED_BYTES, bytes_wanted
from todo_api.goodbye import Leaving
from todo_api.lane import Lane
from todo_api.sending import Sending
from todo_api.wire import WholeAnswer, Wire

# So long may a request take to arrive, counted anew for each part of its headers, and whenever so
# much of its body is there.
ARRIVAL_SECONDS = 30
WAKE_BYTES = 4_096
# What cannot be collected (todo_api.arrival) has a lane of few threads for itself, where whoever
# drips holds up his like and nobody else, and a thread gives up when nothing came for so long.
SLOW_LANE = 0.25  # of the threads, and beside them
SILENCE_SECONDS = 5
SILENCE = struct.pack("ll", SILENCE_SECONDS, 0)
# So long nobody is taken in when the machine has no room for one more.
OUT_OF_DESCRIPTORS_SECONDS = 0.01
# So often the arbiter is told: a fraction of `timeout`, after which it would replace the worker.
NOTIFY_SECONDS = 1


class WholeRequestWorker(ThreadWorker):  # type: ignore[misc]
    pending_conns: deque[TConn]  # their requests have not arrived

    def init_process(self) -> None:
        """gunicorn calls it in the worker's own process, and it returns when the worker ends."""
        # gunicorn asks for thirty settings a request, and its object would look each of them up.
        self.cfg.__dict__.update({name: each.get() for name, each in self.cfg.settings.items()})
        slow = max(1, int(self.cfg.threads * SLOW_LANE))
        self.slow_lane = Lane(self.serve, slow, together=slow)
        self.leaving = Leaving(self)
        self.sending = Sending(self)
        self.notified_at = 0.0
        super().init_process()

    def load_wsgi(self) -> None:
        """gunicorn calls it once. What it loads stays as long as the worker: to look for garbage in
        it would take a fifth of the time, and hold up a request now and then.
        """
        gc.disable()
        super().load_wsgi()
        gc.freeze()
        gc.enable()

    def notify(self) -> None:
        """gunicorn calls it at each turn of the event loop, to tell the arbiter that it lives."""
        if (now := time.monotonic()) - self.notified_at >= NOTIFY_SECONDS:
            self.notified_at = now
            super().notify()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """gunicorn calls it at each turn of the event loop, which it need not take as long as all
        that it has collected has not been taken up: it would only push in between. As long as
        somebody stands in line it takes them often, for `wait_for_room` lets one begin a turn.
        """
        self.tpool.wait_for_room()
        super().wait_for_and_dispatch_events(0 if self.tpool.backlog else timeout)

    def get_thread_pool(self) -> Lane:
        return Lane(self.serve, self.cfg.threads)

    def set_accept_enabled(self, enabled: bool) -> None:
        """gunicorn calls it when it has all the connections it may have, or begins to end. Then it
        would listen on without accepting: the kernel goes on to give it callers, who are lost.
        """
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:  # told to end while it began, it is asked to accept yet
            for listener in self.sockets:
                self.accept(listener)
                listener.close()

    def accept(self, listener: Any) -> None:
        """gunicorn calls it when somebody has connected. Takes all who have, some of whom may have
        hung up again: the next turn of the event loop may be a while away.
        """
        while self.nr_conns < self.worker_connections or not self.alive:
            try:
                sock, client = listener.accept()
            except ConnectionAbortedError:
                continue
            except BlockingIOError:
                return
            except OSError:
                # No descriptor is left, and the loop would be asked again and again.
                time.sleep(OUT_OF_DESCRIPTORS_SECONDS)
                return
            wire = Wire(sock.family, sock.type, sock.proto, sock.detach())
            self.nr_conns += 1
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, SILENCE)
            self.enqueue_req(TConn(self.cfg, wire, client, listener.getsockname()))

    def enqueue_req(self, conn: TConn) -> None:
        """gunicorn calls it when a connection is new, or has something to read again."""
        conn.init()
        unread = conn.parser.unreader
        # What came before, alone or behind the last request.
        came, ended = getattr(conn, "came", b"") or unread.take_buffered(), False
        wanted = bytes_wanted(came) if came else 1
        if wanted:
            try:
                data = conn.sock.recv(COLLECTED_BYTES, socket.MSG_DONTWAIT)
                came, ended = came + data, not data
            except BlockingIOError:
                pass  # nothing yet
            except OSError:
                ended = True
            wanted = bytes_wanted(came)
        if wanted and not ended:
            conn.came = came
            self.wait_for(conn, wanted - len(came))
            return
        unread.unread(came)
        if hasattr(conn, "came"):  # it was waited for
            del conn.came
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        conn.data_ready = True
        conn.uncollected = wanted is None
        lane = self.slow_lane if wanted is None else self.tpool
        lane.put(conn)

    def serve(self, conn: TConn) -> None:
        """Runs in a thread. What is kept goes back to the event loop without waking it."""
        kept = False
        try:
            kept = self.handle(conn)
            waits = conn.sock.unsent or conn.parser.unreader.buf.getvalue()
            if kept and self.alive and not waits:
                self.keep(conn)
                return
        except BaseException:
            self.log.exception("A thread gave up")
            kept = False
        self.method_queue.defer(self.leave, conn, self.keep if kept else self.leaving.say_goodbye)

    def leave(self, conn: TConn, then: Callable[[TConn], object]) -> None:
        """Back in the event loop, and on when the answer has left."""
        if conn.sock.unsent:
            self.sending.begin(conn, then)
        else:
            then(conn)

    def keep(self, conn: TConn) -> None:
        """Waits for the next request, which may be here already."""
        if conn.parser.unreader.buf.getvalue():
            self.enqueue_req(conn)
            return
        conn.set_timeout()
        # In this order: once it is registered, the event loop may take it from among them.
        self.keepalived_conns.append(conn)
        try:
            readable = partial(self.on_client_socket_readable, conn)
            self.poller.register(conn.sock, EVENT_READ, readable)
        except BaseException:
            self.keepalived_conns.remove(conn)
            raise

    def murder_keepalived(self, force: bool = False) -> None:
        """gunicorn calls it at least once a second. When the worker ends, whoever is kept has a
        moment for a request that is on its way.
        """
        if not self.alive:
            self._cap_keepalive(time.monotonic() + STOP_KEEPALIVE_LINGER)
        super().murder_keepalived(force)

    def _cap_keepalive(self, deadline: float) -> None:
        """gunicorn's own would stumble over whoever a thread adds meanwhile."""
        for conn in list(self.keepalived_conns):
            conn.timeout = min(conn.timeout, deadline)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """gunicorn calls it in a thread. Returns whether the connection is kept. Its own but for
        the hooks, which nobody has, and for the answer's way out (todo_api.wire).
        """
        server = (conn.sock, conn.client, conn.server, self.cfg)
        answer, environ = wsgi.create(req, *server, response_class=WholeAnswer)
        environ["wsgi.multithread"] = True
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive: bool = False
        # An answer may leave a large body unread (a 401, a 413): the next request would be lost.
        leaves = conn.uncollected or not self.alive or not self.cfg.keepalive
        if leaves or len(self.keepalived_conns) >= self.max_keepalived:
            answer.force_close()  # and says so
        parts = self.wsgi(environ, answer.start_response)
        try:
            for part in parts:
                answer.write(part)
            answer.close()
        except OSError:
            raise  # the caller is gone
        except Exception:
            if not answer.headers_sent:
                raise  # to be answered with a 500
            self.log.exception("Error handling request")
            return False
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return not answer.should_close()

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """gunicorn calls it in a thread. What a request left unread is here already, or it ends the
        connection: gunicorn would set a time limit for it and take that back.
        """
        kept = keepalive and conn.parser.finish_body()
        conn.parser.mesg = None  # before the next request it would look at this one again
        return bool(kept)

    def murder_pending(self) -> None:
        """gunicorn calls it at least once a second, and it ends what took too long. When the worker
        ends, whoever has connected and sent nothing has a moment, too.
        """
        if not self.alive:
            until = time.monotonic() + STOP_KEEPALIVE_LINGER
            for conn in self.pending_conns:
                if not conn.came:
                    conn.timeout = min(conn.timeout, until)
            # gunicorn looks at the first only.
            self.pending_conns = deque(sorted(self.pending_conns, key=lambda conn: conn.timeout))
        super().murder_pending()
        self.leaving.hang_up_late()
        self.sending.give_up_late()

    def wait_for(self, conn: TConn, missing: int) -> None:
        """Leaves the connection to the event loop until so many more bytes are there, or some."""
        wake_at = min(missing, WAKE_BYTES)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, wake_at)
        conn.timeout = time.monotonic() + ARRIVAL_SECONDS
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, readable)
