"""What operators do to people: confirmed, with a reason, and kept in the log."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.acts import SUSPEND
from accounts.models import User
from conftest import client_of, make_task, operator_with

PEOPLE = "/admin/accounts/user/"
ACTS = ["suspend", "reactivate", "export", "erase"]
REASON = {"reason": "Ticket 12"}


def act(client: Client, name: str, *users: User, **sent: str) -> Any:
    ids = [user.pk for user in users]
    return client.post(f"{PEOPLE}act/{name}/", {"person": ids, **sent}, follow=True)


def asked(client: Client, name: str, *users: User) -> Any:
    return client.get(f"{PEOPLE}act/{name}/", {"person": [user.pk for user in users]})


def kept() -> list[tuple[str, str | None, str, str]]:
    """Who, to whom, known as what, what and why."""
    entries = LogEntry.objects.order_by("object_id", "id")
    return list(entries.values_list("user_id", "object_id", "object_repr", "change_message"))


# --- From the list --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTS)
def test_an_act_on_the_list_asks_first(operator: Client, alice: User, bob: User, name: str) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=name != "reactivate")
    User.objects.filter(pk=alice.pk).update(is_active=name != "reactivate")
    before = list(User.objects.order_by("pk").values())
    chosen = {"action": name, "index": "0", "_selected_action": [alice.pk, bob.pk]}

    page = operator.post(PEOPLE, chosen)

    assert page.status_code == 200
    assert f"{name.capitalize()} 2 people" in page.content.decode()
    assert b"alice@todo.test" in page.content
    assert list(User.objects.order_by("pk").values()) == before
    assert kept() == []


def test_selecting_all_acts_on_those_who_were_confirmed(operator: Client, alice: User) -> None:
    for number in range(150):
        User.objects.create(id=f"person-{number}", email=f"p{number}@todo.test", password="!")
    chosen = {
        "action": "suspend", "index": "0", "select_across": "1", "_selected_action": ["person-1"],
    }  # fmt: skip

    page = operator.post(f"{PEOPLE}?q=p", chosen)
    confirmed = [user.pk for user in page.context["people"]]
    User.objects.create(id="late", email="p-late@todo.test", password="!")
    done = operator.post(f"{PEOPLE}act/suspend/", {"person": confirmed, **REASON}, follow=True)

    assert b"Suspend 150 people" in page.content
    assert b"and 130 more" in page.content
    assert b"Suspended: 150 people" in done.content
    assert User.objects.filter(is_active=False).count() == 150
    assert User.objects.get(pk="late").is_active
    assert LogEntry.objects.count() == 150


def test_more_people_than_a_request_has_time_for_are_refused(operator: Client) -> None:
    users = [User(id=f"person-{number}", password="!") for number in range(SUSPEND.at_most)]
    User.objects.bulk_create(users)
    chosen = {
        "action": "suspend", "index": "0", "select_across": "1", "_selected_action": ["person-1"],
    }  # fmt: skip

    page = operator.post(PEOPLE, chosen, follow=True)

    assert b"at most 500 people at once. Nothing was done." in page.content
    assert not User.objects.filter(is_active=False).exists()


def test_the_way_back_is_the_list_as_it_was(operator: Client, alice: User) -> None:
    chosen = {"action": "suspend", "index": "0", "_selected_action": [alice.pk]}

    page = operator.post(f"{PEOPLE}?q=alice%40&standing=active", chosen)
    done = act(operator, "suspend", alice, back=page.context["back"], **REASON)
    elsewhere = act(operator, "reactivate", alice, back="https://elsewhere.test/", **REASON)

    assert done.redirect_chain == [(f"{PEOPLE}?q=alice%40&standing=active", 302)]
    assert elsewhere.redirect_chain == [(f"{PEOPLE}{alice.pk}/change/", 302)]


def test_confirming_costs_the_same_for_few_and_for_many(operator: Client, alice: User) -> None:
    users = [User(id=f"person-{number}", password="!") for number in range(30)]
    User.objects.bulk_create(users)

    with CaptureQueriesContext(connection) as few:
        asked(operator, "suspend", *users[:3])
    with CaptureQueriesContext(connection) as many:
        asked(operator, "suspend", *users)

    assert len(few) == len(many)


# --- From a person's page -------------------------------------------------------------------------


@pytest.mark.parametrize("user_id", ["alice-Zk3xQ9", "a b", "100%", "a/b_2F", "ünï-🎉", '"q"&<x>'])
def test_the_page_of_a_person_leads_to_each_act(operator: Client, user_id: str) -> None:
    user = User.objects.create(id=user_id, email="z@todo.test", password="!")
    page = operator.get(reverse("admin:accounts_user_change", args=[quote(user_id)]))

    links = [line.split('"')[1] for line in page.content.decode().splitlines() if "/act/" in line]
    questions = [operator.get(link.replace("&amp;", "&")) for link in links]

    assert [link.split("/")[-2] for link in links] == ["suspend", "export", "erase"]
    assert [question.context["people"] for question in questions] == [[user]] * 3


# --- What they do ---------------------------------------------------------------------------------


def test_suspending_takes_effect_on_the_next_request(
    operator: Client, alice: User, bob: User
) -> None:
    hers, his = client_of(alice.pk), client_of(bob.pk)

    suspended = act(operator, "suspend", alice, **REASON)
    while_suspended = [hers.get("/api/tasks").status_code, his.get("/api/tasks").status_code]
    reactivated = act(operator, "reactivate", alice, **REASON)
    afterwards = hers.get("/api/tasks").status_code

    assert b"Suspended: 1 person" in suspended.content
    assert while_suspended == [403, 200]
    assert b"Reactivated: 1 person" in reactivated.content
    assert afterwards == 200
    assert kept() == [
        ("boss", alice.pk, alice.pk, "Suspended. Reason: Ticket 12"),
        ("boss", alice.pk, alice.pk, "Reactivated. Reason: Ticket 12"),
    ]


def test_an_export_is_a_file_of_all_that_belongs_to_them(
    operator: Client, alice: User, bob: User
) -> None:
    task = make_task(alice, "Water “the” plants")
    make_task(bob)

    response = act(operator, "export", alice, **REASON)

    lines = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    assert response.headers["Content-Disposition"] == 'attachment; filename="export.jsonl"'
    assert response.headers["Content-Type"] == "application/jsonl"
    assert [list(line) for line in lines] == [["user"], ["task"]]
    assert (lines[0]["user"]["email"], lines[1]["task"]["id"]) == (alice.email, str(task.pk))
    assert lines[1]["task"]["title"] == "Water “the” plants"
    assert kept() == [("boss", alice.pk, alice.pk, "Exported. Reason: Ticket 12")]


def test_an_erasure_leaves_a_tombstone_and_a_log_without_the_email(
    operator: Client, alice: User, bob: User
) -> None:
    for user in (alice, alice, bob):
        make_task(user)
    act(operator, "suspend", alice, **REASON)

    question = asked(operator, "erase", alice)
    done = act(operator, "erase", alice, typed="Erase 1 ", **REASON)

    assert b"Deleted with them: 2 tasks" in question.content
    assert b"Erased: 1 person" in done.content
    erased = User.objects.get(pk=alice.pk)
    assert (erased.email, erased.is_active, erased.erased_at is None) == ("", False, False)
    assert (alice.tasks.count(), bob.tasks.count()) == (0, 1)
    assert kept()[-1] == ("boss", alice.pk, alice.pk, "Erased. Reason: Ticket 12")
    assert "todo.test" not in str(kept())


@pytest.mark.parametrize("typed", ["", "erase", "erase 2", "1", "yes"])
def test_an_erasure_is_not_confirmed_from_habit(operator: Client, alice: User, typed: str) -> None:
    page = act(operator, "erase", alice, typed=typed, **REASON)

    assert b"Nothing was done yet" in page.content
    assert User.objects.get(pk=alice.pk).erased_at is None
    assert kept() == []


# --- Who may not, and whom not --------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
@pytest.mark.parametrize("name", ACTS)
def test_nothing_is_done_without_a_reason(
    operator: Client, alice: User, name: str, reason: str
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=name != "reactivate")
    before = User.objects.values().get(pk=alice.pk)

    page = act(operator, name, alice, reason=reason, typed="erase 1")

    assert page.status_code == 200
    assert b"Nothing was done yet" in page.content
    assert User.objects.values().get(pk=alice.pk) == before
    assert kept() == []


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
def test_an_operator_sees_and_does_what_they_may(
    alice: User, permission: str, names: list[str]
) -> None:
    staff = operator_with("view_user", permission)

    page = staff.get(f"{PEOPLE}{quote(alice.pk)}/change/").content.decode()
    offered = [
        name for name in ACTS if f'<option value="{name}">' in str(staff.get(PEOPLE).content)
    ]
    on_page = [name for name in ACTS if f"/act/{name}/" in page]
    allowed = [name for name in ACTS if asked(staff, name, alice).status_code == 200]
    refused = [
        act(staff, name, alice, typed="erase 1", **REASON) for name in set(ACTS) - set(names)
    ]

    assert (offered, allowed) == (names, names)
    assert on_page == [name for name in names if name != "reactivate"]  # she is active
    assert {response.status_code for response in refused} <= {403}
    assert User.objects.get(pk=alice.pk).is_active
    assert kept() == []


@pytest.mark.parametrize("name", ["suspend", "reactivate", "erase"])
def test_an_operator_leaves_superusers_and_themself_alone(
    boss: User, alice: User, name: str
) -> None:
    staff = operator_with("view_user", "suspend_user", "erase_user")
    User.objects.filter(pk__in=[boss.pk, alice.pk]).update(is_active=name != "reactivate")
    me = User.objects.get(email="staff@todo.test")

    page = asked(staff, name, boss, me, alice)
    act(staff, name, boss, me, alice, typed="erase 1", **REASON)

    assert [user.pk for user in page.context["people"]] == [alice.pk]
    assert page.context["left_alone"] == {"yourself": 1, "a superuser": 1}
    assert User.objects.get(pk=me.pk).is_active
    assert User.objects.get(pk=boss.pk).is_active == (name != "reactivate")
    assert User.objects.get(pk=boss.pk).erased_at is None
    assert [entry[1] for entry in kept()] == [alice.pk]


def test_a_superuser_acts_on_another_and_not_on_themself(operator: Client, boss: User) -> None:
    other = User.objects.create(id="other", password="!", is_superuser=True)

    page = act(operator, "suspend", boss, other, **REASON)

    assert b"Suspended: 1 person" in page.content
    assert User.objects.get(pk=boss.pk).is_active
    assert not User.objects.get(pk="other").is_active


def test_who_is_erased_is_not_reactivated(operator: Client, alice: User) -> None:
    act(operator, "erase", alice, typed="erase 1", **REASON)

    page = act(operator, "reactivate", alice, **REASON)

    assert b"Left alone: 1 (erased)" in page.content
    assert b"There is nobody to reactivate" in page.content
    assert not User.objects.get(pk=alice.pk).is_active


def test_an_erasure_that_was_stopped_is_finished(operator: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).bury()
    make_task(alice)

    act(operator, "erase", alice, typed="erase 1", **REASON)

    assert not alice.tasks.exists()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("act/delete/?person=alice-Zk3xQ9", 404),
        ("act/suspend/", 200),
        ("act/suspend/?person=nobody", 200),
        ("act/suspend/?person=%00", 200),
    ],
)
def test_an_odd_question_is_answered(operator: Client, alice: User, path: str, status: int) -> None:
    response = operator.get(PEOPLE + path)

    assert response.status_code == status


def test_an_act_needs_the_form_of_the_page(boss: User, alice: User) -> None:
    careless = Client(enforce_csrf_checks=True)
    careless.force_login(boss)

    response = act(careless, "suspend", alice, **REASON)

    assert response.status_code == 403
    assert User.objects.get(pk=alice.pk).is_active
