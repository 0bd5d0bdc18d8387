"""How a response becomes JSON."""

from typing import Any

import orjson
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer

from todo_api.web.contract import cased


class ContractRenderer(JSONRenderer):
    """JSON, with names in the chosen case."""

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else encoded(cased(data))


class Negotiation(DefaultContentNegotiation):
    """DRF's, without comparing media types where there is only JSON and the client takes it."""

    # What fetch, curl and axios send unless told otherwise; without the header anything will do.
    usual = ("*/*", "application/json", "application/json, text/plain, */*")

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        only_json = [renderer.media_type for renderer in renderers] == ["application/json"]
        if only_json and request.META.get("HTTP_ACCEPT", "*/*") in self.usual:
            return renderers[0], "application/json"
        return super().select_renderer(request, renderers, format_suffix)


def encoded(data: Any) -> bytes:
    """JSON as DRF writes it: times are in UTC and end in Z, and it is a part of JavaScript, too."""
    text = orjson.dumps(data, default=str, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)
    if text.isascii():
        return text
    return text.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
