"""Statements are compiled once, and asked with other values ever after."""

from itertools import product
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from conftest import ALICE, BOB, make_task
from tasks import statements
from tasks.statements import Bind, Demand, Statement

DEMANDS = [Demand(*flags) for flags in product((False, True), repeat=2)]
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

    assert [[row[0] for row in rows] for rows in lists] == [
        [str(hers.pk)],
        [str(his.pk)],
        [str(hers.pk)],
    ]
    assert crossed == []


def test_however_many_versions_are_demanded_is_one_statement(
    as_alice: APIClient, alice: User
) -> None:
    task = make_task(alice)
    address = f"/api/tasks/{task.pk}"
    as_alice.patch(address, {"title": "First"}, headers={"If-Match": '"1"'})
    compiled = statements.change.cache_info().currsize

    answers = [
        as_alice.patch(address, {"title": "Next"}, headers={"If-Match": tags(count)})
        for count in (2, 30, 900)
    ]

    assert [answer.status_code for answer in answers] == [412, 412, 412]
    assert statements.change.cache_info().currsize == compiled


def tags(count: int) -> str:
    return ",".join(f'"{number:x}"' for number in range(1, count + 1))
