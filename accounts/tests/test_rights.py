"""Permissions in the admin: only superusers grant them, with a reason; each change is logged."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import User
from conftest import operator_with

GROUPS = "/admin/auth/group/"


def page_of(user: User) -> str:
    return f"/admin/accounts/user/{quote(user.pk)}/change/"


def rights_of(user: User) -> tuple[bool, bool, list[str]]:
    now = User.objects.get(pk=user.pk)
    return now.is_staff, now.is_superuser, [group.name for group in now.groups.all()]


def log_entries() -> list[Any]:
    return list(LogEntry.objects.values_list("user_id", "object_repr", "change_message"))


def test_a_superuser_grants_rights_with_a_reason(operator: Client, alice: User) -> None:
    group = Group.objects.create(name="Support")

    operator.post(
        page_of(alice), {"is_staff": "on", "groups": [group.pk], "reason": "Joins support"}
    )
    granted = rights_of(alice)
    operator.post(page_of(alice), {"reason": "Leaves"})

    assert granted == (True, False, ["Support"])
    assert rights_of(alice) == (False, False, [])
    messages = ["Rights are now: none. Reason: Leaves"]
    messages.append("Rights are now: operator, group Support. Reason: Joins support")
    assert log_entries() == [("boss", alice.pk, message) for message in messages]


def test_no_rights_change_without_a_reason(operator: Client, alice: User) -> None:
    page = operator.post(page_of(alice), {"is_staff": "on", "reason": " "})

    assert b"This field is required" in page.content
    assert rights_of(alice) == (False, False, [])
    assert log_entries() == []


def test_only_a_superuser_grants_rights(alice: User) -> None:
    staff = operator_with("view_user", "change_user", "change_group", "add_group", "delete_group")
    group = Group.objects.create(name="Support")
    sent = {"is_superuser": "on", "is_staff": "on", "name": "Mine", "reason": "None"}

    responses = [
        staff.post(page, sent).status_code
        for page in (page_of(alice), f"{GROUPS}{group.pk}/change/", f"{GROUPS}add/")
    ]

    assert b'name="is_superuser"' not in staff.get(page_of(alice)).content
    assert responses == [403] * 3
    assert rights_of(alice) == (False, False, [])
    assert [group.name for group in Group.objects.all()] == ["Support"]


def test_an_erased_user_gets_no_rights(operator: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).bury()

    response = operator.post(page_of(alice), {"is_staff": "on", "reason": "None"})

    assert response.status_code == 403
    assert rights_of(alice) == (False, False, [])


def test_saving_rights_keeps_concurrent_changes_of_the_user(
    operator: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.admin import UserAdmin

    save = UserAdmin.save_model

    def save_after_change(self: Any, request: Any, obj: User, *args: Any, **kwargs: Any) -> None:
        User.objects.filter(pk=obj.pk).update(email="new@todo.test")
        save(self, request, obj, *args, **kwargs)

    monkeypatch.setattr(UserAdmin, "save_model", save_after_change)

    operator.post(page_of(alice), {"is_staff": "on", "reason": "New operator"})

    now = User.objects.get(pk=alice.pk)
    assert (now.is_staff, now.email) == (True, "new@todo.test")


def test_a_group_needs_a_reason_and_cannot_be_deleted(operator: Client) -> None:
    suspend = Permission.objects.get(codename="suspend_user")

    operator.post(f"{GROUPS}add/", {"name": "Support"})
    refused = Group.objects.count()
    sent = {"name": "Support", "permissions": [suspend.pk], "reason": "First line"}
    operator.post(f"{GROUPS}add/", sent)
    group = Group.objects.get()
    operator.post(f"{GROUPS}{group.pk}/change/", {"name": "Support", "reason": "Closed"})

    assert refused == 0
    assert operator.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"}).status_code == 403
    assert list(group.permissions.all()) == []
    messages = ["Rights are now: none. Reason: Closed"]
    messages.append("Rights are now: suspend_user. Reason: First line")
    assert log_entries() == [("boss", "Support", message) for message in messages]


def test_a_group_offers_the_documented_permissions_as_checkboxes(operator: Client) -> None:
    page = operator.get(f"{GROUPS}add/").content.decode()
    document = Path("docs/operations.md").read_text()

    offered = re.findall(r'type="checkbox" name="permissions" value="(\d+)"', page)
    named = {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.filter(pk__in=offered)
    }
    assert len(offered) == 8
    assert "Suspend and reactivate users" in page
    table = document.partition("| Permission | Allows |")[2].partition("\n\n")[0]
    assert named == set(re.findall(r"`(\w+\.\w+)`", table))


def test_groups_of_a_user_are_checkboxes(operator: Client, alice: User) -> None:
    Group.objects.create(name="Support")

    page = operator.get(page_of(alice)).content.decode()

    assert "Operator</label>" in page
    assert "Is staff" not in page
    assert re.findall(r'type="checkbox" name="groups"[^>]*>\s*Support', page)
