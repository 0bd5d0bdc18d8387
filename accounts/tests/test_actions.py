"""Operator actions on users: they need confirmation and a reason, and are logged."""

import json
import re
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import SUSPEND, file_name
from accounts.models import User
from conftest import client_of, make_task, operator_with
from tasks.models import Task

USERS = "/admin/accounts/user/"
ACTIONS = ["suspend", "reactivate", "export", "erase"]
REASON = {"reason": "Ticket 12"}


def run(client: Client, name: str, *users: User, **fields: str) -> Any:
    ids = [user.pk for user in users]
    return client.post(f"{USERS}act/{name}/", {"person": ids, **fields}, follow=True)


def confirm_page(client: Client, name: str, *users: User) -> Any:
    return client.get(f"{USERS}act/{name}/", {"person": [user.pk for user in users]})


def log_entries() -> list[tuple[str, str | None, str, str]]:
    """Returns operator, user, the text for the user, and the message of each entry, in order."""
    entries = LogEntry.objects.order_by("object_id", "id")
    return list(entries.values_list("user_id", "object_id", "object_repr", "change_message"))


# --- From the list --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIONS)
def test_a_list_action_asks_for_confirmation(
    operator: Client, alice: User, bob: User, name: str
) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=name != "reactivate")
    User.objects.filter(pk=alice.pk).update(is_active=name != "reactivate")
    before = list(User.objects.order_by("pk").values())
    chosen = {"action": name, "index": "0", "_selected_action": [alice.pk, bob.pk]}

    page = operator.post(USERS, chosen)

    assert page.status_code == 200
    assert f"<h1>{name.capitalize()} 2 users</h1>" in page.content.decode()
    assert b"alice@todo.test" in page.content
    assert list(User.objects.order_by("pk").values()) == before
    assert log_entries() == []


def test_select_all_affects_only_the_confirmed_users(operator: Client, alice: User) -> None:
    for number in range(150):
        User.objects.create(id=f"person-{number}", email=f"p{number}@todo.test", password="!")
    chosen = {
        "action": "suspend", "index": "0", "select_across": "1", "_selected_action": ["person-1"],
    }  # fmt: skip

    page = operator.post(f"{USERS}?q=p", chosen)
    confirmed = [user.pk for user in page.context["users"]]
    User.objects.create(id="late", email="p-late@todo.test", password="!")
    done = operator.post(f"{USERS}act/suspend/", {"person": confirmed, **REASON}, follow=True)

    assert b"Suspend 150 users" in page.content
    assert b"and 130 more" in page.content
    assert b"Suspended: 150 users" in done.content
    assert User.objects.filter(is_active=False).count() == 150
    assert User.objects.get(pk="late").is_active
    assert LogEntry.objects.count() == 150


def test_more_users_than_the_limit_are_refused(operator: Client) -> None:
    users = [User(id=f"person-{number}", password="!") for number in range(SUSPEND.max_users)]
    User.objects.bulk_create(users)
    chosen = {
        "action": "suspend", "index": "0", "select_across": "1", "_selected_action": ["person-1"],
    }  # fmt: skip

    page = operator.post(USERS, chosen, follow=True)

    assert b"at most 500 users at once. Nothing was done." in page.content
    assert not User.objects.filter(is_active=False).exists()


def test_an_action_redirects_back_to_the_filtered_list(operator: Client, alice: User) -> None:
    chosen = {"action": "suspend", "index": "0", "_selected_action": [alice.pk]}

    page = operator.post(f"{USERS}?q=alice%40&status=active", chosen)
    done = run(operator, "suspend", alice, back=page.context["back"], **REASON)
    elsewhere = run(operator, "reactivate", alice, back="https://elsewhere.test/", **REASON)

    assert done.redirect_chain == [(f"{USERS}?q=alice%40&status=active", 302)]
    assert elsewhere.redirect_chain == [(f"{USERS}{alice.pk}/change/", 302)]


def test_the_confirmation_page_has_a_constant_number_of_queries(
    operator: Client, alice: User
) -> None:
    users = [User(id=f"person-{number}", password="!") for number in range(30)]
    User.objects.bulk_create(users)

    with CaptureQueriesContext(connection) as few:
        confirm_page(operator, "suspend", *users[:3])
    with CaptureQueriesContext(connection) as many:
        confirm_page(operator, "suspend", *users)

    assert len(few) == len(many)


