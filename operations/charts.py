"""SVG from numbers. Nothing here asks the database or knows what the numbers mean.

Widths are shares of whatever room the page has, heights and letters are pixels: one drawing is
readable on a telephone and on a wide screen. Colours are classes of dashboard.css, which knows
light and dark. There is no script and no inline style.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from django.template.loader import render_to_string

HEIGHT = 200
ROOM_FOR_LABELS = 24
GRID_LINES = 4
GAP = 0.2  # of the room that a group of columns has
LABELS = 5
LEAST = 1.5  # of a hundred


@dataclass(frozen=True)
class Column:
    """One value. `series` is a class of the style sheet; `text` says it all in words."""

    series: str
    value: int
    text: str
    href: str


@dataclass(frozen=True)
class Group:
    """Columns that stand side by side, of one day; none where nothing is known of it."""

    label: str
    columns: Sequence[Column]


def columns(groups: Sequence[Group], *, title: str, text: str) -> str:
    """A column chart in which each column is a link.

    `text` is the picture in words. The links are for pointers: whoever comes by keyboard or hears
    the page finds them in the table that belongs beside the picture.
    """
    values = [column.value for group in groups for column in group.columns]
    steps = grid(max(values, default=0))
    context = {
        "title": title,
        "text": text,
        "height": HEIGHT + ROOM_FOR_LABELS,
        "floor": HEIGHT,
        "lines": [{"y": round(_y(step, steps), 1), "text": short(step)} for step in steps],
        "columns": list(_columns(groups, steps)),
        "labels": list(_labels(groups)),
    }
    return render_to_string("operations/columns.svg", context)


def meter(value: float, whole: float, series: str) -> str:
    """A bar as long as the share of `value` in `whole`, and always there to be seen when there is
    one. The number itself stands beside it.
    """
    share = max(round(100 * value / whole, 1), LEAST) if value else 0
    return render_to_string("operations/meter.svg", {"share": share, "series": series})


def grid(highest: int) -> list[int]:
    """Round numbers from 0 to `highest` or a little more, few of them, in equal steps."""
    least = max(highest / GRID_LINES, 1)
    power = 10 ** floor(log10(least))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= least)
    return [step * number for number in range(max(ceil(highest / step), 1) + 1)]


def short(number: int) -> str:
    """A number in the room that an axis has: 950, 1.5k, 30k, 4M."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= unit:
            return f"{number / unit:g}{letter}"
    return str(number)


def _y(value: int, steps: Sequence[int]) -> float:
    """Pixels from the top, where zero stands at HEIGHT. A little room is left above the top line
    for its label.
    """
    return HEIGHT - (HEIGHT - 8) * value / steps[-1]


def _columns(groups: Sequence[Group], steps: Sequence[int]) -> Iterator[dict[str, Any]]:
    room = 100 / max(len(groups), 1)
    for place, group in enumerate(groups):
        width = room * (1 - GAP) / max(len(group.columns), 1)
        for number, column in enumerate(group.columns):
            y = _y(column.value, steps)
            yield {
                "series": column.series,
                "text": column.text,
                "href": column.href,
                "x": round(room * (place + GAP / 2) + width * number, 3),
                "width": round(width, 3),
                "y": round(y, 1),
                "height": round(HEIGHT - y, 1),
            }


def _labels(groups: Sequence[Group]) -> Iterator[dict[str, Any]]:
    """A few of the groups' labels, the last among them, under the middle of their columns."""
    every = ceil(len(groups) / LABELS) or 1
    for place in range(len(groups) - 1, -1, -every):
        yield {"x": round(100 * (place + 0.5) / len(groups), 3), "text": groups[place].label}
