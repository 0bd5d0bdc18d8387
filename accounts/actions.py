"""The operator actions on users: suspend, reactivate, export, erase. Each needs a reason."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.apps import apps
from django.contrib.admin.widgets import AdminTextInputWidget

from accounts import personal_data
from accounts.models import User
from todo_api.web.admin import ReasonForm

UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]+")
FILE_NAME_LENGTH = 100


@dataclass(frozen=True)
class Action:
    """An operator action. `max_users` limits one request, so that it ends before its deadline.
    `explanation` has the place {users} for "this user" or "these users".
    """

    name: str
    permission: str
    done: str
    explanation: str
    max_users: int

    def skip_reason(self, user: User, operator: Any) -> str:
        """Returns why the action of this operator skips the user; "" if it does not skip them.

        Queries the database only for an erased user: an interrupted erasure may be finished.
        """
        if user.erased_at and (self not in (EXPORT, ERASE) or not personal_data.count(user)):
            return "already erased"
        if self is EXPORT:
            return ""
        if user == operator:
            return "yourself"
        if user.is_superuser and not operator.is_superuser:
            return "a superuser"
        if self is SUSPEND and not user.is_active:
            return "already suspended"
        if self is REACTIVATE and user.is_active:
            return "already active"
        return ""


SUSPEND = Action(
    "suspend",
    "accounts.suspend_user",
    "Suspended",
    "All further requests and log-ins of {users} are refused. No data is deleted.",
    500,
)
REACTIVATE = Action(
    "reactivate",
    "accounts.suspend_user",
    "Reactivated",
    "Requests and log-ins of {users} are accepted again. The data is unchanged.",
    500,
)
EXPORT = Action(
    "export",
    "accounts.export_user",
    "Exported",
    "Downloads a file with all data of {users}, titles, descriptions and tags of tasks included.",
    100,
)
ERASE = Action(
    "erase",
    "accounts.erase_user",
    "Erased",
    "Deletes all data of {users}, names and e-mail addresses included. Only the id stays, so that a"
    " token that is still valid cannot create the account again. This cannot be undone.",
    20,
)
ACTIONS = {action.name: action for action in (SUSPEND, REACTIVATE, EXPORT, ERASE)}


class ActionForm(ReasonForm):
    """The reason and, for an erasure, the typed number of users as a second confirmation."""

    typed = forms.CharField(widget=AdminTextInputWidget(attrs={"autocomplete": "off"}))

    def __init__(self, data: Any, action: Action, number: int) -> None:
        super().__init__(data)
        self.expected = f"{action.name} {number}"
        if action is ERASE:
            self.fields["typed"].label = f"Type “{self.expected}”"
        else:
            del self.fields["typed"]

    def clean_typed(self) -> None:
        if self.cleaned_data["typed"].strip().lower() != self.expected:
            raise forms.ValidationError(f"Type “{self.expected}” to confirm the number")


def owned_counts(users: Iterable[User]) -> dict[str, int]:
    """Returns how many rows an erasure of the users deletes, by kind, such as `{"tasks": 12}`. The
    name of a kind with one row is singular.

    One query for each user and kind.
    """
    counts = sum((Counter(personal_data.count(user)) for user in users), Counter[str]())
    names = {label: apps.get_model(label)._meta for label in counts}
    return {
        str(names[label].verbose_name if number == 1 else names[label].verbose_name_plural): number
        for label, number in counts.items()
    }


def file_name(users: Sequence[User], day: date) -> str:
    """Returns the name of the file of an export, with the user's e-mail or id. It contains only
    characters that are safe in file names and in a Content-Disposition header.
    """
    named = users[0].email or users[0].pk if len(users) == 1 else f"{len(users)}-users"
    safe = UNSAFE.sub("-", named)[:FILE_NAME_LENGTH].strip("-.")
    return f"todo-api-export-{safe or 'user'}-{day}.jsonl"


def exported(users: Iterable[User]) -> Iterator[str]:
    """Yields a JSON line for each user, followed by the lines of their records."""
    for user in users:
        for line in personal_data.export(user):
            yield json.dumps(line, ensure_ascii=False) + "\n"
