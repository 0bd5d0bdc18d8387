"""What the OpenAPI document says of tasks beyond what serializers and filters show."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from todo_api.schema import request_header, response_header

IGNORED = response_header(
    "Ignored-Fields", "Names in the request that mean nothing here", 200, 201, 204
)
ETAG = response_header("ETag", "The version of what was answered", 200, 201)
IF_NONE_MATCH = request_header("If-None-Match", "A version that is known: 304 when it still is")
IF_MATCH = request_header("If-Match", "The versions that may be changed: 412 for any other")
ONCE = [
    request_header(
        "Idempotency-Key",
        "The same key within a day gives the same answer again",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x20-\\x7e]+$"},
    ),
    response_header("Idempotency-Replayed", "`true` on an answer given again", 200, 201),
]
LIST = [
    response_header("X-Total-Count", "How many tasks there are on all pages", 200),
    response_header("Link", '`<address>; rel="next"` when there is more', 200),
    IF_NONE_MATCH,
    ETAG,
    IGNORED,
]
CREATE = [*ONCE, response_header("Location", "The address of the new task", 201), ETAG, IGNORED]
GET = [IF_NONE_MATCH, ETAG, IGNORED]
CHANGE = [IF_MATCH, ETAG, IGNORED]
COMPLETE = [*ONCE, *CHANGE]
DELETE = [IF_MATCH, IGNORED]


class DueDate(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A date goes out; a date, a date-time, or "" may come in. (Null either way, by the field.)"""

    target_class = "tasks.serializers.DueDateField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "response":
            return {"type": "string", "format": "date"}
        return {
            "oneOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
                {"type": "string", "const": ""},
            ],
            "description": 'Of a date-time the date part is taken as written; "" and null clear it',
        }
