"""Fixtures for tests that run once for each contract."""

from typing import Any

import pytest
from django.conf import settings as configured

from accounts.models import User
from todo_api.tests.contracts.client import RecordingClient

BARE: dict[str, Any] = {
    "API_LIST_SHAPE": "bare",
    "API_ITEM_SHAPE": "bare",
    "API_ERROR_SHAPE": "flat",
    "API_FIELD_CASE": "snake",
    "API_DELETE_STATUS": 204,
    "API_STATUS_FIELD": False,
    "API_DONE_FIELD": False,
    "API_TASK_EXTRAS": {},
}
PRESETS: dict[str, dict[str, Any]] = {
    **configured.CONTRACTS,
    "data": {**configured.CONTRACTS["data"], "API_DELETE_STATUS": 200},
}
CONTRACTS = {
    **PRESETS,
    "list-data": {"API_LIST_SHAPE": "data"},
    "list-data-keyed": {"API_LIST_SHAPE": "data-keyed"},
    "item-keyed": {"API_ITEM_SHAPE": "keyed"},
    "item-data": {"API_ITEM_SHAPE": "data"},
    "error-nested": {"API_ERROR_SHAPE": "nested"},
    "delete-200": {"API_DELETE_STATUS": 200},
    "status-on": {"API_STATUS_FIELD": True},
    "done-on": {"API_DONE_FIELD": True},
    "extras": {"API_TASK_EXTRAS": {"category": "none", "labels": []}},
    "all-at-once": {
        "API_LIST_SHAPE": "data-keyed",
        "API_ITEM_SHAPE": "data",
        "API_ERROR_SHAPE": "nested",
        "API_FIELD_CASE": "camel",
        "API_DELETE_STATUS": 200,
        "API_STATUS_FIELD": True,
        "API_DONE_FIELD": True,
        "API_TASK_EXTRAS": {"category": "none"},
    },
}


@pytest.fixture(params=CONTRACTS)
def contract(request: pytest.FixtureRequest, settings: Any) -> str:
    """Applies the settings of a contract. Returns its name."""
    for name, value in {**BARE, **CONTRACTS[request.param]}.items():
        setattr(settings, name, value)
    return str(request.param)


@pytest.fixture
def call(contract: str, alice: User, bob: User, settings: Any) -> RecordingClient:
    return RecordingClient(camel=settings.API_FIELD_CASE == "camel")
