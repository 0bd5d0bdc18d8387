"""Fixtures for the tests of tasks."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from conftest import client_of


@pytest.fixture
def as_alice(alice: User) -> APIClient:
    """Alice's client. A recent `last_seen_at` keeps requests from updating it."""
    User.objects.filter(pk=alice.pk).update(last_seen_at=timezone.now())
    return client_of(alice.pk)
