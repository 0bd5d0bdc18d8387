"""Subclasses of TaskViewSet behave as Django REST Framework documents."""

import logging
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Length, Now
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.filters import BaseFilterBackend, OrderingFilter, SearchFilter
from rest_framework.parsers import FormParser
from rest_framework.permissions import BasePermission, IsAdminUser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient
from rest_framework.throttling import UserRateThrottle

from accounts.models import User
from conftest import make_task
from tasks import statements
from tasks.filters import TaskFilterBackend
from tasks.models import Task
from tasks.serializers import TaskSerializer
from tasks.statements import Preconditions
from tasks.views import TaskViewSet
from todo_api.web.representation import representation_of
from todo_api.web.views import CompiledFilter

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


class ForOperators(TaskViewSet):
    permission_classes = (IsAdminUser,)


class NotUrgent(BasePermission):
    def has_object_permission(self, request: Any, view: Any, task: Any) -> bool:
        return bool(task.priority != 4)


class Guarded(TaskViewSet):
    permission_classes = (*TaskViewSet.permission_classes, NotUrgent)


class OncePerMinute(UserRateThrottle):
    rate = "1/min"


class Throttled(TaskViewSet):
    throttle_classes = (OncePerMinute,)


class OnlyOpen(TaskViewSet):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(completed=False)


class Joined(TaskViewSet):
    """Filters through a join, and by the key of the user."""

    def get_queryset(self) -> Any:
        return Task.objects.filter(user_id=self.request.user.pk, user__name="Alice")


class Nothing(TaskViewSet):
    def get_queryset(self) -> Any:
        return super().get_queryset().none()


class DueByNow(TaskViewSet):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(Q(due_date__lte=Now()) | Q(due_date=None))


class FiltersByTime(TaskViewSet):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(created_at__lte=timezone.now())


class FiltersByParameter(TaskViewSet):
    def get_queryset(self) -> Any:
        return super().get_queryset().filter(title=self.request.query_params["title"])


class FiltersByDate(TaskViewSet):
    def get_queryset(self) -> Any:
        return super().get_queryset().exclude(due_date__gt=timezone.localdate())


class QueriesDatabase(TaskViewSet):
    def get_queryset(self) -> Any:
        ids = list(Task.objects.values_list("pk", flat=True))
        return super().get_queryset().filter(pk__in=ids)


class ReadsUserFlag(TaskViewSet):
    def get_queryset(self) -> Any:
        tasks = super().get_queryset()
        return tasks if self.request.user.is_staff else tasks.filter(completed=False)


class OwnFilterQueryset(TaskViewSet):
    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset).filter(completed=False)


class OwnObjectCheck(TaskViewSet):
    def check_object_permissions(self, request: Any, task: Any) -> None:
        if task.completed:
            self.permission_denied(request)


class OnlyOpenInDetail(TaskViewSet):
    def get_queryset(self) -> Any:
        tasks = super().get_queryset()
        return tasks.filter(completed=False) if self.detail else tasks


class LongTitles(BaseFilterBackend):
    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        long = queryset.annotate(length=Length("title"))
        return long.filter(length__gte=int(request.headers.get("X-Length", 1)))


class Filtered(TaskViewSet):
    filter_backends: Any = (TaskFilterBackend, LongTitles)


class Searched(TaskViewSet):
    filter_backends: Any = (*TaskViewSet.filter_backends, SearchFilter)
    search_fields = ("=title",)


OWN_TASKS = Subquery(
    Task.objects.filter(user=OuterRef("user")).values("user").annotate(n=Count("pk")).values("n")
)


class Ordered(TaskViewSet):
    filter_backends: Any = (TaskFilterBackend, OrderingFilter)
    ordering_fields = ("priority", "due_date")


class OnlyPriority(CompiledFilter):
    """Binds a value with the name of a field that a PATCH can write."""

    def read(self, request: Any, view: Any) -> Any:
        return None, {"priority": 3}

    def narrow(self, rows: Any, shape: Any, value_of: Any) -> Any:
        return rows.filter(priority=value_of("priority"))


class High(TaskViewSet):
    filter_backends: Any = (OnlyPriority,)


class Distinct(TaskViewSet):
    def get_queryset(self) -> Any:
        return super().get_queryset().distinct()


