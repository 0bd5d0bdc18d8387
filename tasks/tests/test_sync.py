"""GET /api/sync."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.identity import as_owner
from accounts.models import User
from conftest import ALICE, client_of, make_task
from tasks.checkpoints import Checkpoint
from tasks.models import SyncState, Task
from tasks.sync import SyncViewSet, changes

pytestmark = pytest.mark.django_db


def sync(client: APIClient, since: str = "", **parameters: Any) -> Any:
    return client.get("/api/sync", {"since": since, **parameters} if since else parameters)


def checkpoint_of(client: APIClient) -> str:
    return str(sync(client).json()["checkpoint"])


def titles(page: Any) -> list[str]:
    return [task["title"] for task in page.json()["tasks"]]


def test_without_a_checkpoint_it_shows_all_own_tasks(
    as_alice: APIClient, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_task(bob, "Not hers")
    task = make_task(alice, "Hers")
    shown = as_alice.get(f"/api/tasks/{task.pk}").json()

    with django_assert_num_queries(2):  # the state; the changes, and the state again
        page = sync(as_alice)

    body = page.json()
    assert (page.status_code, page["ETag"]) == (200, f'"{body["checkpoint"]}"')
    assert body == {
        "tasks": [shown],
        "deleted": [],
        "checkpoint": Checkpoint(Task.objects.get(user=alice).seq).signed(ALICE),
        "more": False,
    }


def test_a_user_without_tasks_gets_an_empty_page(anonymous: APIClient) -> None:
    unseen = client_of("never-seen")

    first = sync(unseen)
    again = sync(unseen, first.json()["checkpoint"])

    assert (first.json()["tasks"], first.json()["more"]) == ([], False)
    assert again.json() == first.json()
    assert User.objects.filter(pk="never-seen").exists()
    assert sync(anonymous).status_code == 401


def test_it_shows_what_changed_oldest_change_first(as_alice: APIClient, alice: User) -> None:
    one, two, three, four = (make_task(alice, title) for title in ("1", "2", "3", "4"))
    as_alice.delete(f"/api/tasks/{four.pk}")
    before = checkpoint_of(as_alice)

    as_alice.patch(f"/api/tasks/{two.pk}", {"title": "2 changed"})
    as_alice.delete(f"/api/tasks/{three.pk}")
    as_alice.post(f"/api/tasks/{one.pk}/complete")
    as_alice.patch(f"/api/tasks/{two.pk}", {"title": "2 changed again"})
    as_alice.post(f"/api/tasks/{four.pk}/restore")
    page = sync(as_alice, before)

    assert titles(page) == ["1", "2 changed again", "4"]
    assert page.json()["deleted"] == [str(three.pk)]
    assert page.json()["tasks"][0]["completed"] is True


def test_nothing_new_is_a_304_for_one_row(
    as_alice: APIClient, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_task(alice)
    before = checkpoint_of(as_alice)

    with django_assert_num_queries(1):  # the state
        unchanged = as_alice.get("/api/sync", {"since": before}, HTTP_IF_NONE_MATCH=f'"{before}"')
    unconditional = sync(as_alice, before)
    make_task(alice, "New")
    changed = as_alice.get("/api/sync", {"since": before}, HTTP_IF_NONE_MATCH=f'"{before}"')

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged["ETag"] == f'"{before}"'
    assert "Content-Type" not in unchanged.headers
    assert unconditional.json() == {
        "tasks": [], "deleted": [], "checkpoint": before, "more": False,
    }  # fmt: skip
    assert titles(changed) == ["New"]


def test_writes_without_effect_are_no_changes(as_alice: APIClient, alice: User) -> None:
    task = make_task(alice)
    before = checkpoint_of(as_alice)

    as_alice.patch(f"/api/tasks/{task.pk}", {})
    as_alice.patch(f"/api/tasks/{task.pk}", {"title": "x"}, HTTP_IF_MATCH='"0"')
    as_alice.delete(f"/api/tasks/{UUID(int=7)}")
    as_alice.post("/api/tasks", {"title": ""})

    assert sync(as_alice, before).json()["checkpoint"] == before


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_pages_show_each_change_once(as_alice: APIClient, alice: User, limit: int) -> None:
    tasks = [make_task(alice, f"Task {number}") for number in range(3)]
    # One statement gives all its rows the same number.
    Task.objects.bulk_create(Task.objects.new(user=alice, title=f"Together {n}") for n in range(5))
    as_alice.delete(f"/api/tasks/{tasks[1].pk}")

    shown: list[str] = []
    deleted, since, more = [], "", True
    while more:
        page = sync(as_alice, since, limit=limit)
        body = page.json()
        shown += titles(page)
        deleted += body["deleted"]
        since, more = body["checkpoint"], body["more"]

    assert len({*Task.objects.values_list("seq", flat=True)}) == 4
    assert sorted(shown) == ["Task 0", "Task 2", *(f"Together {n}" for n in range(5))]
    assert deleted == [str(tasks[1].pk)]
    assert sync(as_alice, since).json()["checkpoint"] == since


def test_tasks_from_before_the_first_change_are_shown(as_alice: APIClient, alice: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_task DISABLE TRIGGER tasks_task_number")
        old = [make_task(alice, f"Old {number}") for number in range(3)]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tasks_task ENABLE TRIGGER tasks_task_number")
    SyncState.objects.create(user=alice)

    first = sync(as_alice, limit=2)
    second = sync(as_alice, first.json()["checkpoint"])
    as_alice.patch(f"/api/tasks/{old[0].pk}", {"title": "Changed"})
    third = sync(as_alice, second.json()["checkpoint"])

    assert sorted(titles(first) + titles(second)) == ["Old 0", "Old 1", "Old 2"]
    assert titles(third) == ["Changed"]


def test_a_checkpoint_of_another_user_or_a_forged_one_is_a_400(
    as_alice: APIClient, as_bob: APIClient, alice: User
) -> None:
    make_task(alice)
    foreign = checkpoint_of(as_bob)
    own = checkpoint_of(as_alice)
    number, _, signature = own.partition(":")
    forged = [
        f"{int(number) - 1}:{signature}",
        f"{own}x",
        number,
        "x",
        ":",
        "\u2603",
        "0:",
        f":{own}",
    ]

    responses = [sync(as_alice, since) for since in (foreign, *forged)]

    for response in responses:
        assert response.status_code == 400
        assert response.json()["errors"] == {
            "since": [
                "since: expected the checkpoint of a response to this user; start again without it"
            ]
        }
    assert sync(as_alice, own).status_code == 200


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5"])
def test_a_limit_out_of_range_is_a_400(as_alice: APIClient, limit: str) -> None:
    response = sync(as_alice, limit=limit)

    assert response.json()["errors"] == {"limit": ["limit: expected a whole number from 1 to 1000"]}


def test_unknown_parameters_are_reported(as_alice: APIClient) -> None:
    response = sync(as_alice, status="pending")

    assert (response.status_code, response["Ignored-Fields"]) == (200, "status")


def test_a_checkpoint_of_the_future_is_a_410(as_alice: APIClient, alice: User) -> None:
    make_task(alice)
    seq = SyncState.objects.get(user=alice).seq

    response = sync(as_alice, Checkpoint(seq + 1).signed(ALICE))

    assert (response.status_code, response.json()["code"]) == (410, "resync_required")
    assert response.json()["detail"] == (
        "The changes since this checkpoint are no longer known; start without since"
    )


def test_after_a_purge_only_clients_that_know_the_deletion_go_on(
    as_alice: APIClient, alice: User
) -> None:
    task, other = make_task(alice), make_task(alice)
    before = checkpoint_of(as_alice)
    as_alice.delete(f"/api/tasks/{task.pk}")
    after = checkpoint_of(as_alice)
    as_alice.patch(f"/api/tasks/{other.pk}", {"title": "Later"})

    as_alice.delete(f"/api/tasks/{task.pk}?forever=true")

    assert sync(as_alice, before).status_code == 410
    assert titles(sync(as_alice, after)) == ["Later"]


def test_a_checkpoint_among_purged_changes_is_a_410(as_alice: APIClient, alice: User) -> None:
    before = checkpoint_of(as_alice)
    Task.objects.bulk_create(Task.objects.new(user=alice, title="x") for _ in range(3))
    Task.objects.update(deleted_at="2026-11-20T12:00:00Z")
    within = sync(as_alice, before, limit=2).json()["checkpoint"]
    complete = checkpoint_of(as_alice)

    Task.objects.all().delete()

    assert sync(as_alice, within).status_code == 410
    assert sync(as_alice, complete).status_code == 200


def test_deleting_a_task_that_was_not_in_the_trash_makes_all_checkpoints_too_old(
    as_alice: APIClient, as_bob: APIClient, alice: User, bob: User
) -> None:
    task = make_task(alice)
    make_task(bob)
    hers, his = checkpoint_of(as_alice), checkpoint_of(as_bob)

    as_alice.delete(f"/api/tasks/{task.pk}?forever=true")

    assert sync(as_alice, hers).status_code == 410
    assert sync(as_bob, his).status_code == 200


def test_a_client_without_a_checkpoint_gets_all_pages_after_a_purge(
    as_alice: APIClient, alice: User
) -> None:
    tasks = [make_task(alice, f"Task {number}") for number in range(4)]
    as_alice.delete(f"/api/tasks/{tasks[3].pk}?forever=true")

    pages = [sync(as_alice, limit=1)]
    while pages[-1].json()["more"]:
        pages.append(sync(as_alice, pages[-1].json()["checkpoint"], limit=1))

    assert [titles(page) for page in pages] == [["Task 0"], ["Task 1"], ["Task 2"]]


def test_a_purge_between_two_pages_is_a_410(as_alice: APIClient, alice: User) -> None:
    tasks = [make_task(alice) for _ in range(3)]
    first = sync(as_alice, limit=2).json()["checkpoint"]

    as_alice.delete(f"/api/tasks/{tasks[0].pk}?forever=true")

    assert sync(as_alice, first).status_code == 410


@pytest.mark.parametrize("path", ["/api/sync", "/api/sync/", "/api/v1/sync", "/api/v1/sync/"])
def test_it_works_at_every_path(as_alice: APIClient, alice: User, path: str) -> None:
    make_task(alice, "Hers")

    assert titles(as_alice.get(path)) == ["Hers"]
    assert as_alice.post(path).status_code == 405


def test_statements_of_releases_without_these_columns_are_changes(
    as_alice: APIClient, alice: User
) -> None:
    kept, removed = make_task(alice, "Kept"), make_task(alice)
    before = checkpoint_of(as_alice)

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks_task (id, user_id, title, completed, priority, created_at,"
            " updated_at) VALUES (gen_random_uuid(), %s, 'Inserted', false, 2, now(), now())",
            [alice.pk],
        )
        cursor.execute("UPDATE tasks_task SET title = 'Updated' WHERE id = %s", [kept.pk])
        changed = sync(as_alice, before)
        cursor.execute("DELETE FROM tasks_task WHERE id = %s", [removed.pk])

    assert titles(changed) == ["Inserted", "Updated"]
    assert sync(as_alice, before).status_code == 410


def test_the_contract_applies_to_tasks(as_alice: APIClient, alice: User, settings: Any) -> None:
    settings.API_FIELD_CASE = "camel"
    settings.API_STATUS_FIELD = True
    make_task(alice, due_date="2026-12-24")

    (task,) = sync(as_alice).json()["tasks"]

    assert (task["dueDate"], task["status"]) == ("2026-12-24", "pending")


def test_one_statement_gives_each_user_one_number(alice: User, bob: User) -> None:
    Task.objects.bulk_create(
        Task.objects.new(user=user, title="Alternating") for _ in range(20) for user in (alice, bob)
    )
    inserted = {*Task.objects.values_list("user_id", "seq")}
    Task.objects.update(title="Changed")
    updated = {*Task.objects.values_list("user_id", "seq")}

    assert {user for user, _ in inserted} == {user for user, _ in updated} == {alice.pk, bob.pk}
    assert len(inserted) == len(updated) == 2
    assert not inserted & updated


def test_the_last_of_all_ids_is_an_ordinary_id(as_alice: APIClient, alice: User) -> None:
    make_task(alice, "Last of all", pk=UUID("ffffffff-ffff-ffff-ffff-ffffffffffff"))
    make_task(alice, "Next")
    make_task(alice).delete()

    first = sync(as_alice, limit=1)
    second = sync(as_alice, first.json()["checkpoint"], limit=1)

    assert (titles(first), titles(second)) == (["Last of all"], ["Next"])


def test_a_purge_while_a_page_is_read_is_a_410_only_with_a_checkpoint(
    as_alice: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [make_task(alice, f"Task {number}") for number in range(3)]
    before = checkpoint_of(as_alice)
    make_task(alice, "Later")
    statement = SyncViewSet.statement

    def purging(self: SyncViewSet, build: Any, *shape: Any) -> Any:
        if build is changes:
            with as_owner("test"):
                tasks.pop().delete()
        return statement(self, build, *shape)

    monkeypatch.setattr(SyncViewSet, "statement", purging)

    assert sync(as_alice, before).status_code == 410
    assert titles(sync(as_alice)) == ["Task 0", "Later"]
