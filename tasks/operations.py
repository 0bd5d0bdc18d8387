"""Operations on tasks in memory: those of a batch, and what one statement cannot do. The rules are
those of single requests.
"""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import NotFound, ValidationError

from tasks.contract import with_additions
from tasks.due import needs_task, with_due_date, zone_of
from tasks.etags import etag_of, versions_in
from tasks.models import Task
from tasks.repeating import copied_fields, following
from tasks.serializers import CompletionSerializer
from todo_api.web.body import ignore_unknown
from todo_api.web.contract import canonical
from todo_api.web.exceptions import AlreadyExists, PreconditionFailed, QuotaExceeded

NAMES = ("create", "update", "complete", "delete", "restore")
MEMBERS = ("op", "id", "if_match", "fields")
Result = dict[str, Any]


class TooManyTasks(QuotaExceeded):
    def __init__(self) -> None:
        super().__init__(
            f"A user can have {settings.TASKS_PER_USER} tasks, those in the trash included;"
            " delete some for good first"
        )


class Operations:
    """Runs operations one after the other. Each sees the changes of those before it.

    `named` are the ids of the batch and those of the tasks that follow, `found` the user's tasks
    with these ids, also those in the trash, `taken` the ids of other users' tasks, and `room`
    returns the number of tasks that the user may add. Later, `added` and `changed` are the tasks to
    insert and to update, and `written` the fields to update.
    """

    def __init__(
        self,
        view: Any,
        named: set[str],
        found: dict[str, Task],
        taken: set[str],
        room: Callable[[], int],
    ) -> None:
        self.view, self.named, self.tasks = view, named, found
        self.serializer: Any = view.get_serializer_class()
        self.output = self.serializer()
        self.zone = zone_of(view.request)
        self.taken, self.room = taken, cache(room)
        self.added: dict[str, Task] = {}
        self.changed: dict[str, Task] = {}
        self.written = {"updated_at"}

    def run(self, sent: Mapping[str, Any]) -> Result:
        """Runs one operation and returns its result. Raises APIException, and changes nothing."""
        operation = canonical(dict(sent))
        ignore_unknown(operation, MEMBERS)
        name, fields = operation.get("op"), operation.get("fields", {})
        if name not in NAMES:
            raise ValidationError({"op": [f"op: expected one of: {', '.join(NAMES)}"]})
        if not isinstance(fields, dict):
            raise ValidationError({"fields": ["fields: expected an object"]})
        run = getattr(self, name)
        result: Result = run(operation, canonical(fields))
        return result

    def create(self, operation: Mapping[str, Any], fields: Any) -> Result:
        pk, fields = id_of(operation), with_due_date(self.serializer.read(fields), self.zone)
        if pk is None and "id" in operation:
            raise ValidationError({"id": ["id: expected a UUID"]})
        if pk in self.tasks:
            raise AlreadyExists
        self.require_room()
        if pk in self.taken:
            raise AlreadyExists
        given = {"pk": UUID(pk)} if pk else {}
        task = self.view.model.objects.new(user_id=self.view.request.user.pk, **given, **fields)
        self.tasks[str(task.pk)] = self.added[str(task.pk)] = task
        return self.result(task, 201)

    def update(self, operation: Mapping[str, Any], fields: Any) -> Result:
        validated = self.serializer.read(fields, partial=True)
        if not needs_task(validated):  # refused before the task is looked for
            validated = with_due_date(validated, self.zone)
        return self.write(self.find(operation), validated)

    def complete(self, operation: Mapping[str, Any], fields: Any) -> Result:
        validated = CompletionSerializer.read(fields)
        task = self.find(operation)
        return self.write(task, validated or {"completed": not task.completed})

    def delete(self, operation: Mapping[str, Any], fields: Any) -> Result:
        self.write(self.find(operation), {"deleted_at": timezone.now()})
        return {"status": 204}

    def restore(self, operation: Mapping[str, Any], fields: Any) -> Result:
        return self.write(self.find(operation, trashed=True), {"deleted_at": None})

    def find(self, operation: Mapping[str, Any], *, trashed: bool = False) -> Task:
        """Returns the task of an operation. Raises NotFound, and PreconditionFailed when `if_match`
        names another version, and the exceptions of object-level permissions.
        """
        task = self.tasks.get(id_of(operation) or "")
        if task is None or (task.deleted_at is not None) != trashed:
            raise NotFound("Task not found")
        self.view.check_object_permissions(self.view.request, task)
        wanted = operation.get("if_match")
        if wanted is not None and not isinstance(wanted, str):
            raise ValidationError(
                {"if_match": ["if_match: expected an ETag or the updated_at of the task"]}
            )
        if wanted is not None and not matches(task, wanted):
            raise PreconditionFailed(with_additions(self.shown(task)), etag_of(task.updated_at))
        return task

    def write(self, task: Task, fields: Mapping[str, Any]) -> Result:
        """Changes the task, and returns the result. With a task that repeats and is completed, it
        also adds the next one. Raises APIException, and changes nothing.
        """
        if not fields:
            return self.result(task, 200)
        now, changed = timezone.now(), copy(task)
        fields = with_due_date(fields, self.zone, task)
        changed.change(now, **fields)
        completes = changed.completed and not task.completed
        new = following(changed, now, self.zone) if completes else None
        added = self.follow(new, now) if new else None
        task.change(now, **fields)
        self.record(task, {*fields, *(["completed_at"] if "completed" in fields else [])})
        return self.result(task, 200) | ({"next": self.shown(added)} if added else {})

    def follow(self, new: Task, now: datetime) -> Task | None:
        """Adds the next task of a series, or takes it out of the trash, and returns it. None if it
        exists and is not in the trash.
        """
        present = self.tasks.get(str(new.pk))
        if present is None:
            self.require_room()
            if str(new.pk) in self.taken:
                new.pk = uuid4()
            self.tasks[str(new.pk)] = self.added[str(new.pk)] = new
            return new
        if present.deleted_at is None:
            return None
        names = (*copied_fields(type(new)), "due_date", "due_at", "remind_at", "repeat")
        fields = {name: getattr(new, name) for name in names}
        present.change(now, **fields, completed=False, deleted_at=None)
        self.record(present, {*fields, "completed", "completed_at", "deleted_at"})
        return present

    def record(self, task: Task, names: set[str]) -> None:
        """Remembers that these fields of the task are to be written."""
        if str(task.pk) not in self.added:
            self.changed[str(task.pk)] = task
            self.written |= names

    def require_room(self) -> None:
        if self.room() <= len(self.added):
            raise TooManyTasks

    def result(self, task: Task, status: int) -> Result:
        return {"status": status, "task": self.shown(task)}

    def shown(self, task: Task) -> Any:
        return self.output.to_representation(task)


def id_of(operation: Mapping[str, Any]) -> str | None:
    """Returns the id of an operation in lower case; None without one, or for a malformed id."""
    pk = operation.get("id")
    try:
        return pk.lower() if isinstance(pk, str) and str(UUID(pk)) == pk.lower() else None
    except ValueError:
        return None


def matches(task: Task, wanted: str) -> bool:
    """Returns whether an ETag, or the text of `updated_at`, names the version of the task."""
    versions = versions_in(wanted)
    return versions is None or task.updated_at in versions
