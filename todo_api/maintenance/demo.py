"""Made-up people and tasks, as many as wanted, with the same ids on every run."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise, product
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from accounts.models import User
from tasks.models import Task

YEAR = timedelta(days=365)
TASKS_A_STEP, PEOPLE_A_STEP = 20_000, 2_000

COPY_PEOPLE = (
    "COPY accounts_user (id, email, name, password, is_active, is_staff, is_superuser,"
    " date_joined, last_seen_at) FROM STDIN"
)
COPY_TASKS = (
    "COPY tasks_task (id, user_id, title, description, completed, completed_at, priority,"
    " due_date, created_at, updated_at) FROM STDIN"
)
VERBS = ("Call", "Write to", "Ask", "Visit", "Thank", "Remind", "Invite", "Meet")
WHOM = (
    "the dentist", "the landlord", "the bank", "the neighbours", "the library", "the plumber",
    "the tax office", "the choir", "the florist", "the garage", "the school", "the bakery",
)  # fmt: skip
ABOUT = ("", "about Friday", "about the bill", "again", "before the holidays")
TITLES = [" ".join(words).strip() for words in product(VERBS, WHOM, ABOUT)]
PRIORITIES = [1, 1, 1, 2, 2, 2, 2, 3, 3, 4]  # most are medium


def demo_id(number: int) -> str:
    return f"demo-{number:07}"


def made_up(what: str, number: int) -> Random:
    """The same numbers on every run."""
    return Random(f"{what} {number}")  # noqa: S311


def seed(users: int, tasks: int, now: datetime) -> Iterator[Counter[str]]:
    """Adds those of the people who are not there yet, each with all of their tasks.

    Yields after each step how many rows it added, by model label. A step is one transaction, so
    that whoever stops in between may begin again.
    """
    shares = share_out(tasks, users)
    size = max(1, min(PEOPLE_A_STEP, TASKS_A_STEP * users // max(tasks, 1)))
    for first in range(0, users, size):
        numbers = range(first, min(first + size, users))
        ids = {demo_id(number): number for number in numbers}
        with transaction.atomic(), connection.cursor() as cursor:
            there = User.objects.filter(pk__in=ids).values_list("pk", flat=True)
            new = sorted(ids[user_id] for user_id in ids.keys() - set(there))
            with cursor.copy(COPY_PEOPLE) as copy:
                for number in new:
                    copy.write_row(person(number, now))
            with cursor.copy(COPY_TASKS) as copy:
                for number in new:
                    for row in tasks_of(number, shares[number], now):
                        copy.write_row(row)
        added = {User: len(new), Task: sum(shares[number] for number in new)}
        yield Counter({model._meta.label: count for model, count in added.items()})


def share_out(tasks: int, users: int) -> list[int]:
    """How many tasks each of the people has: a few have many, and together it is exact."""
    weights = [made_up("person", number).expovariate(1) for number in range(users)]
    whole = sum(weights)
    ends, reached = [0], 0.0
    for weight in weights:
        reached += weight
        ends.append(round(tasks * reached / whole))
    return [end - start for start, end in pairwise(ends)]


def joined(number: int, now: datetime) -> datetime:
    return now - made_up("person", number).random() * YEAR


def person(number: int, now: datetime) -> tuple[Any, ...]:
    """A row for COPY_PEOPLE. One in a hundred is suspended, one in five was here today."""
    random, user_id = made_up("person", number), demo_id(number)
    since = now - joined(number, now)
    away = min(since, timedelta(days=random.expovariate(1 / 5)))
    unusable = make_password(None)
    flags = (number % 100 != 99, False, False)
    return (
        user_id, f"{user_id}@todo.test", f"Demo person {number}", unusable, *flags, now - since,
        now - away,
    )  # fmt: skip


def tasks_of(number: int, count: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Rows for COPY_TASKS, from when the person joined until now. Three in five are completed."""
    random, user_id = made_up("tasks", number), demo_id(number)
    since = now - joined(number, now)
    for _ in range(count):
        created_at = now - random.random() * since
        completed_at = None
        if random.random() < 0.6:
            completed_at = created_at + random.random() ** 3 * (now - created_at)
        due_date = None
        if random.random() < 0.4:
            due_date = created_at.date() + timedelta(days=int(random.random() * 30))
        title = random.choice(TITLES)
        description = f"{title}, and write down what they say" if random.random() < 0.2 else None
        yield (
            UUID(int=random.getrandbits(128), version=4), user_id, title, description,
            completed_at is not None, completed_at, random.choice(PRIORITIES), due_date,
            created_at, completed_at or created_at,
        )  # fmt: skip