# --- From the page of a user ----------------------------------------------------------------------


@pytest.mark.parametrize("user_id", ["alice-Zk3xQ9", "a b", "100%", "a/b_2F", "ünï-🎉", '"q"&<x>'])
def test_the_page_of_a_user_links_to_each_action(operator: Client, user_id: str) -> None:
    user = User.objects.create(id=user_id, email="z@todo.test", password="!")
    page = operator.get(reverse("admin:accounts_user_change", args=[quote(user_id)]))

    links = [line.split('"')[1] for line in page.content.decode().splitlines() if "/act/" in line]
    pages = [operator.get(link.replace("&amp;", "&")) for link in links]

    assert [link.split("/")[-2] for link in links] == ["suspend", "export", "erase"]
    assert [page.context["users"] for page in pages] == [[user]] * 3


# --- Effects --------------------------------------------------------------------------------------


def test_suspending_takes_effect_on_the_next_request(
    operator: Client, alice: User, bob: User
) -> None:
    alice_client, bob_client = client_of(alice.pk), client_of(bob.pk)

    suspended = run(operator, "suspend", alice, **REASON)
    while_suspended = [
        alice_client.get("/api/tasks").status_code,
        bob_client.get("/api/tasks").status_code,
    ]
    reactivated = run(operator, "reactivate", alice, **REASON)
    afterwards = alice_client.get("/api/tasks").status_code

    assert b"Suspended: 1 user" in suspended.content
    assert while_suspended == [403, 200]
    assert b"Reactivated: 1 user" in reactivated.content
    assert afterwards == 200
    assert log_entries() == [
        ("boss", alice.pk, alice.pk, "Suspended. Reason: Ticket 12"),
        ("boss", alice.pk, alice.pk, "Reactivated. Reason: Ticket 12"),
    ]


def test_an_export_is_a_file_with_all_data_of_the_users(
    operator: Client, alice: User, bob: User
) -> None:
    task = make_task(alice, "Water “the” plants")
    make_task(bob)

    page = run(operator, "export", alice, **REASON).content.decode()
    (file,) = re.findall('<meta http-equiv="refresh" content="0; url=([^"]+)">', page)
    response: Any = operator.get(file)

    assert "<h1>Exported Alice</h1>" in page
    lines = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    day = timezone.localdate()
    file = f'attachment; filename="todo-api-export-alice@todo.test-{day}.jsonl"'
    assert response.headers["Content-Disposition"] == file
    assert response.headers["Content-Type"] == "application/jsonl"
    assert [list(line) for line in lines] == [["user"], ["task"]]
    assert (lines[0]["user"]["email"], lines[1]["task"]["id"]) == (alice.email, str(task.pk))
    assert lines[1]["task"]["title"] == "Water “the” plants"
    assert log_entries() == [("boss", alice.pk, alice.pk, "Exported. Reason: Ticket 12")]
    assert operator.get(file).status_code == 404  # each download needs a reason


@pytest.mark.parametrize(
    ("names", "file"),
    [
        (
            [("u1", "alice+x@my-domain.com")],
            "todo-api-export-alice+x@my-domain.com-2026-12-01.jsonl",
        ),
        ([("a b/../c", "")], "todo-api-export-a-b-..-c-2026-12-01.jsonl"),
        ([("../..", "")], "todo-api-export-user-2026-12-01.jsonl"),
        ([('"q"\r\nx; ünï', "")], "todo-api-export-q-x-n-2026-12-01.jsonl"),
        ([("🎉", "")], "todo-api-export-user-2026-12-01.jsonl"),
        ([("x" * 255, "")], f"todo-api-export-{'x' * 100}-2026-12-01.jsonl"),
        ([("u1", "a@b.test"), ("u2", "")], "todo-api-export-2-users-2026-12-01.jsonl"),
    ],
)
def test_an_export_is_named_after_user_and_date(names: list[tuple[str, str]], file: str) -> None:
    users = [User(id=user_id, email=email) for user_id, email in names]

    assert file_name(users, date(2026, 12, 1)) == file