class ShortSerializer(TaskSerializer):
    letters = serializers.IntegerField(read_only=True)

    class Meta(TaskSerializer.Meta):
        fields = ("id", "title", "letters", "updated_at")  # type: ignore[assignment]  # a tuple of other length


class Annotated(TaskViewSet):
    serializer_class = ShortSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().annotate(letters=Length("title"))


class Siblings(TaskViewSet):
    serializer_class = ShortSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().annotate(letters=OWN_TASKS)


class Titles(BaseRenderer):
    media_type, format = "text/plain", "txt"

    def render(self, data: Any, media_type: Any = None, context: Any = None) -> bytes:
        tasks = data if context["view"].action == "list" else [data]
        return "\n".join(task["title"] for task in tasks).encode()


class Plain(TaskViewSet):
    renderer_classes = (Titles,)
    parser_classes = (FormParser,)


class WithActions(TaskViewSet):
    @action(detail=False)
    def latest(self, request: Any) -> Response:
        """Written as in DRF's documentation."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @action(detail=False)
    def titles(self, request: Any) -> Response:
        return Response([task.title for task in self.get_queryset().order_by("title")])

    @action(detail=True)
    def instance(self, request: Any, pk: str) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @action(detail=False, permission_classes=[IsAdminUser])
    def secret(self, request: Any) -> Response:
        return Response("for operators")


router = SimpleRouter()
router.trailing_slash = "/?"
for view in (
    ForOperators, Guarded, Throttled, OnlyOpen, Joined, Nothing, DueByNow, FiltersByTime,
    FiltersByParameter, Filtered, Searched, Annotated, Plain, WithActions, FiltersByDate,
    QueriesDatabase, ReadsUserFlag, OwnFilterQueryset, OwnObjectCheck, OnlyOpenInDetail, Siblings,
    Ordered, High, Distinct,
):  # fmt: skip
    router.register(f"api/{view.__name__}", view, view.__name__)
urlpatterns = [*router.urls, path("", include("todo_api.urls"))]


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """DRF's throttles count in the cache."""
    cache.clear()
    yield
    cache.clear()


def every_request(client: APIClient, view: str, task: Any) -> dict[str, int]:
    """Returns the statuses of all requests for one task."""
    one = f"/api/{view}/{task.pk}"
    responses = {
        "retrieve": client.get(one),
        "change": client.patch(one, {"title": "Changed"}),
        "replace": client.put(one, {"title": "Changed"}),
        "conditional": client.patch(one, {"title": "Changed"}, headers={"If-Match": '"5"'}),
        "complete": client.post(f"{one}/complete", {"completed": True}),
        "toggle": client.post(f"{one}/complete"),
        "delete": client.delete(one),
    }
    return {name: response.status_code for name, response in responses.items()}


def titles_of(client: APIClient, path: str, **headers: str) -> list[str]:
    response = client.get(f"/api/{path}", headers=headers)
    assert response.status_code == 200, response.content
    assert len(response.json()) <= int(response.headers["X-Total-Count"])
    return [task["title"] for task in response.json()]


# --- Permissions and throttles --------------------------------------------------------------------


def test_a_stricter_permission_returns_403_for_users_who_are_not_staff(
    as_alice: APIClient, alice: User
) -> None:
    task = make_task(alice)

    refused = every_request(as_alice, "ForOperators", task)
    refused["list"] = as_alice.get("/api/ForOperators").status_code
    refused["create"] = as_alice.post("/api/ForOperators", {"title": "New"}).status_code

    assert refused == dict.fromkeys(refused, 403)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert titles_of(as_alice, "ForOperators") == [task.title]


def test_object_level_permissions_receive_the_task(
    as_alice: APIClient, alice: User, bob: User
) -> None:
    urgent, other, foreign = make_task(alice, priority=4), make_task(alice), make_task(bob)

    refused = every_request(as_alice, "Guarded", urgent)
    absent = every_request(as_alice, "Guarded", foreign)

    assert refused == dict.fromkeys(refused, 403)
    assert absent == dict.fromkeys(absent, 404)
    assert as_alice.get(f"/api/Guarded/{other.pk}").json()["title"] == other.title
    assert as_alice.delete(f"/api/Guarded/{other.pk}").status_code == 204
    assert {task.title for task in Task.objects.all()} == {"Water the plants"}


