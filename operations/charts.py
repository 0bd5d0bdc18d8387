"""SVG charts from numbers. Nothing here queries the database or knows what the numbers mean.

Widths are percentages of the available width; heights and text sizes are pixels, so a chart is
readable on a phone and on a wide screen. Colours are CSS classes, which dashboard.css defines for
the light and the dark theme. There are no scripts and no inline styles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from django.template.loader import render_to_string

HEIGHT = 200
LABEL_HEIGHT = 24
MAX_GRID_LINES = 4
GAP = 0.2  # as a fraction of a group's width
MAX_LABELS = 5
MIN_METER_PERCENT = 1.5


@dataclass(frozen=True)
class Column:
    """One column. `series` is a CSS class; `text` describes the value in words."""

    series: str
    value: int
    text: str
    href: str


@dataclass(frozen=True)
class Group:
    """Adjacent columns that share a label, such as one day. It may have no columns."""

    label: str
    columns: Sequence[Column]


def columns(groups: Sequence[Group], *, title: str, text: str) -> str:
    """Returns the SVG of a column chart in which each column is a link.

    `text` describes the chart in words. The links are for pointers only: they are not in the tab
    order. The page must offer the same links in a table.
    """
    values = [column.value for group in groups for column in group.columns]
    steps = grid(max(values, default=0))
    context = {
        "title": title,
        "text": text,
        "height": HEIGHT + LABEL_HEIGHT,
        "floor": HEIGHT,
        "lines": [{"y": round(_y(step, steps), 1), "text": short(step)} for step in steps],
        "columns": list(_columns(groups, steps)),
        "labels": list(_labels(groups)),
    }
    return render_to_string("operations/columns.svg", context)


def meter(value: float, whole: float, series: str) -> str:
    """Returns the SVG of a horizontal bar whose length is the share of `value` in `whole`.

    A value above 0 always gets a visible bar. The bar has no text: the number belongs beside it.
    """
    share = max(round(100 * value / whole, 1), MIN_METER_PERCENT) if value else 0
    return render_to_string("operations/meter.svg", {"share": share, "series": series})


def grid(highest: int) -> list[int]:
    """Returns the values of the grid lines: a few round numbers in equal steps, from 0 to at least
    `highest`.
    """
    least = max(highest / MAX_GRID_LINES, 1)
    power = 10 ** floor(log10(least))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= least)
    return [step * number for number in range(max(ceil(highest / step), 1) + 1)]


def short(number: int) -> str:
    """Returns an abbreviated number for an axis: 950, 1.5k, 30k, 4M."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= unit:
            return f"{number / unit:g}{letter}"
    return str(number)


def _y(value: int, steps: Sequence[int]) -> float:
    """Returns the distance from the top in pixels. Zero is at HEIGHT; the highest grid line is 8
    pixels below the top, which leaves space for its label.
    """
    return HEIGHT - (HEIGHT - 8) * value / steps[-1]


def _columns(groups: Sequence[Group], steps: Sequence[int]) -> Iterator[dict[str, Any]]:
    group_width = 100 / max(len(groups), 1)
    for position, group in enumerate(groups):
        width = group_width * (1 - GAP) / max(len(group.columns), 1)
        for number, column in enumerate(group.columns):
            y = _y(column.value, steps)
            yield {
                "series": column.series,
                "text": column.text,
                "href": column.href,
                "x": round(group_width * (position + GAP / 2) + width * number, 3),
                "width": round(width, 3),
                "y": round(y, 1),
                "height": round(HEIGHT - y, 1),
            }


def _labels(groups: Sequence[Group]) -> Iterator[dict[str, Any]]:
    """Yields at most MAX_LABELS labels at equal distances, the last group's among them."""
    every = ceil(len(groups) / MAX_LABELS) or 1
    for position in range(len(groups) - 1, -1, -every):
        x = round(100 * (position + 0.5) / len(groups), 3)
        yield {"x": x, "text": groups[position].label}