def test_the_button_of_an_erasure_says_what_it_does(
    operator: Client, alice: User, bob: User
) -> None:
    Task.objects.bulk_create([Task(user=alice, title="x") for _ in range(1_204)])
    make_task(bob)
    carol = User.objects.create(id="carol", password="!")

    pages = [
        confirm_page(operator, "erase", *users).context["button"]
        for users in ([alice, bob, carol], [bob], [carol])
    ]

    assert pages == [
        "Erase 3 users and their 1,205 tasks", "Erase Bob and 1 task", "Erase 1 user",
    ]  # fmt: skip


def test_only_the_erasure_is_dangerous_and_apart(operator: Client, alice: User) -> None:
    page = operator.get(f"{USERS}{quote(alice.pk)}/change/").content.decode()
    listed = operator.get(USERS).content.decode()

    tools = page.partition('<ul class="object-tools">')[2].partition("</ul>")[0]
    assert [name for name in ACTIONS if f"/act/{name}/" in tools] == ["suspend", "export"]
    danger = page.partition('<section class="danger-zone">')[2].partition("</section>")[0]
    assert [name for name in ACTIONS if f"/act/{name}/" in danger] == ["erase"]
    assert 'class="button danger"' in danger
    group = listed.partition('<optgroup label="Cannot be undone">')[2].partition("</optgroup>")[0]
    assert [name for name in ACTIONS if f'value="{name}"' in group] == ["erase"]
    for name in ("suspend", "export"):
        assert b'class="danger"' not in confirm_page(operator, name, alice).content


def test_an_erasure_leaves_a_tombstone_and_a_log_without_the_email(
    operator: Client, alice: User, bob: User
) -> None:
    for user in (alice, alice, bob):
        make_task(user)
    run(operator, "suspend", alice, **REASON)

    page = confirm_page(operator, "erase", alice)
    done = run(operator, "erase", alice, typed="Erase 1 ", **REASON)

    assert b"Deleted with the user: 2 tasks, 1 counter of changes." in page.content
    assert b'class="danger" value="Erase Alice and 2 tasks"' in page.content
    assert b"Deletes all data of this user, " in page.content
    assert b"Erased: 1 user" in done.content
    erased = User.objects.get(pk=alice.pk)
    assert (erased.email, erased.is_active, erased.erased_at is None) == ("", False, False)
    assert (alice.tasks.count(), bob.tasks.count()) == (0, 1)
    assert log_entries()[-1] == ("boss", alice.pk, alice.pk, "Erased. Reason: Ticket 12")
    assert "todo.test" not in str(log_entries())


@pytest.mark.parametrize("typed", ["", "erase", "erase 2", "1", "yes"])
def test_an_erasure_needs_the_typed_number(operator: Client, alice: User, typed: str) -> None:
    page = run(operator, "erase", alice, typed=typed, **REASON)

    assert b"Nothing was done yet" in page.content
    assert User.objects.get(pk=alice.pk).erased_at is None
    assert log_entries() == []


# --- Refused actions and skipped users ------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
@pytest.mark.parametrize("name", ACTIONS)
def test_nothing_is_done_without_a_reason(
    operator: Client, alice: User, name: str, reason: str
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=name != "reactivate")
    before = User.objects.values().get(pk=alice.pk)

    page = run(operator, name, alice, reason=reason, typed="erase 1")

    assert page.status_code == 200
    assert b"Nothing was done yet" in page.content
    assert User.objects.values().get(pk=alice.pk) == before
    assert log_entries() == []


@pytest.mark.parametrize(
    ("permission", "names"),
    [
        ("view_user", []),
        ("change_user", []),
        ("suspend_user", ["suspend", "reactivate"]),
        ("export_user", ["export"]),
        ("erase_user", ["erase"]),
    ],
)
def test_an_operator_needs_the_permission_of_each_action(
    alice: User, permission: str, names: list[str]
) -> None:
    staff = operator_with("view_user", permission)

    page = staff.get(f"{USERS}{quote(alice.pk)}/change/").content.decode()
    offered = [
        name for name in ACTIONS if f'<option value="{name}">' in str(staff.get(USERS).content)
    ]
    on_page = [name for name in ACTIONS if f"/act/{name}/" in page]
    allowed = [name for name in ACTIONS if confirm_page(staff, name, alice).status_code == 200]
    refused = [
        run(staff, name, alice, typed="erase 1", **REASON) for name in set(ACTIONS) - set(names)
    ]

    assert (offered, allowed) == (names, names)
    assert on_page == [name for name in names if name != "reactivate"]  # alice is active
    assert {response.status_code for response in refused} <= {403}
    assert User.objects.get(pk=alice.pk).is_active
    assert log_entries() == []


