"""Parsing and OpenAPI description of query parameters. An empty value counts as missing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rest_framework.exceptions import ValidationError

from todo_api.web.contract import name_in_case


@dataclass(frozen=True)
class Parameter:
    """A query parameter. `read` parses its text or raises ValueError; `expected` is then the error
    message. `schema` and `description` are for the OpenAPI document.
    """

    read: Callable[[str], Any]
    expected: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    description: str = ""


def word(words: Mapping[str, Any], schema: dict[str, Any] | None = None) -> Parameter:
    """Returns a parameter for one of a few words, in any case. Its value is `words[word]`."""

    def read(text: str) -> Any:
        found = text.strip().lower()
        if found not in words:
            raise ValueError(text)
        return words[found]

    known = {"type": "string", "enum": list(words)}
    return Parameter(read, f"expected one of: {', '.join(words)}", schema or known)


def number(least: int, most: int, default: int) -> Parameter:
    """Returns a parameter for a whole number from `least` to `most`."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,10}", text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return Parameter(read, f"expected a whole number from {least} to {most}", schema)


class Parameters(dict[str, Parameter]):
    """Query parameters by name."""

    def read(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Returns the values of the parameters that were sent; of a repeated one, the last. Raises
        ValidationError.
        """
        values, errors = {}, {}
        for name, parameter in self.items():
            if name in query and (text := query[name].strip()):
                try:
                    values[name] = parameter.read(text)
                except ValueError:
                    errors[name] = [f"{name_in_case(name)}: {parameter.expected}"]
        if errors:
            raise ValidationError(errors)
        return values

    def described(self) -> list[dict[str, Any]]:
        """Returns OpenAPI parameter objects."""
        found = []
        for name, each in self.items():
            text = {"description": each.description} if each.description else {}
            found.append({"in": "query", "name": name, "schema": dict(each.schema), **text})
        return found
