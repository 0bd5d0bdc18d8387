"""Instances of the service behind nginx, with the configuration of docs/nginx.conf."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.postgres import Postgres
from todo_api.tests.packages import install_missing
from todo_api.tests.pooled.servers import HOST, free_port, server_folder

ROOT = Path(__file__).parent.parent
NGINX = Path("/usr/sbin/nginx")
SECRET = "a-secret-for-this-benchmark-only-0123456789"


class Instance:
    """A gunicorn with its workers, in its own process group."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port, self.log = free_port(), log
        self.environment = environment | {"PORT": str(self.port)}

    def start(self) -> None:
        """Starts gunicorn, and returns when it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "todo_api.asgi"],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(f"http://{HOST}:{self.port}/readyz", timeout=5).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise SystemExit(self.log.read_text()) from None
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """Ends all processes with SIGKILL, as if the machine had failed."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Sends SIGTERM, as a platform does at a redeploy, and returns when gunicorn has ended."""
        self.process.terminate()
        self.process.wait()

    def reload(self) -> None:
        """Replaces the workers by new ones (SIGHUP). Returns at once."""
        self.process.send_signal(signal.SIGHUP)


def migrated(server: Postgres) -> dict[str, str]:
    """Creates and migrates a database. Returns the environment of the service on it, behind one
    proxy.
    """
    server.create("todo")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "todo_api.settings",
        "DATABASE_URL": server.address("todo"),
        "SECRET_KEY": SECRET,
        "BETTER_AUTH_URL": "",
        "BETTER_AUTH_SECRET": SECRET,
        "TRUSTED_PROXY_COUNT": "1",
    }
    manage(environment, "migrate", "--verbosity", "0")
    return environment


def manage(environment: dict[str, str], *arguments: str, may_fail: bool = False) -> str:
    """Runs a management command. Returns its output."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode and not may_fail:
        raise SystemExit(f"{arguments[0]}\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def running(server: Postgres, folder: Path, count: int) -> Iterator[list[Instance]]:
    """Starts `count` instances on a fresh database."""
    environment = migrated(server)
    instances = [Instance(environment, folder / f"{number}.log") for number in range(count)]
    with ExitStack() as stack:
        for instance in instances:
            instance.start()
            stack.callback(instance.stop)
        yield instances


@contextmanager
def nginx(instances: list[Instance]) -> Iterator[int]:
    """Starts nginx in front of two instances. Yields its TLS port (with a test certificate)."""
    install_missing({"nginx-light": NGINX})
    port = free_port()
    text = (ROOT / "docs" / "nginx.conf").read_text()
    for name, replacement in {
        "api-1.internal:8000": f"{HOST}:{instances[0].port}",
        "api-2.internal:8000": f"{HOST}:{instances[1].port}",
        "listen 443 ssl": f"listen {HOST}:{port} ssl",
    }.items():
        if name not in text:
            raise SystemExit(f"docs/nginx.conf has no {name}")
        text = text.replace(name, replacement)
    with server_folder() as folder, (folder / "nginx.log").open("wb") as log:
        (folder / "nginx.conf").write_text(text)
        flags = "daemon off; error_log stderr notice; pid nginx.pid;"
        command = [str(NGINX), "-p", str(folder), "-c", f"{folder}/nginx.conf", "-g", flags]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield port
        finally:
            process.terminate()
            process.wait()
