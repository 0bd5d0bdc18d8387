"""`Idempotency-Key`: a client that lost a response can retry the request without a second write.

The response is stored in the transaction of the write: both are committed, or neither.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tasks.contract import TaskResponse
from tasks.models import IdempotencyRecord
from todo_api.web.exceptions import Conflict, QuotaExceeded
from todo_api.web.rendering import encoded

RETENTION = timedelta(hours=24)
MAX_KEY_CHARACTERS = 255
KEPT = 10_000  # records of one user
STORED_HEADERS = ("Location", "ETag")


class StillRunning(Conflict):
    default_detail = "The first of these requests is still running"
    wait = 1


def run_once(request: Request, operation: str, perform: Callable[[], TaskResponse]) -> TaskResponse:
    """Returns the response of `perform`, or the stored response to the same key and body.

    `operation` names the operation, whichever of its URLs was requested. Without the header, no
    record is read or written. Raises ValidationError for a malformed key, Conflict for the same key
    with another body, and StillRunning. An exception of `perform` stores nothing.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return perform()
    if not 0 < len(key) <= MAX_KEY_CHARACTERS or not (key.isascii() and key.isprintable()):
        raise ValidationError(f"Idempotency-Key must have 1 to {MAX_KEY_CHARACTERS} characters")
    text = json.dumps([operation, request.data], sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    owner: Any = request.user
    with_key = IdempotencyRecord.objects.filter(user=owner, key=key)
    oldest = timezone.now() - RETENTION
    expired = IdempotencyRecord.objects.filter(user=owner, created_at__lte=oldest)
    with transaction.atomic():
        lock(json.dumps([owner.pk, key]))
        record = with_key.first()
        if record and record.created_at > oldest:
            if record.fingerprint != fingerprint:
                message = "This Idempotency-Key was used for another request"
                raise Conflict(message, code="idempotency_conflict")
            headers = {**record.headers, "Idempotency-Replayed": "true"}
            return TaskResponse(record.body, record.status, headers)
        response = perform()
        # An expired record of this key, too: its primary key is needed for the new one.
        expired.delete()
        if IdempotencyRecord.objects.filter(user=owner)[:KEPT].count() == KEPT:
            raise QuotaExceeded(f"More than {KEPT} requests with an Idempotency-Key in a day")
        IdempotencyRecord.objects.create(
            user=owner,
            key=key,
            fingerprint=fingerprint,
            status=response.status,
            headers={
                name: response.headers[name] for name in STORED_HEADERS if name in response.headers
            },
            body=json.loads(encoded(response.data)),
        )
        return response


def lock(name: str) -> None:
    """Locks a name in the database until the transaction ends. Raises StillRunning."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise StillRunning
