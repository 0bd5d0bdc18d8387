"""`Idempotency-Key`: a client that lost the answer asks again and changes nothing twice.

The answer is remembered in the transaction that made it true: either both are there or neither.
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
from todo_api.web.exceptions import Conflict
from todo_api.web.rendering import encoded

REMEMBERED = timedelta(hours=24)
MAX_KEY_CHARACTERS = 255
KEPT_HEADERS = ("Location", "ETag")


class StillRunning(Conflict):
    default_detail = "The first request with this Idempotency-Key is still running"
    wait = 1


def once(request: Request, what: str, produce: Callable[[], TaskResponse]) -> TaskResponse:
    """Returns what `produce` answers, or what it answered before to the same key and body.

    `what` names the operation, whichever of its addresses was called. Without the header nothing
    is looked up. Raises Conflict for the same key with another body, and StillRunning; whatever
    `produce` raises is not remembered.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return produce()
    if not 0 < len(key) <= MAX_KEY_CHARACTERS or not (key.isascii() and key.isprintable()):
        raise ValidationError(f"Idempotency-Key must have 1 to {MAX_KEY_CHARACTERS} characters")
    text = json.dumps([what, request.data], sort_keys=True)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    owner: Any = request.user
    mine = IdempotencyRecord.objects.filter(user=owner, key=key)
    still = timezone.now() - REMEMBERED
    forgotten = IdempotencyRecord.objects.filter(user=owner, created_at__lte=still)
    with transaction.atomic():
        _lock(json.dumps([owner.pk, key]))
        record = mine.first()
        if record and record.created_at > still:
            if record.fingerprint != fingerprint:
                message = "This Idempotency-Key was used for another request"
                raise Conflict(message, code="idempotency_conflict")
            headers = {**record.headers, "Idempotency-Replayed": "true"}
            return TaskResponse(record.body, record.status, headers)
        response = produce()
        # Whatever of theirs is older than a day is forgotten, this key's last answer as well.
        forgotten.delete()
        IdempotencyRecord.objects.create(
            user=owner,
            key=key,
            fingerprint=fingerprint,
            status=response.status,
            headers={
                name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
            },
            body=json.loads(encoded(response.data)),
        )
        return response


def _lock(name: str) -> None:
    """Holds the key until the transaction ends, in whichever process. Raises StillRunning."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise StillRunning
