"""A new field needs the model, a migration and the serializer's list of fields, and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.functions import Upper
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from accounts.models import User
from tasks.models import Task
from tasks.querysets import TaskQuerySet
from tasks.repeating import copied_fields
from tasks.serializers import TaskSerializer
from tasks.views import TaskViewSet

POLICIES = """
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks_chore TO todo_user;
ALTER TABLE tasks_chore ENABLE ROW LEVEL SECURITY;
CREATE POLICY tasks_chore_own ON tasks_chore TO todo_user
    USING (user_id = current_setting('app.user_id', true));
"""
urlpatterns: list[Any] = []


def chore_model() -> Any:
    """Returns a copy of the Task model with more fields, one of them hidden from clients."""
    copied = {each.name: each.clone() for each in Task._meta.local_fields if each.name != "user"}
    body = {
        **copied,
        "user": models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False),
        "colour": models.CharField(max_length=20, default="red"),
        "effort": models.DecimalField(max_digits=5, decimal_places=2, null=True),
        "labels": models.JSONField(default=list),
        "seen_at": models.DateTimeField(auto_now=True),
        "weight": models.IntegerField(db_default=7),
        "loud": models.GeneratedField(
            expression=Upper("title"), output_field=models.TextField(), db_persist=True
        ),
        "objects": TaskQuerySet.as_manager(),
        "Meta": type("Meta", (), {"app_label": "tasks"}),
        "__module__": __name__,
    }
    return type("Chore", (models.Model,), body)


@pytest.fixture
def chores(db: None, settings: Any) -> Iterator[Any]:
    """The temporary model, with its table, and its view at /api/chores."""
    model = chore_model()
    fields = (*TaskSerializer.Meta.fields, "colour", "effort", "labels", "weight", "loud")
    meta = type(
        "Meta",
        (TaskSerializer.Meta,),
        {
            "model": model,
            "fields": fields,
            "read_only_fields": (*TaskSerializer.Meta.read_only_fields, "weight", "loud"),
        },
    )
    serializer = type("ChoreSerializer", (TaskSerializer,), {"Meta": meta})
    view = type(
        "ChoreViewSet",
        (TaskViewSet,),
        {"queryset": model.objects.all(), "serializer_class": serializer},
    )
    router = SimpleRouter()
    router.trailing_slash = "/?"
    router.register("api/chores", view, "task")
    urlpatterns[:] = [*router.urls, path("", include("todo_api.urls"))]
    globals()["ChoreSerializer"] = serializer
    settings.PERSONAL_DATA = {"chore": f"{__name__}.ChoreSerializer"}
    with connection.schema_editor() as editor:
        editor.create_model(model)
    with connection.cursor() as cursor:
        cursor.execute(POLICIES)
    yield model
    del apps.all_models["tasks"]["chore"]
    apps.clear_cache()


@pytest.mark.urls(__name__)
def test_an_added_field_is_read_written_exported_and_documented(
    chores: Any, as_alice: APIClient, alice: User
) -> None:
    created = as_alice.post("/api/chores", {"title": "Paint", "effort": "1.5", "labels": ["a", 1]})
    one = f"/api/chores/{created.json()['id']}"
    first_seen = chores.objects.get().seen_at

    shown = {"colour": "red", "effort": "1.50", "labels": ["a", 1], "weight": 7, "loud": "PAINT"}
    assert created.status_code == 201, created.content
    assert created.json() == {**created.json(), **shown}
    changed = as_alice.patch(one, {"colour": "blue", "labels": {"of": None}, "effort": None})
    shown |= {"colour": "blue", "labels": {"of": None}, "effort": None}
    assert changed.json() == {**created.json(), **shown, "updated_at": changed.json()["updated_at"]}
    assert as_alice.get(one).json() == changed.json()
    assert as_alice.get("/api/chores").json() == [changed.json()]
    assert as_alice.get("/api/chores?sort=title&limit=1").json() == [changed.json()]
    assert as_alice.patch(one, {"colour": "x" * 21}).status_code == 400
    # Like QuerySet.update(), a PATCH does not apply auto_now.
    assert chores.objects.get().seen_at == first_seen

    exported: Any = as_alice.get("/api/me/export")
    assert json.loads(b"".join(exported))["chores"] == [changed.json()]

    document = SchemaGenerator(urlconf=__name__).get_schema(public=True)
    components = document["components"]["schemas"]
    assert components["Chore"]["properties"]["colour"] == {"type": "string", "maxLength": 20}
    assert {"colour", "effort", "labels"} <= components["ChoreRequest"]["properties"].keys()


def test_the_next_task_of_a_series_has_the_added_fields_that_users_write(chores: Any) -> None:
    assert set(copied_fields(chores)) == {
        "title", "description", "priority", "time_zone", "tags",
        "colour", "effort", "labels", "weight",
    }  # fmt: skip


def test_an_unknown_column_with_a_default_breaks_no_request(
    as_alice: APIClient, alice: User
) -> None:
    """As when the next release migrates while this release runs."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_task ADD COLUMN extra text NOT NULL DEFAULT 'kept'")

    created = as_alice.post("/api/tasks", {"title": "New"})
    one = f"/api/tasks/{created.json()['id']}"
    responses = [as_alice.get(one), as_alice.patch(one, {"title": "Changed"}), as_alice.delete(one)]

    assert created.status_code == 201
    assert [each.status_code for each in responses] == [200, 200, 204]
