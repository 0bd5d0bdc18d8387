"""Limits how many requests of one user run in this process at a time.

todo_api.server.fair_queue counts by token, before anything is known of a request; a user may have
many tokens.
"""

from collections import Counter
from threading import Lock

from django.conf import settings
from rest_framework.exceptions import Throttled

from todo_api.request.context import RequestContext, current_request

_lock = Lock()
_at_work: Counter[str] = Counter()


def begin(user_id: str) -> None:
    """Counts the request that this thread works on. Raises Throttled where enough are counted."""
    context, most = current_request(), settings.REQUESTS_AT_WORK_PER_USER
    if context.is_at_work or not most:
        return
    with _lock:
        if _at_work[user_id] >= most:
            raise Throttled(wait=1, detail="Too many requests at once.")
        _at_work[user_id] += 1
    context.is_at_work = True


def end(context: RequestContext) -> None:
    if context.is_at_work:
        with _lock:
            _at_work[context.user_id] -= 1
            if not _at_work[context.user_id]:
                del _at_work[context.user_id]
