"""What a check of the doctor yields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True)
class Finding:
    """One line of output: level, subject, text, and a hint for the operator."""

    level: str
    about: str
    text: str
    hint: str = ""


Findings = Iterator[Finding]
Check = Callable[[], Findings]
