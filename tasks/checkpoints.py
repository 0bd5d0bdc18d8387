"""Checkpoints: positions in the sequence of a user's changes, signed for this user."""

from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer
from rest_framework.exceptions import APIException

# After every change with a number: `>` in the order of the ids.
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"


class ResyncRequired(APIException):
    """A checkpoint from which the changes are no longer known."""

    status_code = 410
    default_code = "resync_required"
    default_detail = "The changes since this checkpoint are no longer known; start without since"


class Checkpoint(NamedTuple):
    """A position in the sequence of changes: the client has all changes up to the number `seq`, and
    of those with this number the ones up to the task `pk` (None: all).

    `started` is the number of the last change when the client began with nothing, until it has all
    pages: what was deleted before is unknown to it.
    """

    seq: int
    pk: str | None = None
    started: int = 0

    def signed(self, user_id: Any) -> str:
        rest = (self.pk, str(self.started)) if self.pk else ()
        return _signer(user_id).sign(".".join((str(self.seq), *rest)))

    def require_complete(self, seq: int, purged_seq: int) -> None:
        """Raises ResyncRequired for a position before the last purge, whose client may have missed
        a deletion, or after the last change `seq`, from before the database was restored.
        """
        complete_to = self.seq - 1 if self.pk else self.seq
        if self.seq > seq or purged_seq > max(complete_to, self.started):
            raise ResyncRequired


# Tasks that were not changed since migration tasks.0010 have the number 0.
BEFORE_ALL = -1


def read_checkpoint(text: str, user_id: Any) -> Checkpoint:
    """Raises ValueError for a text that `signed` did not return for this user."""
    try:
        seq, *rest = _signer(user_id).unsign(text).split(".")
    except BadSignature as exc:
        raise ValueError(text) from exc
    pk, started = rest or (None, "0")
    return Checkpoint(int(seq), pk, int(started))


def _signer(user_id: Any) -> Signer:
    return Signer(salt=f"tasks.checkpoint {user_id}")
