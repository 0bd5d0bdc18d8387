"""Limits how many requests of one user run concurrently in this process.

todo_api.server.fair_queue limits by token, because it runs before the user is known. One user may
have many tokens.
"""

from collections import Counter
from threading import Lock

from django.conf import settings
from rest_framework.exceptions import Throttled

from todo_api.request.context import RequestContext, current_request

_lock = Lock()
_running: Counter[str] = Counter()


def acquire(user_id: str) -> None:
    """Takes a slot for the current request. Raises Throttled when the user has no free slot."""
    context, limit = current_request(), settings.REQUESTS_AT_WORK_PER_USER
    if context.holds_slot or not limit:
        return
    with _lock:
        if _running[user_id] >= limit:
            raise Throttled(wait=1, detail="Too many requests at once.")
        _running[user_id] += 1
    context.holds_slot = True


def release(context: RequestContext) -> None:
    """Frees the slot of a request, if it holds one."""
    if context.holds_slot:
        with _lock:
            _running[context.user_id] -= 1
            if not _running[context.user_id]:
                del _running[context.user_id]
