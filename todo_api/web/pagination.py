"""The paginator of the API: limit, offset or cursor, told in headers."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from django.db import DataError
from django.utils.encoding import escape_uri_path, iri_to_uri
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from todo_api.postgresql import statements
from todo_api.postgresql.statements import Bind, Row, Rows, Statement
from todo_api.web.cursors import Cursor, after, cursor_of, ordered, ordering_of, read_cursor
from todo_api.web.parameters import Parameter, Parameters, number
from todo_api.web.representation import Representation

MAX_LIMIT = 1000
FOREIGN = "This cursor does not belong to this list; start again without it"
PLACES = {"offset", "cursor"}


PARAMETERS = Parameters(
    limit=number(1, MAX_LIMIT, MAX_LIMIT),
    offset=number(0, 2**31 - 1, 0),
    cursor=Parameter(read_cursor, FOREIGN, description="From `Link`: the page after this place"),
)


@dataclass(frozen=True)
class Page(Statement):
    """The rows of a page. At these places in a row are its id and the value it is sorted by."""

    ordering: tuple[str, bool] = ("", False)
    value_at: int = 0
    pk_at: int = 0
    width: int = 0  # what comes behind these columns is not shown

    def cursor_at(self, row: Row) -> Cursor:
        return cursor_of(self.ordering, row[self.value_at], row[self.pk_at])


def page(rows: Rows, shown: Representation, cursor: Any, counts: tuple[str, ...] | None) -> Page:
    """The statement of one page; with `counts` another one in the same message."""
    rows = ordered(rows)
    ordering = ordering_of(rows)
    pk = rows.model._meta.pk.name
    more = [name for name in (ordering[0], pk) if name not in shown.names]
    places = [*shown.names, *more]
    listed = rows
    if cursor:
        if cursor[:2] != ordering:
            raise ValidationError({"cursor": [FOREIGN]})
        listed = after(rows, cursor[2], Bind("cursor_value"), Bind("cursor_pk"))
    made = statements.select_page(shown.of(listed, *more))
    if counts is not None:
        made = made.and_then(statements.count(rows, *counts))
    return Page(
        made.sql,
        made.params,
        ordering,
        places.index(ordering[0]),
        places.index(pk),
        len(shown.names),
    )


def total(rows: Rows, shown: Representation, counts: tuple[str, ...]) -> Statement:
    return statements.count(rows, *counts)


class HeaderPagination(BasePagination):
    """Pages over a list that is ordered by one field and the id, so that none repeats or skips a
    row: rows that come or go before a cursor move nothing.
    """

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return PARAMETERS.described()

    def paginate(self, view: Any, counts: tuple[str, ...] = ()) -> list[Row]:
        """Returns the rows of the page that the request asks for. Notes `headers`, and `counts`:
        of all rows, and of those for which each of these columns is true. One message; a second
        one counts a list of more than MAX_LIMIT rows of which no page was asked for.
        """
        asked = PARAMETERS.read(view.request.query_params)
        limit, cursor = asked.get("limit", MAX_LIMIT), asked.get("cursor")
        statement = view.statement(page, cursor and cursor.shape, counts if asked else None)
        values = {"limit": limit + 1, "offset": asked.get("offset", 0)}
        if cursor:
            values |= {"cursor_value": cursor.value, "cursor_pk": cursor.pk}
        rows: list[Row]
        try:
            rows, *counted = statement.run(view.values(values))
        except DataError as exc:  # such as a cursor with a time that is none
            raise ValidationError({"cursor": [FOREIGN]} if cursor else "Invalid value") from exc
        more, rows = len(rows) > limit, rows[:limit]
        if more and not counted:
            counted = view.statement(total, counts).run(view.values())
        self.counts = counted[0][0] if counted else (len(rows),)
        self.headers = {"X-Total-Count": str(self.counts[0])}
        if more:
            self.headers["Link"] = next_link(view.request, statement.cursor_at(rows[-1]))
        width = statement.width  # other columns only sort
        return rows if not rows or len(rows[0]) == width else [row[:width] for row in rows]

    def paginate_queryset(  # type: ignore[override]  # the queries of DRF are Any
        self, queryset: Rows, request: Request, view: Any = None
    ) -> list[Any]:
        """The instances of the page, for an action that a subclass adds. Two queries."""
        asked = PARAMETERS.read(request.query_params)
        limit, offset = asked.get("limit", MAX_LIMIT), asked.get("offset", 0)
        cursor = asked.get("cursor")
        listed = ordered(queryset)
        ordering = ordering_of(listed)
        if cursor:
            if cursor[:2] != ordering:
                raise ValidationError({"cursor": [FOREIGN]})
            listed = after(listed, cursor.value is None, cursor.value, cursor.pk)
        rows = list(listed[offset : offset + limit + 1])
        self.headers = {"X-Total-Count": str(queryset.order_by().count())}
        if len(rows) > limit:
            last = cursor_of(ordering, getattr(rows[limit - 1], ordering[0]), rows[limit - 1].pk)
            self.headers["Link"] = next_link(request, last)
        return rows[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        return Response(data, headers=self.headers)


def next_link(request: Request, cursor: Cursor) -> str:
    """The Link header with the address of the same list from the cursor on."""
    sent = request.META.get("QUERY_STRING", "").encode("latin-1").decode()
    kept = [part for part in sent.split("&") if unquote_plus(part.partition("=")[0]) not in PLACES]
    query = iri_to_uri("&".join([*filter(None, kept), f"cursor={cursor}"]))
    path = f"{request.scheme}://{request.get_host()}{escape_uri_path(request.path)}"
    return f'<{path}?{query}>; rel="next"'
