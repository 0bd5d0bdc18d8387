"""What is noted about a request while it is worked on, for its log line and for the figures.

Whoever learns something (the database how long it took, a check why it refused) writes it here and
knows nothing of who reads it.
"""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Notes:
    """`queue_seconds` is how long the request waited for a thread. `statements` were sent to the
    database, a COMMIT is one too; the request waited for them and for a connection,
    `database_seconds` in all. `refusal` is the check that refused a token, or the code of a 401,
    403 or 429.
    """

    request_id: str
    queue_seconds: float = 0.0
    statements: int = 0
    database_seconds: float = 0.0
    user_id: str = ""
    refusal: str = ""
    at_work: bool = False  # counted by todo_api.limits.at_work


_notes: ContextVar[Notes | None] = ContextVar("notes", default=None)
# Those of the request that this thread works on; None outside a request. `begin` returns what
# `end` takes.
current, begin, end = _notes.get, _notes.set, _notes.reset


def note_database(seconds: float, statements: int = 1) -> None:
    if notes := current():
        notes.statements += statements
        notes.database_seconds += seconds


def note_user(user_id: str) -> None:
    """Known as soon as the token is: what is refused after that has a name in the log."""
    if notes := current():
        notes.user_id = user_id


def note_refusal(cause: str, *, keep: bool = False) -> None:
    """`keep`: what is noted already is nearer to what happened."""
    if notes := current():
        notes.refusal = (keep and notes.refusal) or cause
