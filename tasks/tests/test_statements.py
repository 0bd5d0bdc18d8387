"""Statements are compiled once, and asked with other values ever after."""

from typing import Any

import pytest

from accounts.models import User
from conftest import ALICE, BOB, make_task
from tasks import statements
from tasks.statements import Bind, Demand, Statement

DEMANDS = [Demand(), Demand(allowed=1), Demand(ruled_out=2), Demand(allowed=3, ruled_out=1)]
PEOPLES = [
    lambda demand: statements.newest(100),
    statements.read,
    lambda demand: statements.change(frozenset({"title"}), None, demand),
    lambda demand: statements.change(frozenset({"completed"}), True, demand),
    statements.flip,
    statements.remove,
    lambda demand: statements.add(),
]


@pytest.mark.parametrize("statement", PEOPLES)
@pytest.mark.parametrize("demand", DEMANDS)
def test_every_statement_names_its_person_and_holds_nobody(statement: Any, demand: Demand) -> None:
    made: Statement = statement(demand)

    names = [param.name for param in made.params if isinstance(param, Bind)]

    assert "user_id" in names
    assert [param for param in made.params if isinstance(param, str)] == []
    assert statement(demand) is made


@pytest.mark.django_db
def test_each_run_is_about_the_person_it_is_given(alice: User, bob: User) -> None:
    hers, his = make_task(alice), make_task(bob)

    lists = [statements.newest(10).run(user_id=person) for person in (ALICE, BOB, ALICE)]
    crossed = statements.read(Demand()).run(user_id=ALICE, id=his.pk)

    assert [[row[0] for row in rows] for rows in lists] == [[hers.pk], [his.pk], [hers.pk]]
    assert crossed == []
