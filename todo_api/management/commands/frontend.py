"""Runs the frontend with its Better Auth, the API and PostgreSQL, until Ctrl-C."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser

from todo_api import embedded
from todo_api.management.commands.dev import require_free_port

FOLDER = settings.BASE_DIR / "frontend"
CLIENT = settings.BASE_DIR / "clients" / "typescript"
NEXT = ("node_modules/next/dist/bin/next",)
OLDEST_NODE = (20, 19)
START_SECONDS = 120  # for the first response, on a slow machine
STOP_SECONDS = 10
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, kill, a closed terminal


class Command(BaseCommand):
    help = (
        "Serves the Next.js app in frontend/ with the API behind it. Needs DEBUG=on and Node.js. "
        "Installs the app's packages when they are missing or changed. Without DATABASE_URL it "
        "starts its own PostgreSQL with its data in .data/. Existing users and tasks are not "
        "changed. When one process ends, all of them are stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        port = os.environ.get("FRONTEND_PORT") or "3000"
        parser.add_argument("--port", type=int, default=port, help="Port of the app")
        api_port = os.environ.get("PORT") or "8000"
        parser.add_argument("--api-port", type=int, default=api_port, help="Port of the API")
        parser.add_argument("--built", action="store_true", help="Serve a production build")

    def handle(self, *args: Any, port: int, api_port: int, built: bool, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("frontend is for development: it runs with DEBUG=on only")
        node = node_path()
        require_free_port(port, "FRONTEND_PORT", "make frontend")
        require_free_port(api_port, "PORT", "make frontend")
        for number in STOP_SIGNALS:
            signal.signal(number, signal.default_int_handler)
        try:
            self.serve(node, port, api_port, built)
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def serve(self, node: str, port: int, api_port: int, built: bool) -> None:
        self.install()
        environment = self.environment(port, api_port)
        if built:
            self.run([node, *NEXT, "build"], FOLDER, environment)
        serve = [node, *NEXT, "start" if built else "dev", "-H", "localhost", "-p", str(port)]
        api = [sys.executable, "manage.py", "dev", "--port", str(api_port)]
        processes: dict[str, subprocess.Popen[bytes]] = {}
        try:
            processes["The API"] = start(api, settings.BASE_DIR, environment)
            wait_until_responds(f"http://127.0.0.1:{api_port}/healthz", processes)
            processes["The app"] = start(serve, FOLDER, environment)
            wait_until_responds(f"http://localhost:{port}/sign-in", processes)
            self.stdout.write(f"\nTodo app  http://localhost:{port}\n\nCtrl-C stops everything.\n")
            while True:
                raise_if_ended(processes)
                time.sleep(0.2)
        finally:
            for number in STOP_SIGNALS:
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt stop()
            stop(processes)

    def environment(self, port: int, api_port: int) -> dict[str, str]:
        """Returns the environment variables of the API and the app."""
        if settings.EMBEDDED:
            # Both use the PostgreSQL of this process, which stops with this process.
            os.environ["DATABASE_URL"] = embedded.start(settings.DATA_DIR / "postgres")
        origin = f"http://localhost:{port}"
        api = os.environ.get("NEXT_PUBLIC_API_URL") or f"http://localhost:{api_port}"
        return {
            **os.environ,
            "NEXT_PUBLIC_API_URL": api,
            "BETTER_AUTH_URL": origin,
            "AUTH_SOURCES": json.dumps([source_of_agents(origin, api)]),
            "PRINT_MAIL": "on",
            "BETTER_AUTH_TOKENS": "jwks",
            "BETTER_AUTH_SECRET": embedded.development_secret(settings.DATA_DIR / "app_secret"),
            "CORS_ORIGINS": f"{origin},http://127.0.0.1:{port}",
            "NEXT_TELEMETRY_DISABLED": "1",
        }

    def install(self) -> None:
        """Builds the TypeScript client and installs the packages of the app, if outdated."""
        if older(CLIENT / "dist" / "index.js", [*CLIENT.glob("src/*"), *CLIENT.glob("*.json")]):
            self.stdout.write("Building the typed client")
            self.run(["npm", "run", "client"], FOLDER)
        lock = FOLDER / "package-lock.json"
        if older(FOLDER / "node_modules" / ".package-lock.json", [lock]):  # npm writes it last
            self.stdout.write("Installing the packages of the app (once, a minute or two)")
            self.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], FOLDER)

    def run(self, command: list[str], folder: Path, variables: Any = None) -> None:
        self.stdout.flush()
        if subprocess.run(command, cwd=folder, env=variables).returncode:
            raise CommandError(f"Failed in {folder}: {' '.join(command)}")


def source_of_agents(origin: str, api: str) -> dict[str, str]:
    """Returns who issues the tokens of agents, and for what (frontend/src/lib/agents.ts)."""
    issuer = f"{origin}/api/auth"
    return {"issuer": issuer, "jwks": f"{issuer}/jwks", "audience": f"{api}/api/mcp"}


def node_path() -> str:
    needed = f"Node.js {'.'.join(map(str, OLDEST_NODE))} or newer, with npm"
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        raise CommandError(f"{needed}, is needed and was not found: https://nodejs.org")
    response = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    version = response.stdout.strip().removeprefix("v")
    if tuple(int(number) for number in version.split(".")[:2]) < OLDEST_NODE:
        raise CommandError(f"{needed}, is needed; found {version}: https://nodejs.org")
    return node


def older(made: Path, sources: Any) -> bool:
    newest = max(source.stat().st_mtime for source in sources)
    return not made.exists() or made.stat().st_mtime < newest


def start(command: list[str], folder: Path, variables: dict[str, str]) -> subprocess.Popen[bytes]:
    # In a new session, so that Ctrl-C reaches only this process, which then stops whole groups.
    return subprocess.Popen(command, cwd=folder, env=variables, start_new_session=True)


def wait_until_responds(url: str, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        raise_if_ended(processes)
        try:
            urllib.request.urlopen(url, timeout=START_SECONDS).close()  # noqa: S310  (a local http address)
        except urllib.error.HTTPError as exc:
            raise CommandError(f"{url} returns {exc.code}; see the output above") from exc
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise CommandError(f"{url} did not respond within {START_SECONDS} seconds")


def raise_if_ended(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, process in processes.items():
        if process.poll() is not None:
            raise CommandError(f"{name} ended by itself (code {process.returncode})")


def stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Stops every process and its children."""
    for process in processes.values():
        signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0, deadline - time.monotonic()))
        signal_group(process, signal.SIGKILL)  # its children, and itself if it still runs
        process.wait()


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
