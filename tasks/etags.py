"""Entity tags of tasks (RFC 9110 section 8.8.3), made from a task's `updated_at`.

`updated_at` grows with each write (tasks.querysets.next_version). One tag therefore never names two
versions, and If-Match can be a condition of the UPDATE itself, which leaves no gap for another
write between the check and the change.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils.dateparse import parse_datetime
from django.utils.http import parse_etags
from rest_framework.request import Request

from tasks.contract import etag_suffix

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def etag_of(updated_at: datetime) -> str:
    """Returns the strong tag of a version: the microseconds since the epoch in hexadecimal, and the
    suffix of the contract. Another contract is another representation, also in a browser's cache.
    A time without a zone, as in the rows of a Representation, is in UTC.
    """
    updated_at = updated_at.replace(tzinfo=UTC)
    return f'"{(updated_at - EPOCH) // MICROSECOND:x}{etag_suffix()}"'


def if_match_versions(request: Request) -> list[datetime] | None:
    """Returns the versions that If-Match allows, or None for `*` and without the header (any)."""
    sent = request.META.get("HTTP_IF_MATCH")
    if sent is None:
        return None
    tags = parse_etags(sent)
    return None if "*" in tags else list(_versions(tags))


def if_none_match_versions(request: Request) -> list[datetime] | None:
    """Returns the versions that If-None-Match excludes, or None for `*` (all of them)."""
    sent = request.META.get("HTTP_IF_NONE_MATCH")
    if sent is None:
        return []
    tags = parse_etags(sent)
    return None if "*" in tags else list(_versions(tags))


def versions_in(text: str) -> list[datetime] | None:
    """Returns the versions that a text allows, as If-Match does, or that it names as `updated_at`
    of a task. None for `*`.
    """
    try:
        moment = parse_datetime(text)
    except ValueError:  # such as the 30th of February
        return []
    if moment is not None:
        return [moment if moment.tzinfo else moment.replace(tzinfo=UTC)]
    tags = parse_etags(text)
    return None if "*" in tags else list(_versions(tags))


def _versions(tags: Iterable[str]) -> Iterable[datetime]:
    """Yields the versions of tags that `etag_of` returns. Skips unknown tags."""
    for tag in tags:
        try:
            version = EPOCH + int(tag.strip('"').partition("-")[0], 16) * MICROSECOND
        except (ValueError, OverflowError):
            continue
        if etag_of(version) == tag:  # int() also accepts other spellings, such as 0x65
            yield version
