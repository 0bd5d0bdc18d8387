"""Parsing and OpenAPI description of query parameters. An empty value counts as missing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from todo_api.web.body import report_ignored
from todo_api.web.contract import name_in_case

FLAG = {"true": True, "false": False}


@dataclass(frozen=True)
class Parameter:
    """A query parameter. `read` parses its text or raises ValueError; `expected` is then the error
    message. With `may_be_ignored`, the parameter is instead ignored and reported, unless
    STRICT_INPUT is on. With `repeatable`, it may be sent more than once, and its value is a list.
    `schema` and `description` are for the OpenAPI document: those of one value.
    """

    read: Callable[[str], Any]
    expected: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    description: str = ""
    may_be_ignored: bool = False
    repeatable: bool = False


def word(
    words: Mapping[str, Any],
    aliases: Mapping[str, Any] | None = None,
    schema: dict[str, Any] | None = None,
    description: str = "",
) -> Parameter:
    """Returns a parameter for one of a few words, in any case. Its value is `words[word]`.

    `aliases` are further words, of existing frontends; the document does not list them.
    """
    values = {**words, **(aliases or {})}

    def read(text: str) -> Any:
        found = text.strip().lower()
        if found not in values:
            raise ValueError(text)
        return values[found]

    known = schema or {"type": "string", "enum": list(words)}
    expected = f"expected one of: {', '.join(words)}"
    return Parameter(read, expected, known, description, may_be_ignored=True)


def exact(parameter: Parameter) -> Parameter:
    """Returns the parameter, but an unknown word is always an error."""
    return replace(parameter, may_be_ignored=False)


def words(words: Mapping[str, Any], aliases: Mapping[str, Any], description: str = "") -> Parameter:
    """Returns a parameter for any of a few words, separated by commas or repeated. Its value is a
    list of the lists of each time.
    """
    single = word(words, aliases)

    def read(text: str) -> list[Any]:
        return [single.read(each) for each in text.split(",") if each.strip()]

    return replace(single, read=read, repeatable=True, description=description)


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

    def read(self, query: QueryDict) -> dict[str, Any]:
        """Returns the values of the parameters that were sent. Raises ValidationError."""
        values, errors = {}, {}
        for name, sent in query.lists():
            parameter = self.get(name)
            texts = [text.strip() for text in sent if text.strip()]
            if parameter is None or not texts:
                continue
            if len(texts) > 1 and not parameter.repeatable:
                errors[name] = [f"{name_in_case(name)}: expected one value, not {len(texts)}"]
                continue
            try:
                found = [parameter.read(text) for text in texts]
                values[name] = found if parameter.repeatable else found[0]
            except ValueError:
                if parameter.may_be_ignored and not settings.STRICT_INPUT:
                    report_ignored(name)
                else:
                    errors[name] = [f"{name_in_case(name)}: {parameter.expected}"]
        if errors:
            raise ValidationError(errors)
        return values

    def described(self) -> list[dict[str, Any]]:
        """Returns OpenAPI parameter objects."""
        found = []
        for name, each in self.items():
            text = {"description": each.description} if each.description else {}
            schema = dict(each.schema)
            if each.repeatable:
                schema = {"type": "array", "items": schema}
            found.append({"in": "query", "name": name, "schema": schema, **text})
        return found
