"""Names of tests and functions in docs/authentication.md: each of them exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AUTHENTICATION = (ROOT / "docs" / "authentication.md").read_text()


def defined(folder: str, pattern: str) -> set[str]:
    """Returns the names that `pattern` finds in the Python files that match the glob `folder`."""
    files = ROOT.glob(folder)
    return {name for path in files for name in re.findall(pattern, path.read_text(), re.MULTILINE)}


def test_every_test_that_authentication_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", AUTHENTICATION))

    assert named
    assert named <= defined("*/tests/test_*.py", r"^def (test_\w+)")


@pytest.mark.parametrize("section", range(1, 13))
def test_every_section_of_rfc_8725_has_a_row_with_code_and_a_test(section: int) -> None:
    rows = re.findall(rf"^\| 3\.{section} .*$", AUTHENTICATION, re.MULTILINE)

    assert len(rows) == 1
    _, _, _, code, tests, _ = rows[0].split("|")
    assert "`" in code
    assert "`test_" in tests


def test_every_function_that_the_table_names_exists() -> None:
    table = AUTHENTICATION.partition("## What is checked")[2]
    rows = [row.split("|") for row in table.splitlines() if row.startswith("| 3.")]

    named = {word for row in rows for word in re.findall(r"`(\w+)(?:\.\w+)?`", row[3])}

    assert named
    assert named <= defined("*/*.py", r"^(?:def |class )?([A-Za-z_]+)\b")
