"""Checkpoints: positions in the sequence of a user's changes, signed for this user."""

from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer
from rest_framework.exceptions import APIException

LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


class ResyncRequired(APIException):
    """A checkpoint from which the changes are no longer known."""

    status_code = 410
    default_code = "resync_required"
    default_detail = "The changes since this checkpoint are no longer known; start without since"


class Checkpoint(NamedTuple):
    """The position of a change: its number, and the id of the task, because several tasks can have
    the same number. The client has all changes up to it.
    """

    seq: int
    pk: str = LAST_ID

    def signed(self, user_id: Any) -> str:
        text = f"{self.seq}" if self.pk == LAST_ID else f"{self.seq}.{self.pk}"
        return _signer(user_id).sign(text)

    def require_complete(self, seq: int, purged_seq: int) -> None:
        """Raises ResyncRequired for a position before the last purge, whose client may have missed
        a deletion, or after the last change `seq`, from before the database was restored.
        """
        among_purged = self.seq == purged_seq > 0 and self.pk != LAST_ID
        if self != START and (self.seq < purged_seq or among_purged or self.seq > seq):
            raise ResyncRequired


START = Checkpoint(-1)  # tasks that were not changed since migration tasks.0010 have the number 0


def read_checkpoint(text: str, user_id: Any) -> Checkpoint:
    """Raises ValueError for a text that `signed` did not return for this user."""
    try:
        seq, _, pk = _signer(user_id).unsign(text).partition(".")
    except BadSignature as exc:
        raise ValueError(text) from exc
    return Checkpoint(int(seq), pk or LAST_ID)


def _signer(user_id: Any) -> Signer:
    return Signer(salt=f"tasks.checkpoint {user_id}")
