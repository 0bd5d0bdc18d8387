"""Pagination by limit, offset or cursor, with the total and the next page in headers."""

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
WRONG_LIST = "expected the cursor of a Link header of this list; start again without it"
POSITION = {"offset", "cursor"}


PARAMETERS = Parameters(
    limit=number(1, MAX_LIMIT, MAX_LIMIT),
    offset=number(0, 2**31 - 1, 0),
    cursor=Parameter(read_cursor, WRONG_LIST, description="From `Link`: the next page"),
)


@dataclass(frozen=True)
class Page(Statement):
    """The statement of one page. `value_at` and `pk_at` are the columns of a cursor; columns from
    `width` on are not part of the representation.
    """

    ordering: tuple[str, bool] = ("", False)
    value_at: int = 0
    pk_at: int = 0
    width: int = 0

    def cursor_at(self, row: Row) -> Cursor:
        return cursor_of(self.ordering, row[self.value_at], row[self.pk_at])


def page(
    rows: Rows, representation: Representation, cursor: Any, counts: tuple[str, ...] | None
) -> Page:
    """Returns the statement of one page. `counts` adds a second statement to the same message."""
    rows = ordered(rows)
    ordering = ordering_of(rows)
    pk = rows.model._meta.pk.name
    more = [name for name in (ordering[0], pk) if name not in representation.names]
    columns = [*representation.names, *more]
    listed = rows
    if cursor:
        if cursor[:2] != ordering:
            raise ValidationError({"cursor": [f"cursor: {WRONG_LIST}"]})
        listed = after(rows, cursor[2], Bind("cursor_value"), Bind("cursor_pk"))
    statement = statements.select_page(representation.select(listed, *more))
    if counts is not None:
        statement = statement.and_then(statements.count(rows, *counts))
    return Page(
        statement.sql,
        statement.params,
        ordering,
        columns.index(ordering[0]),
        columns.index(pk),
        len(representation.names),
    )


def total(rows: Rows, representation: Representation, counts: tuple[str, ...]) -> Statement:
    return statements.count(rows, *counts)


class HeaderPagination(BasePagination):
    """Pages of a list that is ordered by one field and the id. With cursors no page repeats or
    skips a row, even if rows before the cursor are added or removed.
    """

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return PARAMETERS.described()

    def paginate(self, view: Any, counts: tuple[str, ...] = ()) -> list[Row]:
        """Returns the rows of the requested page. Sets `headers`, and `self.counts`: the number of
        all rows, then for each of the boolean columns `counts` the number of rows where it is true.

        Sends one message to the database, and a second one to count a list that has more than
        MAX_LIMIT rows if the request has no page parameters.
        """
        requested = PARAMETERS.read(view.request.query_params)
        limit, cursor = requested.get("limit", MAX_LIMIT), requested.get("cursor")
        statement = view.statement(page, cursor and cursor.shape, counts if requested else None)
        values = {"limit": limit + 1, "offset": requested.get("offset", 0)}
        if cursor:
            values |= {"cursor_value": cursor.value, "cursor_pk": cursor.pk}
        rows: list[Row]
        try:
            rows, *counted = statement.run(view.values(values))
        except DataError as exc:  # such as a cursor with an invalid time
            raise ValidationError(
                {"cursor": [f"cursor: {WRONG_LIST}"]} if cursor else "Invalid value"
            ) from exc
        more, rows = len(rows) > limit, rows[:limit]
        if more and not counted:
            counted = view.statement(total, counts).run(view.values())
        self.counts = counted[0][0] if counted else (len(rows),)
        self.headers = {"X-Total-Count": str(self.counts[0])}
        if more:
            self.headers["Link"] = next_link(view.request, statement.cursor_at(rows[-1]))
        width = statement.width  # without the columns for the cursor
        return rows if not rows or len(rows[0]) == width else [row[:width] for row in rows]

    def paginate_queryset(  # type: ignore[override]  # Any in DRF
        self, queryset: Rows, request: Request, view: Any = None
    ) -> list[Any]:
        """Returns the instances of the page, for actions that a subclass adds. Two queries."""
        requested = PARAMETERS.read(request.query_params)
        limit, offset = requested.get("limit", MAX_LIMIT), requested.get("offset", 0)
        cursor = requested.get("cursor")
        listed = ordered(queryset)
        ordering = ordering_of(listed)
        if cursor:
            if cursor[:2] != ordering:
                raise ValidationError({"cursor": [f"cursor: {WRONG_LIST}"]})
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
    """Returns the Link header for the next page: the URL of the request with this cursor."""
    sent = request.META.get("QUERY_STRING", "").encode("latin-1").decode()
    kept = [
        part for part in sent.split("&") if unquote_plus(part.partition("=")[0]) not in POSITION
    ]
    query = iri_to_uri("&".join([*filter(None, kept), f"cursor={cursor}"]))
    path = f"{request.scheme}://{request.get_host()}{escape_uri_path(request.path)}"
    return f'<{path}?{query}>; rel="next"'
