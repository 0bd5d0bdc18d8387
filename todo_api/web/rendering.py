"""JSON rendering of responses."""

from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer

from todo_api.web.contract import in_case


class ContractRenderer(JSONRenderer):
    """Renders JSON with member names in the configured case."""

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else encoded(in_case(data))


class Negotiation(DefaultContentNegotiation):
    """Skips the comparison of media types if JSON is the only format and the client accepts it."""

    # The defaults of fetch, curl and axios.
    common = ("*/*", "application/json", "application/json, text/plain, */*")

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        only_json = [renderer.media_type for renderer in renderers] == ["application/json"]
        if only_json and request.META.get("HTTP_ACCEPT", "*/*") in self.common:
            return renderers[0], "application/json"
        return super().select_renderer(request, renderers, format_suffix)


class AnyFormat(BaseContentNegotiation):
    """Ignores Accept, for files: some programs send it for other formats (RFC 9110, 12.1)."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def encoded(data: Any) -> bytes:
    """Returns JSON in the format of DRF: times in UTC with Z, U+2028 and U+2029 escaped."""
    text = orjson.dumps(data, default=str, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
    if text.isascii():
        return text
    return text.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
