"""Numbers become pictures that can be read, whatever the numbers are."""

from xml.etree import ElementTree

import pytest

from operations.charts import Column, Group, columns, grid, meter, short


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314  (our own)


def drawn(*values: int, text: str = "so many", href: str = "/list/?a=1&b=2") -> ElementTree.Element:
    groups = [Group(f"day {n}", [Column("created", v, text, href)]) for n, v in enumerate(values)]
    return parsed(columns(groups, title="Per day", text="In words"))


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


@pytest.mark.parametrize("highest", [*range(1, 2_000, 7), 10**6, 10**9 + 1])
def test_the_grid_is_never_lower_than_what_it_holds(highest: int) -> None:
    lines = grid(highest)

    assert lines[-1] >= highest
    assert len(lines) <= 5


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (950, "950"), (1_500, "1.5k"), (30_000, "30k"), (4_000_000, "4M")],
)
def test_axes_have_short_numbers(number: int, text: str) -> None:
    assert short(number) == text


def test_columns_stand_on_the_ground_as_high_as_their_values() -> None:
    picture = drawn(0, 2, 4)

    bars = [bar.attrib for bar in picture.iter("rect") if bar.get("class") == "created"]
    assert [(bar["y"], bar["height"]) for bar in bars] == [
        ("200.0", "0.0"),
        ("104.0", "96.0"),
        ("8.0", "192.0"),
    ]
    assert [bar["x"] for bar in bars] == ["3.333%", "36.667%", "70.0%"]
    assert {bar["width"] for bar in bars} == {"26.667%"}


def test_a_picture_says_in_words_what_it_shows_and_each_column_too() -> None:
    picture = drawn(3, text="3 of <them> & more")

    links = list(picture.iter("a"))
    assert picture.get("role") == "img"
    assert (picture.findtext("title"), picture.findtext("desc")) == ("Per day", "In words")
    assert [link.findtext("title") for link in links] == ["3 of <them> & more"]
    assert [link.get("href") for link in links] == ["/list/?a=1&b=2"]


def test_thirty_days_have_five_labels_the_last_among_them() -> None:
    picture = drawn(*range(30))

    texts = [label.text for label in picture.iter("text")]
    assert [text for text in texts if text and text.startswith("day")] == [
        "day 29",
        "day 23",
        "day 17",
        "day 11",
        "day 5",
    ]


def test_nothing_at_all_is_a_picture_too() -> None:
    picture = drawn()

    assert [line.text for line in picture.iter("text")] == ["0", "1"]


@pytest.mark.parametrize(
    ("value", "whole", "width"),
    [(50, 200, "25.0%"), (200, 200, "100.0%"), (1, 10**6, "1.5%"), (0, 10, "0%"), (0, 0, "0%")],
)
def test_a_meter_shows_a_share_and_never_hides_the_smallest(
    value: float, whole: float, width: str
) -> None:
    picture = parsed(meter(value, whole, "refusals"))

    bars = {bar.get("class"): bar.get("width") for bar in picture.iter("rect")}
    assert bars == {"track": "100%", "refusals": width}
