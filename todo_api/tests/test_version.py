"""The version: it is defined once, in todo_api/__init__.py, and the same in all other places."""

import json
import re
from typing import Any

from rest_framework.test import APIClient

from conftest import ROOT
from todo_api import __version__


def test_the_api_document_has_the_version(anonymous: APIClient, db: Any) -> None:
    assert anonymous.get("/api/schema").json()["info"]["version"] == __version__


def test_the_client_the_image_and_the_changelog_have_the_version() -> None:
    client = json.loads((ROOT / "clients/typescript/package.json").read_text())
    labels = re.findall('image.version="(.+?)"', (ROOT / "Dockerfile").read_text())
    releases = re.findall(
        r"^## (\d\S+) - \d{4}-\d{2}-\d{2}$", (ROOT / "CHANGELOG.md").read_text(), re.M
    )

    assert client["version"] == __version__
    assert labels == [__version__]
    assert releases[0] == __version__
