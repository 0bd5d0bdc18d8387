"""Request bodies: size, encoding, JSON syntax, and unknown members."""

import difflib
import io
import json
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
from todo_api.web.contract import canonical, name_in_case
from todo_api.web.exceptions import BadRequest, BodyTooLarge

logger = logging.getLogger(__name__)

# Together less than 4 kB, the limit of proxies for response headers.
NAMES_SHOWN = 15
NAME_BYTES = 64


def check_readable(request: HttpRequest) -> None:
    """Checks the request before its body is read, and sets Content-Length for a chunked body.
    Raises BodyTooLarge, or BadRequest for a query that is not UTF-8 or a body of unknown length.

    The charset of Content-Type is ignored: JSON and URLs are UTF-8 (RFC 8259, RFC 3986).
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
        # Django reads only Content-Length bytes, which is none for a chunked body.
        try:
            body = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
        except Exception as exc:  # a broken chunk or a timeout: each server has its own exceptions
            logger.info("A body did not arrive", exc_info=True)
            raise BadRequest("The body did not arrive") from exc
        length = len(body)
        request.META["CONTENT_LENGTH"] = str(length)
        request._stream = io.BytesIO(body)
    if length > settings.MAX_BODY_BYTES:
        raise BodyTooLarge


def _is_utf8(query: str) -> bool:
    """Returns whether a query is valid UTF-8. Django would insert replacement characters."""
    if not query:
        return True
    try:
        unquote_to_bytes(query.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return False
    return True


class BodyParser(JSONParser):
    """Parses one JSON object. Every invalid body is a 400."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            body = super().parse(stream, media_type, parser_context)
        except (ParseError, RecursionError) as exc:
            raise ParseError(f"The body is not valid JSON{place_of(exc.__context__)}") from exc
        if not isinstance(body, dict):
            raise ValidationError("The body must be a JSON object")
        return canonical(body)


def place_of(exc: BaseException | None) -> str:
    """Returns where the text of the body is wrong; "" if that is unknown."""
    if isinstance(exc, json.JSONDecodeError):
        return f": line {exc.lineno}, column {exc.colno}: {exc.msg}"
    if isinstance(exc, UnicodeDecodeError):
        return f": byte {exc.start} is not UTF-8"
    return ""


class TextField(serializers.CharField):
    """A JSON string. CharField would also accept numbers."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


def ignore_unknown(names: Iterable[str], known: Collection[str]) -> None:
    """Adds unknown names to `ignored_fields`. With STRICT_INPUT raises ValidationError instead."""
    unknown = list(islice((name for name in names if name not in known), NAMES_SHOWN))
    if unknown and settings.STRICT_INPUT:
        raise ValidationError({_escaped(name): [_suggestion(name, known)] for name in unknown})
    for name in unknown:
        report_ignored(name)


def report_ignored(name: str) -> None:
    """Adds the name of a member or parameter to Ignored-Fields."""
    current_request().ignored_fields[_escaped(name)] = None


def ignored_fields_header() -> str:
    """Returns the ignored names as the value of Ignored-Fields."""
    return ", ".join([*current_request().ignored_fields][:NAMES_SHOWN])


def _escaped(name: str) -> str:
    """Returns a name of the request, percent-encoded and shortened."""
    return quote(name_in_case(name).encode(errors="replace")[:NAME_BYTES], safe="")


def _suggestion(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name[:NAME_BYTES], known, n=1)
    return f"Unknown name {_escaped(name)}" + (
        f", did you mean {name_in_case(near[0])}?" if near else ""
    )
