"""POST /api/batch: up to 100 operations in one transaction (ADR 27)."""

from typing import Any

import orjson
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from tasks import schema
from tasks.contract import TaskResponse
from tasks.fields import FlagField
from tasks.idempotency import run_once
from tasks.operations import NAMES, Operations, Result, id_of
from tasks.serializers import RequestBody, TaskSerializer
from tasks.transactions import in_transaction
from tasks.views import TaskViewSet
from todo_api.limits.rate_limits import count_user
from todo_api.web.exceptions import BatchFailed
from todo_api.web.openapi.schema import ProblemSerializer

MAX_OPERATIONS = 100
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
    next = TaskSerializer(required=False, help_text="The next task of a series")
    problem = ProblemSerializer(required=False)


class BatchResultsSerializer(serializers.Serializer[Any]):
    results = BatchResultSerializer(many=True)


class BatchViewSet(TaskViewSet):
    """Many changes of the signed-in user's tasks."""

    filter_backends: Any = ()
    known_actions = with_trash = {"batch"}
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

        def run(prepared: Operations) -> list[Result]:
            return [self.result(prepared, *each, atomic) for each in enumerate(operations)]

        ids = {pk for each in operations if (pk := id_of(each))}
        return run_once(request, "batch", lambda: TaskResponse(in_transaction(self, ids, run)))

    def result(self, operations: Operations, index: int, sent: Any, atomic: bool) -> Result:
        try:
            return operations.run(sent)
        except APIException as exc:
            if atomic:
                raise BatchFailed(index, exc) from exc
            handler, context = self.get_exception_handler(), self.get_exception_handler_context()
            response: Any = handler(exc, context)
            return {"status": exc.status_code, "problem": orjson.loads(response.content)}
