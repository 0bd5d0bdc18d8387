"""What operators do to people: suspend, reactivate, export, erase. Each asks for a reason."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.apps import apps
from django.contrib.admin.widgets import AdminTextInputWidget

from accounts import personal_data
from accounts.models import User
from todo_api.web.admin import ReasonForm


@dataclass(frozen=True)
class Act:
    """`at_most`: as many people at once as a request has time for."""

    name: str
    permission: str
    done: str
    explains: str
    at_most: int

    def why_not(self, user: User, operator: Any) -> str:
        """Why this operator's act leaves the person alone; empty where it does not."""
        if self is EXPORT:
            return ""
        if user == operator:
            return "yourself"
        if user.is_superuser and not operator.is_superuser:
            return "a superuser"
        if user.erased_at and self is not ERASE:  # an erasure that was stopped may be finished
            return "erased"
        if self is SUSPEND and not user.is_active:
            return "suspended already"
        if self is REACTIVATE and user.is_active:
            return "active already"
        return ""


SUSPEND = Act(
    "suspend",
    "accounts.suspend_user",
    "Suspended",
    "From the next one on, each of their requests is refused, and so is signing in. "
    "Nothing of theirs is lost.",
    500,
)
REACTIVATE = Act(
    "reactivate",
    "accounts.suspend_user",
    "Reactivated",
    "Their requests are answered again, and everything is as they left it.",
    500,
)
EXPORT = Act(
    "export",
    "accounts.export_user",
    "Exported",
    "A file with a line for each person and for each thing that belongs to them, titles and "
    "descriptions included.",
    100,
)
ERASE = Act(
    "erase",
    "accounts.erase_user",
    "Erased",
    "Everything that belongs to them is deleted, and so are their e-mail and name. Their id stays "
    "as a tombstone, so that a token that is still good brings nothing back. "
    "This cannot be undone.",
    20,
)
ACTS = {act.name: act for act in (SUSPEND, REACTIVATE, EXPORT, ERASE)}


class ActForm(ReasonForm):
    """The reason, and for an erasure the number of people, typed: nobody erases from habit."""

    typed = forms.CharField(widget=AdminTextInputWidget(attrs={"autocomplete": "off"}))

    def __init__(self, data: Any, act: Act, number: int) -> None:
        super().__init__(data)
        self.expected = f"{act.name} {number}"
        if act is ERASE:
            self.fields["typed"].label = f"Type “{self.expected}”"
        else:
            del self.fields["typed"]

    def clean_typed(self) -> None:
        if self.cleaned_data["typed"].strip().lower() != self.expected:
            raise forms.ValidationError(f"Type “{self.expected}” to confirm the number")


def belongings(users: Iterable[User]) -> dict[str, int]:
    """How much of what an erasure of them deletes, such as `{"tasks": 12}`. A query for each
    person and kind.
    """
    counts = sum((Counter(personal_data.count(user)) for user in users), Counter[str]())
    return {
        str(apps.get_model(label)._meta.verbose_name_plural): number
        for label, number in counts.items()
    }


def exported(users: Iterable[User]) -> Iterator[str]:
    """A JSON line for each person, followed by those of what belongs to them."""
    for user in users:
        for line in personal_data.export(user):
            yield json.dumps(line, ensure_ascii=False) + "\n"
