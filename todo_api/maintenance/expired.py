"""Rows that have expired."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Attempts
from tasks.idempotency import RETENTION
from tasks.models import IdempotencyRecord, Task


def expired() -> list[QuerySet[Any]]:
    """Returns querysets of tasks in the trash, stored responses for an Idempotency-Key, counters of
    attempts, sessions of the admin, and traffic statistics. Each of them uses an index.
    """
    now = timezone.now()
    # By name, because operations imports this module.
    traffic: Any = apps.get_model("operations", "Traffic")
    return [
        Task.objects.trashed_before(now - timedelta(days=settings.TRASH_DAYS)),
        IdempotencyRecord.objects.filter(created_at__lte=now - RETENTION),
        Attempts.objects.filter(expires_at__lte=now),
        Session.objects.filter(expire_date__lte=now),
        traffic.objects.expired(),
    ]
