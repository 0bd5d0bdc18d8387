"""What may come in as a request body: its size, its syntax, and members we do not know."""

import difflib
import io
import logging
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser

from todo_api.request.context import current_request
from todo_api.web.contract import canonical, spelled
from todo_api.web.exceptions import BadRequest, BodyTooLarge

logger = logging.getLogger(__name__)

# Together under the 4 kB that proxies give to an answer's headers.
NAMES_SHOWN = 15
NAME_BYTES = 64


def check_readable(request: HttpRequest) -> None:
    """Raises BodyTooLarge before anything reads the body, and BadRequest for a query that is not
    UTF-8 or a body without a length. Chunked bodies get a length.

    Whatever charset a request claims, its JSON and its address are UTF-8 (RFC 8259, RFC 3986).
    """
    if request.encoding:
        request.encoding = "utf-8"
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdecimal():
        raise BadRequest("Content-Length is not a number")
    length = int(declared)
    if not _is_utf8(request.META.get("QUERY_STRING", "")):
        raise BadRequest("The query is not UTF-8")
    if not length and "HTTP_TRANSFER_ENCODING" in request.META:
        if not request.META.get("wsgi.input_terminated"):
            message = "This server takes no chunked body; send its Content-Length"
            raise BadRequest(message, Connection="close")
        # Django reads a body by its declared length only: a chunked one would arrive empty.
        try:
            body = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
        except Exception as exc:  # a broken chunk, or silence: each server raises its own kind
            logger.info("A body did not arrive", exc_info=True)
            raise BadRequest("The body did not arrive") from exc
        length = len(body)
        request.META["CONTENT_LENGTH"] = str(length)
        request._stream = io.BytesIO(body)
    if length > settings.MAX_BODY_BYTES:
        raise BodyTooLarge


def _is_utf8(query: str) -> bool:
    """Django would put a replacement character where a query cannot be decoded."""
    if not query:
        return True
    try:
        unquote_to_bytes(query.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return False
    return True


class BodyParser(JSONParser):
    """One JSON object. Whatever is wrong with the text is the caller's fault, never a 500."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
        except (ParseError, RecursionError) as exc:
            raise ParseError("The body is not valid JSON") from exc
        if not isinstance(body, dict):
            raise ValidationError("The body must be a JSON object")
        return canonical(body)


class TextField(serializers.CharField):
    """A JSON string. DRF's own field would also take numbers."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def ignore_unknown(names: Iterable[str], known: Collection[str]) -> None:
    """Notes names that mean nothing here; with STRICT_INPUT raises ValidationError instead."""
    unknown = list(islice((name for name in names if name not in known), NAMES_SHOWN))
    if unknown and settings.STRICT_INPUT:
        raise ValidationError({_shown(name): [_suggestion(name, known)] for name in unknown})
    current_request().ignored_fields.update(dict.fromkeys(_shown(name) for name in unknown))


def ignored_fields_header() -> str:
    """Returns the noted names as one header value."""
    return ", ".join([*current_request().ignored_fields][:NAMES_SHOWN])


def _shown(name: str) -> str:
    """A name from outside in a form that fits anywhere: percent-encoded and bounded."""
    return quote(spelled(name).encode(errors="replace")[:NAME_BYTES], safe="")


def _suggestion(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name[:NAME_BYTES], known, n=1)
    return "Unknown name" + (f", did you mean {spelled(near[0])}?" if near else "")
