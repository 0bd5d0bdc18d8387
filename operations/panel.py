"""What a panel of the dashboard is made of, and the ways from it into the admin's lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse


@dataclass(frozen=True)
class Figure:
    """A number or a name: what it counts, where it leads, and how it is drawn."""

    text: str
    label: str = ""
    href: str = ""
    series: str = ""
    meter: str = ""


@dataclass(frozen=True)
class Panel:
    """Figures, a chart, and the table behind them, folded under the word `behind` if there is one.
    The first cell of a row is its name.
    """

    figures: Sequence[Figure] = ()
    chart: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Figure]] = ()
    behind: str = ""
    note: str = ""


def list_of(model: type[Model], **lookups: Any) -> str:
    """The admin's list of the rows that match. Any field of the model's own may be asked for."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{url}?{urlencode(lookups)}" if lookups else url


def moment(at: datetime) -> str:
    """A whole minute in UTC, as a lookup takes it."""
    return f"{at:%Y-%m-%dT%H:%MZ}"
