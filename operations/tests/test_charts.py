"""SVG charts are readable for all numbers, and accessible."""

from xml.etree import ElementTree

import pytest

from operations.charts import Column, Group, columns, grid, meter, short


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def column_chart(
    *values: int, text: str = "3 tasks", href: str = "/list/?a=1&b=2"
) -> ElementTree.Element:
    groups = [Group(f"day {n}", [Column("created", v, text, href)]) for n, v in enumerate(values)]
    return parse(columns(groups, title="Per day", text="In words"))


@pytest.mark.parametrize(
    ("highest", "lines"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (97, [0, 50, 100]),
        (4_100, [0, 2_000, 4_000, 6_000]),
        (12_345_678, [0, 5_000_000, 10_000_000, 15_000_000]),
    ],
)
def test_grid_lines_are_few_and_round(highest: int, lines: list[int]) -> None:
    assert grid(highest) == lines


def test_the_grid_is_at_least_as_high_as_the_highest_value() -> None:
    for highest in (*range(1, 2_000), 10**6, 10**9 + 1):
        lines = grid(highest)

        assert lines[-1] >= highest
        assert len(lines) <= 5


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (950, "950"), (1_500, "1.5k"), (30_000, "30k"), (4_000_000, "4M")],
)
def test_axis_numbers_are_abbreviated(number: int, text: str) -> None:
    assert short(number) == text


def test_column_heights_are_proportional_to_their_values() -> None:
    chart = column_chart(0, 2, 4)

    bars = [bar.attrib for bar in chart.iter("rect") if bar.get("class") == "created"]
    assert [(bar["y"], bar["height"]) for bar in bars] == [
        ("200.0", "0.0"),
        ("104.0", "96.0"),
        ("8.0", "192.0"),
    ]
    assert [bar["x"] for bar in bars] == ["3.333%", "36.667%", "70.0%"]
    assert {bar["width"] for bar in bars} == {"26.667%"}


def test_a_chart_and_each_column_have_a_text_alternative() -> None:
    chart = column_chart(3, text="3 of <them> & more")

    links = list(chart.iter("a"))
    assert chart.get("role") == "group"  # "img" would hide the links
    assert (chart.findtext("title"), chart.findtext("desc")) == ("Per day", "In words")
    assert [link.findtext("title") for link in links] == ["3 of <them> & more"]
    assert [link.get("href") for link in links] == ["/list/?a=1&b=2"]


def test_thirty_days_have_five_labels_including_the_last_day() -> None:
    chart = column_chart(*range(30))

    texts = [label.text for label in chart.iter("text")]
    assert [text for text in texts if text and text.startswith("day")] == [
        "day 29",
        "day 23",
        "day 17",
        "day 11",
        "day 5",
    ]


def test_a_chart_without_groups_is_valid() -> None:
    chart = column_chart()

    assert [line.text for line in chart.iter("text")] == ["0", "1"]


@pytest.mark.parametrize(
    ("value", "whole", "width"),
    [(50, 200, "25.0%"), (200, 200, "100.0%"), (1, 10**6, "1.5%"), (0, 10, "0%"), (0, 0, "0%")],
)
def test_a_meter_shows_a_share_and_a_small_value_stays_visible(
    value: float, whole: float, width: str
) -> None:
    chart = parse(meter(value, whole, "refusals"))

    bars = {bar.get("class"): bar.get("width") for bar in chart.iter("rect")}
    assert bars == {"track": "100%", "refusals": width}
