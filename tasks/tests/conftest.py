"""Fixtures shared by the tests of tasks."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from conftest import client_of


@pytest.fixture
def as_alice(alice: User) -> APIClient:
    """Alice was here a moment ago: her requests cost what the operation costs, and no more."""
    User.objects.filter(pk=alice.pk).update(last_seen_at=timezone.now())
    return client_of(alice.pk)
