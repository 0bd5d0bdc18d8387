"""compose.yaml: its variables are those of the service, and its commands and files exist."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT
from todo_api.tests.test_documented_variables import in_the_page
from todo_api.tests.test_settings import load

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
# The secrets are made at the first start.
SECRETS = ("SECRET_KEY", "BETTER_AUTH_SECRET")


@pytest.mark.parametrize("name", ["migrate", "api"])
def test_the_service_starts_with_the_variables(name: str) -> None:
    variables = {
        key: value.replace("${FRONTEND_PORT:-3000}", "3000")
        for key, value in SERVICES[name]["environment"].items()
    }
    made = {secret: f"made-at-the-first-start-{secret}-0123456789" for secret in SECRETS}

    settings = load(**variables, **made)

    assert set(variables) <= set(in_the_page())
    assert "localhost" in settings.ALLOWED_HOSTS
    assert settings.LOCAL_ACCOUNTS
    assert (
        settings.BETTER_AUTH_ISSUER == settings.CORS_ALLOWED_ORIGINS[0] == "http://localhost:3000"
    )


def test_the_secrets_are_those_that_the_service_needs() -> None:
    (script,) = SERVICES["secrets"]["command"]

    assert f"for name in {' '.join(SECRETS)}; do" in script


def test_services_start_after_those_that_they_need_and_only_proxies_are_published() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        for mount in service.get("volumes", ()):
            source, colon, _ = mount.partition(":")
            assert source in COMPOSE["volumes"] or source == "." or not colon
    published = {name for name, service in SERVICES.items() if "ports" in service}
    assert published == {"proxy", "frontend"}
    ports = [port for name in published for port in SERVICES[name]["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_is_built_here_and_others_have_a_version() -> None:
    built = [service["build"] for service in SERVICES.values() if "build" in service]
    images = [service["image"] for service in SERVICES.values() if "image" in service]

    assert set(built) == {"."}
    assert (Path(ROOT) / "Dockerfile").is_file()
    assert all(":" in image and not image.endswith(":latest") for image in images)


def test_the_api_runs_the_command_of_the_image_on_a_read_only_file_system() -> None:
    api, dockerfile = SERVICES["api"], (ROOT / "Dockerfile").read_text()

    assert f"CMD {str(api['command']).replace(chr(39), chr(34))}" in dockerfile
    assert api["read_only"]
