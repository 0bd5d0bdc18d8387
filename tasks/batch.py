"""POST /api/batch: up to 100 operations in one transaction (ADR 27)."""

from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from tasks import schema, statements
from tasks.contract import TaskResponse
from tasks.idempotency import run_once
from tasks.operations import NAMES, Operations, Result, id_of
from tasks.serializers import FlagField, RequestBody, TaskSerializer
from tasks.views import TaskViewSet
from todo_api.limits.rate_limits import count_user
from todo_api.web.exceptions import BatchFailed, Conflict
from todo_api.web.openapi.schema import ProblemSerializer

MAX_OPERATIONS = 100
ATTEMPTS = 3
EXPECTED = f"Operations must be a list of 1 to {MAX_OPERATIONS} objects"


class BatchOperationSerializer(serializers.Serializer[Any]):
    """A change of one task. `fields` are those of the task, or `completed` for `complete`."""

    # For the OpenAPI document: `Operations` reads each operation by itself.
    op = serializers.ChoiceField(choices=NAMES)
    id = serializers.UUIDField(required=False, help_text="Optional for `create`")
    if_match = serializers.CharField(
        required=False, help_text="Changes only this version: an ETag, or the task's `updated_at`"
    )
    fields = TaskSerializer(required=False, partial=True)  # type: ignore[assignment]  # a property of Serializer


@extend_schema_field(BatchOperationSerializer(many=True))
class OperationsField(serializers.ListField):
    child = serializers.DictField(error_messages={"not_a_dict": EXPECTED, "null": EXPECTED})
    default_error_messages = dict.fromkeys(
        ("not_a_list", "min_length", "max_length", "required", "null"), EXPECTED
    )


class BatchSerializer(RequestBody):
    """Operations to run in order."""

    atomic = FlagField(label="Atomic", default=True)
    operations = OperationsField(min_length=1, max_length=MAX_OPERATIONS)


class BatchResultSerializer(serializers.Serializer[Any]):
    """The result of an operation: `task`, unless it was deleted, or `problem`."""

    status = serializers.IntegerField()
    task = TaskSerializer(required=False)
    problem = ProblemSerializer(required=False)


class BatchResultsSerializer(serializers.Serializer[Any]):
    results = BatchResultSerializer(many=True)


class BatchViewSet(TaskViewSet):
    """Many changes of the signed-in user's tasks."""

    filter_backends: Any = ()
    failures = (409,)

    @extend_schema(
        summary="Run up to 100 operations",
        description="In order, in one transaction. With `atomic`, the default, the first failure"
        " undoes all of them: 409 `batch_failed`. Otherwise `results` has the failures.",
        request=BatchSerializer,
        responses={200: BatchResultsSerializer},
        parameters=schema.BATCH,
    )
    def batch(self, request: Request, **kwargs: Any) -> TaskResponse:
        body = BatchSerializer.read(request.data)
        operations, atomic = body["operations"], body["atomic"]
        count_user(str(request.user.pk), len(operations) - 1)  # one is counted already
        return run_once(request, "batch", lambda: TaskResponse(self.perform(operations, atomic)))

    def perform(self, sent: list[Any], atomic: bool) -> list[Result]:
        """Runs the operations in one transaction, and returns their results."""
        taken: set[str] = set()
        for _ in range(ATTEMPTS):
            with transaction.atomic():
                operations = self.prepare(sent, taken)
                results = [self.result(operations, *each, atomic) for each in enumerate(sent)]
                hidden = self.write(operations)
                if not hidden and self.within_quota(operations):
                    return results
                transaction.set_rollback(True)
            taken |= hidden
        raise Conflict("Other requests were writing the same tasks; send it again")

    def prepare(self, sent: list[Any], taken: set[str]) -> Operations:
        """Reads and locks the tasks of the batch. All tasks before any number of a change, and in
        the order of their ids: otherwise two batches, or a batch and another request, could wait
        for each other.
        """
        ids = {pk for each in sent if (pk := id_of(each))}
        tasks = (
            self.get_queryset().filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
        )
        found = {str(task.pk): task for task in tasks} if ids else {}
        room = 0
        if any(each.get("op") == "create" for each in sent):
            (((used,),),) = self.statement(statements.quota_used).run(self.values())
            room = settings.TASKS_PER_USER - used
        return Operations(self, ids, found, taken, room)

    def result(self, operations: Operations, index: int, sent: Any, atomic: bool) -> Result:
        try:
            return operations.run(sent)
        except APIException as exc:
            if atomic:
                raise BatchFailed(index, exc) from exc
            handler, context = self.get_exception_handler(), self.get_exception_handler_context()
            response: Any = handler(exc, context)
            return {"status": exc.status_code, "problem": orjson.loads(response.content)}

    def write(self, operations: Operations) -> set[str]:
        """Writes the tasks, and returns the ids of new ones that exist already: for another user,
        or because a request at the same time has created them.
        """
        added = [operations.added[pk] for pk in sorted(operations.added)]
        tasks: Any = self.model.objects
        tasks.bulk_create(task for task in added if str(task.pk) not in operations.named)
        chosen = [task for task in added if str(task.pk) in operations.named]
        tasks.bulk_create(chosen, ignore_conflicts=True)
        if operations.changed:
            self.get_queryset().bulk_update(operations.changed.values(), operations.written)
        own = (
            tasks.filter(user_id=self.request.user.pk, pk__in=[task.pk for task in chosen])
            if chosen
            else []
        )
        written = {(task.pk, task.updated_at) for task in own}
        return {str(task.pk) for task in chosen if (task.pk, task.updated_at) not in written}

    def within_quota(self, operations: Operations) -> bool:
        """Counts again: a batch at the same time was not counted. The next one waits for this."""
        if not operations.added:
            return True
        (((used,),),) = self.statement(statements.quota_used).run(self.values())
        return bool(used <= settings.TASKS_PER_USER)
