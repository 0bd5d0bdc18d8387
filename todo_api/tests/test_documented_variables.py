"""Environment variables in docs/settings.md and .env.example: exactly those the service reads."""

import re

from dotenv import dotenv_values

from conftest import ROOT
from todo_api.tests.test_settings import load

# Files that read variables, with the pattern of a read.
READERS = {
    "todo_api/settings.py": r'\benv\.(?!wrong\()\w+\(\s*"([A-Z0-9_]+)"',
    "gunicorn.conf.py": r"(?:environ\.get|env\.number)\(['\"]([A-Z0-9_]+)",
    "todo_api/server/hooks.py": r"environ\.get\(['\"]([A-Z0-9_]+)",
    "Procfile": r"\$\{([A-Z0-9_]+)",
}
# | `NAME` | `default` | meaning |
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \|(?: `(.*?)`|[^`|]*) \| .+ \|$", re.MULTILINE)


def read_by_the_service() -> set[str]:
    return {
        name
        for file, pattern in READERS.items()
        for name in re.findall(pattern, (ROOT / file).read_text())
    }


def in_the_page() -> dict[str, str]:
    return dict(ROW.findall((ROOT / "docs/settings.md").read_text()))


def in_the_example() -> dict[str, str]:
    return {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()}


def test_the_page_lists_every_variable_and_no_other() -> None:
    assert set(in_the_page()) == read_by_the_service()


def test_the_example_lists_every_variable_and_no_other() -> None:
    assert set(in_the_example()) == read_by_the_service()


def test_page_and_example_show_the_same_defaults() -> None:
    assert in_the_page() == in_the_example()


def test_a_copy_of_the_example_changes_no_setting() -> None:
    def every_setting(**variables: str | None) -> dict[str, object]:
        settings = vars(load(**variables))
        return {name: value for name, value in settings.items() if name.isupper()}

    example = {name: value for name, value in in_the_example().items() if value}

    assert every_setting(**example) == every_setting(ADMIN_PATH=None)
