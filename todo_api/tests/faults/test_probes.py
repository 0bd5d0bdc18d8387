"""Health probes of load balancers, and a start on a port in use."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import ROOT, Serve, service_environment
from todo_api.server.address import listening_addresses
from todo_api.tests.faults.service import Service
from todo_api.tests.http import send


@pytest.fixture
def service(serve: Serve) -> Service:
    """The service with one worker, and Alice's token."""
    return Service(serve("--workers", "1"))


def test_health_paths_ignore_the_host(service: Service) -> None:
    heads = {
        "a foreign host": "HTTP/1.1\r\nHost: evil.test\r\n",
        "an address": "HTTP/1.1\r\nHost: 10.1.2.3:8000\r\n",
        "no host": "HTTP/1.0\r\n",
    }
    end = f"Authorization: Bearer {service.token}\r\nConnection: close\r\n\r\n"
    expected = {
        "/healthz": 200,
        "/readyz": 200,
        "/health": 200,
        "/api/health": 200,
        "/api/tasks": 400,
    }

    found = {
        name: {
            path: send(service.address, f"GET {path} {head}{end}".encode()).status
            for path in expected
        }
        for name, head in heads.items()
    }

    assert found == dict.fromkeys(heads, expected)


@pytest.mark.slow
def test_a_second_service_on_the_same_port_does_not_start(service: Service, tmp_path: Path) -> None:
    port = urlsplit(service.address).port

    second = subprocess.run(
        [sys.executable, "-m", "gunicorn", "todo_api.asgi"],
        cwd=ROOT,
        env=service_environment(PORT=str(port)),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert second.returncode != 0
    assert "Address already in use" in second.stdout + second.stderr
    (listening,) = listening_addresses(port or 0)
    assert f"Listening at: http://{listening}" in (tmp_path / "gunicorn.log").read_text()
    assert service.list().status == 200