@pytest.mark.parametrize("name", ["suspend", "reactivate", "erase"])
def test_superusers_and_the_operator_are_skipped(superuser: User, alice: User, name: str) -> None:
    staff = operator_with("view_user", "suspend_user", "erase_user")
    User.objects.filter(pk__in=[superuser.pk, alice.pk]).update(is_active=name != "reactivate")
    me = User.objects.get(email="staff@todo.test")

    page = confirm_page(staff, name, superuser, me, alice)
    run(staff, name, superuser, me, alice, typed="erase 1", **REASON)

    assert [user.pk for user in page.context["users"]] == [alice.pk]
    assert page.context["skipped"] == {"yourself": [me], "a superuser": [superuser]}
    assert User.objects.get(pk=me.pk).is_active
    assert User.objects.get(pk=superuser.pk).is_active == (name != "reactivate")
    assert User.objects.get(pk=superuser.pk).erased_at is None
    assert [entry[1] for entry in log_entries()] == [alice.pk]


def test_a_superuser_can_suspend_another_superuser_but_not_themself(
    operator: Client, superuser: User
) -> None:
    other = User.objects.create(id="other", password="!", is_superuser=True)

    page = run(operator, "suspend", superuser, other, **REASON)

    assert b"Suspended: 1 user" in page.content
    assert User.objects.get(pk=superuser.pk).is_active
    assert not User.objects.get(pk="other").is_active


def test_an_erased_user_is_not_reactivated(operator: Client, alice: User) -> None:
    run(operator, "erase", alice, typed="erase 1", **REASON)

    page = run(operator, "reactivate", alice, **REASON)

    assert b"Skipped: 1 (already erased)" in page.content
    assert f'<a href="{USERS}{alice.pk}/change/">{alice.pk}</a>' in page.content.decode()
    assert b"<h1>No user to reactivate</h1>" in page.content
    assert b"accepted again" not in page.content
    assert not User.objects.get(pk=alice.pk).is_active


def test_an_erased_user_is_neither_erased_again_nor_exported(operator: Client, alice: User) -> None:
    run(operator, "erase", alice, typed="erase 1", **REASON)
    erased_at = User.objects.get(pk=alice.pk).erased_at

    page = operator.get(f"{USERS}{quote(alice.pk)}/change/").content.decode()

    assert "/act/" not in page
    assert f"{erased_at:%Y-%m-%d %H:%M UTC}" in page
    for name in ACTIONS:
        assert b"Skipped: 1 (already erased)" in confirm_page(operator, name, alice).content


def test_the_first_skipped_users_are_named(operator: Client) -> None:
    users = [User(id=f"user-{n:02}", name=f"User {n:02}", password="!") for n in range(25)]
    User.objects.bulk_create(users)

    page = confirm_page(operator, "reactivate", *users).content.decode()

    assert re.findall(r">(User \d+)</a>", page) == [f"User {n:02}" for n in range(24, 4, -1)]
    assert "and others" in page


def test_an_interrupted_erasure_is_finished(operator: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).bury()
    make_task(alice)

    run(operator, "erase", alice, typed="erase 1", **REASON)

    assert not alice.tasks.exists()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("act/delete/?person=alice-Zk3xQ9", 404),
        ("act/suspend/", 200),
        ("act/suspend/?person=nobody", 200),
        ("act/suspend/?person=%00", 400),
    ],
)
def test_malformed_parameters_cause_no_server_error(
    operator: Client, alice: User, path: str, status: int
) -> None:
    response = operator.get(USERS + path)

    assert response.status_code == status


def test_an_action_needs_a_csrf_token(superuser: User, alice: User) -> None:
    csrf_client = Client(enforce_csrf_checks=True)
    csrf_client.force_login(superuser)

    response = run(csrf_client, "suspend", alice, **REASON)

    assert response.status_code == 403
    assert User.objects.get(pk=alice.pk).is_active