def test_an_overridden_check_object_permissions_receives_the_task(
    as_alice: APIClient, alice: User
) -> None:
    done = make_task(alice, completed=True)

    refused = every_request(as_alice, "OwnObjectCheck", done)

    assert refused == dict.fromkeys(refused, 403)


def test_a_throttle_returns_429_for_the_second_request_in_a_minute(as_alice: APIClient) -> None:
    first, second = as_alice.get("/api/Throttled"), as_alice.get("/api/Throttled")

    assert (first.status_code, second.status_code) == (200, 429)
    assert 0 < int(second.headers["Retry-After"]) <= 60
    assert second.json()["code"] == "rate_limited"


def test_an_action_can_have_its_own_permissions(as_alice: APIClient) -> None:
    assert as_alice.get("/api/WithActions/secret").status_code == 403
    assert as_alice.get("/api/WithActions/titles").status_code == 200


# --- get_queryset ---------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["OnlyOpen", "Nothing", "Joined", "OwnFilterQueryset"])
def test_a_filtered_queryset_applies_to_every_request(
    as_alice: APIClient, alice: User, view: str
) -> None:
    User.objects.filter(pk=alice.pk).update(name="Another name")
    done = make_task(alice, "done", completed=True)
    before = Task.objects.values().get()

    absent = every_request(as_alice, view, done)

    assert absent == dict.fromkeys(absent, 404)
    for query in ("", "?status=completed", "?search=done&limit=5", "?limit=1&offset=0"):
        assert titles_of(as_alice, f"{view}{query}") == []
    assert as_alice.get(f"/api/{view}?limit=1").headers["X-Total-Count"] == "0"
    assert Task.objects.values().get() == before


def test_tasks_in_the_queryset_can_be_read_and_changed(as_alice: APIClient, alice: User) -> None:
    for view in ("OnlyOpen", "Joined", "DueByNow"):
        task = make_task(alice, view)
        one = f"/api/{view}/{task.pk}"

        assert view in titles_of(as_alice, f"{view}?sort=title&limit=10")
        assert as_alice.patch(one, {"title": "Changed"}).json()["title"] == "Changed"
        # The response shows the task, although the queryset no longer includes it.
        assert as_alice.post(f"{one}/complete").json()["completed"] is True
        assert as_alice.get(one).status_code == (404 if view == "OnlyOpen" else 200)
        assert as_alice.delete(one).status_code == (404 if view == "OnlyOpen" else 204)


@pytest.mark.parametrize("view", ["tasks", "Distinct", "Joined", "Annotated", "Filtered"])
def test_completing_a_task_that_repeats_uses_the_queryset(
    as_alice: APIClient, alice: User, bob: User, view: str
) -> None:
    repeat: Any = {"repeat": {"rule": "FREQ=DAILY", "from": "due"}, "due_date": date(2026, 1, 1)}
    task, foreign = make_task(alice, "Again", **repeat), make_task(bob, "Foreign", **repeat)

    completed = as_alice.post(f"/api/{view}/{task.pk}/complete")
    absent = every_request(as_alice, view, foreign)

    assert completed.status_code == 200, completed.content
    assert completed.json()["next"]["title"] == "Again"
    assert as_alice.get(f"/api/{view}/{completed.json()['next']['id']}").status_code == 200
    assert Task.objects.owned_by(alice).count() == 2
    assert absent == dict.fromkeys(absent, 404)


def test_an_empty_queryset_does_not_prevent_creation(as_alice: APIClient) -> None:
    created = as_alice.post("/api/Nothing", {"title": "New"})

    assert (created.status_code, created.json()["title"]) == (201, "New")
    assert as_alice.get(f"/api/Nothing/{created.json()['id']}").status_code == 404


@pytest.mark.parametrize(
    "view",
    ["FiltersByTime", "FiltersByParameter", "FiltersByDate", "QueriesDatabase", "ReadsUserFlag"],
)
def test_a_queryset_that_cannot_be_compiled_returns_500_and_logs_the_view(
    as_alice: APIClient, caplog: pytest.LogCaptureFixture, view: str
) -> None:
    with caplog.at_level(logging.ERROR):
        response = as_alice.get(f"/api/{view}", {"title": "x"})

    assert response.status_code == 500
    assert f"{view}.get_queryset() cannot be compiled" in caplog.text


