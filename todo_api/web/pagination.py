"""Pagination by limit, offset or cursor, with the total and the next page in headers."""

from collections.abc import Callable
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
from todo_api.web.cursors import Cursor, after, cursor_of, order_of, ordered, read_cursor
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
    """The statement of one page. `cursor_columns` are the columns of a cursor; columns from `width`
    on are not part of the representation.
    """

    order: tuple[str, ...] = ()
    cursor_columns: tuple[int, ...] = ()
    width: int = 0

    def cursor_at(self, row: Row) -> Cursor:
        return cursor_of(self.order, (row[column] for column in self.cursor_columns))


def page(
    rows: Rows, representation: Representation, cursor: Any, counts: tuple[str, ...] | None
) -> Page:
    """Returns the statement of one page. `counts` adds a second statement to the same message."""
    rows = ordered(rows)
    order = order_of(rows)
    names = [name.lstrip("-") for name in order]
    more = [name for name in names if name not in representation.names]
    columns = [*representation.names, *more]
    listed = rows
    if cursor:
        listed = after_cursor(rows, cursor, Bind)
    statement = statements.select_page(representation.select(listed, *more))
    if counts is not None:
        statement = statement.and_then(statements.count(rows, *counts))
    return Page(
        statement.sql,
        statement.params,
        order,
        tuple(columns.index(name) for name in names),
        len(representation.names),
    )


def after_cursor(rows: Rows, shape: Any, value_of: Callable[[str], Any]) -> Rows:
    """Returns the rows after a cursor of this shape. Raises ValidationError for another order."""
    order, nulls = shape
    if order != order_of(rows):
        raise ValidationError({"cursor": [f"cursor: {WRONG_LIST}"]})
    values = (None if null else value_of(f"cursor{number}") for number, null in enumerate(nulls))
    return after(rows, tuple(values))


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
            values |= cursor.bound()
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
        order = order_of(listed)
        if cursor:
            listed = after_cursor(listed, cursor.shape, cursor.bound().__getitem__)
        rows = list(listed[offset : offset + limit + 1])
        self.headers = {"X-Total-Count": str(queryset.order_by().count())}
        if len(rows) > limit:
            last = cursor_of(order, (getattr(rows[limit - 1], name.lstrip("-")) for name in order))
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
