"""What has outlived its use, by the clock alone."""

from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Attempts
from tasks.idempotency import REMEMBERED
from tasks.models import IdempotencyRecord


def expired() -> list[QuerySet[Any]]:
    """Answers kept for an Idempotency-Key, counters of attempts, sessions of the admin. Each is
    found by an index.
    """
    now = timezone.now()
    return [
        IdempotencyRecord.objects.filter(created_at__lte=now - REMEMBERED),
        Attempts.objects.filter(expires_at__lte=now),
        Session.objects.filter(expire_date__lte=now),
    ]