def test_the_queryset_can_depend_on_the_kind_of_route(as_alice: APIClient, alice: User) -> None:
    done = make_task(alice, "done", completed=True)

    assert titles_of(as_alice, "OnlyOpenInDetail") == ["done"]
    absent = every_request(as_alice, "OnlyOpenInDetail", done)
    assert absent == dict.fromkeys(absent, 404)


def test_a_write_with_an_annotation_over_the_table_returns_500(
    as_alice: APIClient, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    """In a write, an annotation that counts the table would count the written row only."""
    task = make_task(alice)

    assert as_alice.get(f"/api/Siblings/{task.pk}").json()["letters"] == 1
    assert as_alice.patch(f"/api/Siblings/{task.pk}", {"title": "New"}).status_code == 500
    assert "cannot be compiled" in caplog.text
    assert Task.objects.get().title == task.title


def test_the_same_view_with_another_queryset_has_its_own_statements(
    as_alice: APIClient, alice: User
) -> None:
    make_task(alice, "open"), make_task(alice, "done", completed=True)
    done = TaskViewSet.as_view({"get": "list"}, queryset=Task.objects.filter(completed=True))
    urlpatterns.insert(0, path("api/done", done))
    try:
        assert titles_of(as_alice, "done") == ["done"]
        assert titles_of(as_alice, "tasks") == ["done", "open"]
    finally:
        del urlpatterns[0]


# --- Filters, columns, actions --------------------------------------------------------------------


def test_a_plain_drf_filter_backend_filters_lists_and_single_tasks(
    as_alice: APIClient, alice: User
) -> None:
    short, long = make_task(alice, "ab"), make_task(alice, "abcdef")

    for number, shown in ((1, ["abcdef", "ab"]), (3, ["abcdef"]), (7, [])):
        assert titles_of(as_alice, "Filtered?search=a", **{"X-Length": str(number)}) == shown
    assert titles_of(as_alice, "Filtered?limit=1", **{"X-Length": "3"}) == ["abcdef"]
    for task, status in ((short, 404), (long, 200)):
        one = f"/api/Filtered/{task.pk}"
        assert as_alice.get(one, headers={"X-Length": "3"}).status_code == status
    assert (
        as_alice.delete(f"/api/Filtered/{short.pk}", headers={"X-Length": "3"}).status_code == 404
    )
    assert Task.objects.count() == 2


def test_parameters_of_an_added_filter_backend_are_known(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "one"), make_task(alice, "two")

    response = as_alice.get("/api/Searched", {"search": "one", "other": "1"})

    assert [task["title"] for task in response.json()] == ["one"]
    assert response.headers["Ignored-Fields"] == "other"


@pytest.mark.parametrize("ordering", ["priority", "-priority", "due_date", "-due_date"])
def test_pages_sorted_by_drfs_ordering_filter_do_not_overlap_or_skip(
    as_alice: APIClient, alice: User, ordering: str
) -> None:
    for number in range(9):
        due = None if number % 3 == 0 else date(2026, 1, number % 2 + 1)
        make_task(alice, f"{number}", priority=number % 2 + 1, due_date=due)
    whole, paged = titles_of(as_alice, f"Ordered?ordering={ordering}"), []

    path = f"/api/Ordered?ordering={ordering}&limit=2"
    while path:
        page = as_alice.get(path)
        paged += [task["title"] for task in page.json()]
        path = page.headers.get("Link", "").partition(">")[0].removeprefix("<http://testserver")

    assert paged == whole
    assert sorted(paged) == [f"{number}" for number in range(9)]


def test_a_filter_value_and_a_written_value_with_the_same_name_stay_separate(
    as_alice: APIClient, alice: User
) -> None:
    high, low = make_task(alice, "high", priority=3), make_task(alice, "low", priority=1)

    assert titles_of(as_alice, "High") == ["high"]
    assert as_alice.patch(f"/api/High/{low.pk}", {"priority": "high"}).status_code == 404
    changed = as_alice.patch(f"/api/High/{high.pk}", {"priority": "low"})
    assert changed.json()["priority"] == "low"
    assert as_alice.get(f"/api/High/{high.pk}").status_code == 404


def test_counts_of_a_distinct_queryset_include_all_pages(
    as_alice: APIClient, alice: User, settings: Any
) -> None:
    settings.API_LIST_SHAPE = "keyed"
    for number in range(5):
        make_task(alice, completed=number < 3)

    body = as_alice.get("/api/Distinct?limit=1").json()

    assert (body["total"], body["completed_count"], body["pending_count"]) == (5, 3, 2)


def test_if_match_is_a_condition_on_the_row_itself_with_a_join() -> None:
    """PostgreSQL checks such a condition again after it has waited for a concurrent write."""
    joined = Task.objects.filter(user__name="Alice")

    sql = statements.remove(
        joined, representation_of(TaskSerializer), Preconditions(if_match=True)
    ).sql

    assert '"tasks_task"."updated_at" = ANY' in sql  # not U0, the subquery's


def test_a_write_returns_its_row_when_a_join_matches_nothing() -> None:
    grouped = Task.objects.filter(user__groups__name="readers")

    add = statements.add(grouped, representation_of(TaskSerializer), frozenset({"id"}), new_id=True)
    sql = add.sql

    assert 'LEFT OUTER JOIN "accounts_user_groups"' in sql


def test_a_serializer_of_a_subclass_can_show_annotations(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice, "four")
    one = f"/api/Annotated/{task.pk}"

    created = as_alice.post("/api/Annotated", {"title": "sixsix", "completed": True})
    changed = as_alice.patch(one, {"title": "eighteight"})

    assert created.json() == {**created.json(), "title": "sixsix", "letters": 6}
    assert set(created.json()) == {"id", "title", "letters", "updated_at"}
    assert Task.objects.get(title="sixsix").completed is False  # not a field of this serializer
    assert (changed.json()["letters"], as_alice.get(one).json()["letters"]) == (10, 10)
    rows = as_alice.get("/api/Annotated?sort=title&limit=1")
    assert (rows.json()[0]["letters"], rows.headers["X-Total-Count"]) == (10, "2")
    assert "Link" in rows.headers


def test_added_actions_can_return_drfs_response(
    as_alice: APIClient, alice: User, bob: User
) -> None:
    task, foreign = make_task(alice, "b"), make_task(bob, "foreign")
    make_task(alice, "a")

    assert as_alice.get("/api/WithActions/titles").json() == ["a", "b"]
    latest = as_alice.get("/api/WithActions/latest?limit=1&unknown=1")
    assert [each["title"] for each in latest.json()] == ["a"]
    assert (latest.headers["X-Total-Count"], "Ignored-Fields" in latest.headers) == ("2", False)
    following = latest.headers["Link"].partition(">")[0].removeprefix("<http://testserver")
    assert as_alice.get(following).json() == [as_alice.get(f"/api/tasks/{task.pk}").json()]
    shown = as_alice.get(f"/api/WithActions/{task.pk}/instance")
    assert shown.json() == as_alice.get(f"/api/tasks/{task.pk}").json()
    for absent in (foreign.pk, uuid.uuid4()):
        assert as_alice.get(f"/api/WithActions/{absent}/instance").status_code == 404


def test_parsers_and_renderers_of_the_view_are_used(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "one"), make_task(alice, "two")

    shown: Any = as_alice.get("/api/Plain", HTTP_ACCEPT="text/plain")
    form = as_alice.post(
        "/api/Plain", "title=Formed", content_type="application/x-www-form-urlencoded"
    )

    assert (shown.content, shown.headers["Content-Type"]) == (
        b"two\none",
        "text/plain; charset=utf-8",
    )
    assert as_alice.post("/api/Plain", {"title": "JSON"}).status_code == 415
    assert form.status_code == 201, form.content
    assert form.content == b"Formed"


@pytest.mark.parametrize("view", ["OnlyOpen", "Nothing", "Joined", "Searched"])
def test_the_quota_counts_all_tasks_of_the_user(
    as_alice: APIClient, alice: User, settings: Any, view: str
) -> None:
    settings.TASKS_PER_USER = 1
    make_task(alice, completed=True)

    assert as_alice.post(f"/api/{view}?search=zz", {"title": "x"}).status_code == 409
