"""Reading and writing one task: the statement of a request, or a transaction."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from rest_framework.exceptions import NotFound

from tasks import statements
from tasks.contract import TaskResponse, with_additions
from tasks.due import needs_task, with_due_date, zone_of
from tasks.etags import etag_of, if_match_versions, if_none_match_versions
from tasks.models import Task
from tasks.operations import Operations, Result, TooManyTasks
from tasks.statements import Preconditions
from tasks.transactions import in_transaction
from todo_api.postgresql.statements import Row, Statement, prepared_values, row_of
from todo_api.web.exceptions import AlreadyExists, PreconditionFailed
from todo_api.web.views import ApiViewSet

Fields = dict[str, Any]
TASK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class OneTaskView(ApiViewSet):
    """A view that reads or writes the task in the path, under the conditions of the headers."""

    lookup_value_regex = "[^/]+"  # so that a malformed id returns the API's 404

    def read_body(self, *, partial: bool = False) -> Fields:
        """Returns the validated fields that were sent. Raises ValidationError."""
        serializer: Any = self.get_serializer_class()
        fields: Fields = serializer.read(self.request.data, partial=partial)
        return fields

    def task_response(self, row: Row, status: int = 200, **headers: str) -> TaskResponse:
        """Returns the response that shows the row, with its ETag."""
        (task,) = self.representation.represent([row])
        return TaskResponse(task, status, headers | {"ETag": etag_of(task["updated_at"])})

    def insert(self, task: Task, path: str, *, new_id: bool = True) -> TaskResponse:
        """Inserts the task, and returns the response with it and its path. Raises QuotaExceeded,
        and without `new_id` AlreadyExists.
        """
        row = row_of(task)
        values = prepared_values(self.model, row) | {"quota": settings.TASKS_PER_USER}
        (rows,) = self.statement(statements.add, frozenset(row), new_id).run(self.values(values))
        if rows:
            location = self.request.build_absolute_uri(escape_uri_path(path))
            return self.task_response(rows[0], 201, Location=location)
        if not new_id:
            own, ((used,),) = self.statement(statements.not_added).run(self.values({"pk": task.pk}))
            if own or used < settings.TASKS_PER_USER:
                raise AlreadyExists
        raise TooManyTasks

    def change(self, fields: Fields) -> TaskResponse:
        """Writes the fields, and returns the response with the task. Without fields, it only reads
        the task.
        """
        if not fields:
            return self.task_response(self.run_on_task(statements.read, trashed=False))
        if needs_task(fields):
            return self.change_in_memory(fields)
        fields = with_due_date(fields, zone_of(self.request))
        completes = fields.get("completed") is True
        if completes and fields.get("repeat"):
            return self.change_in_memory(fields)
        values = prepared_values(self.model, fields) | {"now": timezone.now()}
        shape = frozenset(fields), fields.get("completed")
        if not completes or "repeat" in fields:
            row = self.run_on_task(statements.change, *shape, trashed=False, **values)
            return self.task_response(row)
        found = self.find_and_run(
            statements.change, *shape, trashed=False, not_repeating=True, **values
        )
        return self.task_response(found) if found else self.change_in_memory(fields)

    def change_in_memory(self, fields: Fields | None) -> TaskResponse:
        """Writes the fields of a task that must be read first, such as one that repeats. Without
        fields, it completes or reopens the task.
        """
        pk = self.task_id()

        def run(operations: Operations) -> Result:
            task = operations.tasks.get(pk)
            if task is None or task.deleted_at:
                raise NotFound("Task not found")
            excluded, allowed = (
                if_none_match_versions(self.request),
                if_match_versions(self.request),
            )
            wrong = excluded is None or task.updated_at in excluded
            if wrong or (allowed is not None and task.updated_at not in allowed):
                raise PreconditionFailed(
                    with_additions(operations.shown(task)), etag_of(task.updated_at)
                )
            changes = {"completed": not task.completed} if fields is None else fields
            return operations.write(task, changes) | {"updated_at": task.updated_at}

        result = in_transaction(self, {pk}, run)
        shown = result["task"] | ({"next": result["next"]} if "next" in result else {})
        return TaskResponse(shown, headers={"ETag": etag_of(result["updated_at"])})

    def run_on_task(self, *args: Any, **options: Any) -> Row:
        """Does the same as `find_and_run`, but raises NotFound without a task, and
        PreconditionFailed when the headers exclude the task's version.
        """
        if row := self.find_and_run(*args, **options):
            return row
        if if_none_match_versions(self.request) == [] and if_match_versions(self.request) is None:
            raise NotFound("Task not found")
        current = self.representation.represent([self.read_row(options.get("trashed"))])[0]
        raise PreconditionFailed(with_additions(current), etag_of(current["updated_at"]))

    def find_and_run(
        self,
        build: Callable[..., Statement],
        *shape: Any,
        trashed: bool | None = None,
        not_repeating: bool = False,
        **values: Any,
    ) -> Row | None:
        """Runs the statement on the task in the path, and returns its row. None if there is no such
        task, or the headers exclude its version, or `not_repeating` excludes it.
        """
        pk = self.task_id()
        excluded, allowed = if_none_match_versions(self.request), if_match_versions(self.request)
        if excluded is None or allowed == []:
            return None
        conditions = Preconditions(allowed is not None, bool(excluded), trashed, not_repeating)
        values |= {"pk": pk, "if_match": allowed, "if_none_match": excluded}
        (rows,) = self.statement(build, conditions, *shape).run(self.values(values))
        return rows[0] if rows else None

    def read_row(self, trashed: bool | None = None) -> Row:
        """Returns the row of the task in the path, in any version. Raises NotFound."""
        values, conditions = self.values({"pk": self.task_id()}), Preconditions(trashed=trashed)
        (rows,) = self.statement(statements.read, conditions).run(values)
        if not rows:
            raise NotFound("Task not found")
        return rows[0]

    def task_id(self) -> str:
        """Returns the id in the path. Raises NotFound for a malformed id, and the exceptions of
        object-level permissions.
        """
        pk = self.path_id()
        if not self.must_load_object():
            return pk
        try:
            return str(self.get_object().pk)
        except Http404 as exc:
            raise NotFound("Task not found") from exc

    def path_id(self) -> str:
        """Returns the id in the path in lower case. Raises NotFound for a malformed id."""
        pk: str = self.kwargs["pk"]
        if not TASK_ID.fullmatch(pk):  # PostgreSQL accepts other formats of a UUID
            raise NotFound("Task not found")
        return pk.lower()
