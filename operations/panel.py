"""The parts of a dashboard panel, and the URLs of the admin lists that they link to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse


@dataclass(frozen=True)
class Value:
    """A displayed number or name.

    `href` is the URL it links to, `series` its CSS class, `meter` the SVG of a bar below it.
    """

    text: str
    label: str = ""
    href: str = ""
    series: str = ""
    meter: str = ""


@dataclass(frozen=True)
class Panel:
    """Values, a chart (SVG), a note and a table.

    The first cell of each table row is its header. With a `table_label` the table is collapsed
    under that text.
    """

    values: Sequence[Value] = ()
    chart: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Value]] = ()
    table_label: str = ""
    note: str = ""


def changelist_url(model: type[Model], **lookups: Any) -> str:
    """Returns the URL of the model's list in the admin, filtered by lookups on its own fields."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{url}?{urlencode(lookups)}" if lookups else url


def help_url(topic: str) -> str:
    """Returns the URL of the explanation of a number that has no list."""
    return f"{reverse('admin_help')}#{topic}"


def utc_minute(at: datetime) -> str:
    """Returns a UTC time as a lookup value, to the minute: "2026-03-10T12:00Z"."""
    return f"{at:%Y-%m-%dT%H:%MZ}"
