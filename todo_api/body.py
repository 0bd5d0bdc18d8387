"""What may come in as a request body: its size, its syntax, and members we do not know."""

import difflib
import io
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

from todo_api.errors import problem
from todo_api.middleware import Handler

NAMES_SHOWN = 20
NAME_CHARACTERS = 64


class BodyLimitMiddleware:
    """Refuses bodies over 1 MiB before anything reads them, and gives chunked ones a length."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        # Django reads a body by its declared length only: a chunked one would arrive empty.
        if request.META.get("wsgi.input_terminated") and not length:
            body = request.META["wsgi.input"].read(settings.MAX_BODY_BYTES + 1)
            length = len(body)
            request.META["CONTENT_LENGTH"] = str(length)
            request._stream = io.BytesIO(body)
        if length > settings.MAX_BODY_BYTES:
            return problem(request, 413, f"The body exceeds {settings.MAX_BODY_BYTES} bytes")
        return self.get_response(request)


class BodyParser(JSONParser):
    """JSON only. Whatever is wrong with the text is the caller's fault, never a 500."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except (ParseError, RecursionError, LookupError) as exc:
            raise ParseError("The body is not valid JSON") from exc


def ignore_unknown(request: Request, names: Iterable[str], known: Collection[str]) -> None:
    """Notes names that mean nothing here; with STRICT_INPUT raises ValidationError instead."""
    unknown = [name for name in names if name not in known]
    if unknown and settings.STRICT_INPUT:
        raise ValidationError({name: [_suggestion(name, known)] for name in unknown})
    noted = request._request.META.setdefault("todo_api.ignored_fields", [])
    noted.extend(name for name in unknown if name not in noted)


def ignored_fields_header(request: Request) -> str:
    """The noted names as one header value, percent-encoded and bounded."""
    names = request._request.META.get("todo_api.ignored_fields", [])[:NAMES_SHOWN]
    return ", ".join(
        quote(name[:NAME_CHARACTERS].encode(errors="replace"), safe="") for name in names
    )


def _suggestion(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return "Unknown name" + (f", did you mean {near[0]}?" if near else "")
