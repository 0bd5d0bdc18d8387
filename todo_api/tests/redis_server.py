"""A real redis-server that tests can kill, freeze and start again."""

import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from redis import Redis, RedisError

from todo_api.tests.packages import install_missing

PROGRAM = Path("/usr/bin/redis-server")
START_SECONDS = 10


class RedisServer:
    """Listens on a loopback port, requires a password and stores nothing on disk."""

    password = "only-for-this-test-run"

    def __init__(self, port: int) -> None:
        install_missing({"redis-server": PROGRAM})
        self.port = port
        self.url = f"redis://:{self.password}@127.0.0.1:{port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    def start(self) -> None:
        options = f"--port {self.port} --bind 127.0.0.1 --requirepass {self.password}"
        self.process = subprocess.Popen(
            [str(PROGRAM), *options.split(), "--save", "", "--appendonly", "no"],
            cwd=tempfile.gettempdir(),
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.client().ping()
            except RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def client(self) -> Any:
        return Redis.from_url(self.url, decode_responses=True)

    def kill(self) -> None:
        """Sends SIGKILL, as in a crash."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def freeze(self) -> None:
        """Stops the process: it still accepts connections and sends no responses."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)
