"""Generates demo users and tasks, the same ones in every run."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import pairwise, product
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from accounts.models import User
from tasks.models import Task
from tasks.time_zones import instant_of, zone_named

YEAR = timedelta(days=365)
TASKS_PER_STEP, USERS_PER_STEP = 20_000, 2_000

COPY_USERS = (
    "COPY accounts_user (id, email, name, password, is_active, is_staff, is_superuser,"
    " date_joined, last_seen_at) FROM STDIN"
)
COPY_TASKS = (
    "COPY tasks_task (id, user_id, title, description, completed, completed_at, priority,"
    " due_date, due_at, time_zone, repeat, tags, created_at, updated_at) FROM STDIN"
)
ACTIONS = ("Call", "Write to", "Ask", "Visit", "Thank", "Remind", "Invite", "Meet")
CONTACTS = (
    "the dentist", "the landlord", "the bank", "the neighbours", "the library", "the plumber",
    "the tax office", "the choir", "the florist", "the garage", "the school", "the bakery",
)  # fmt: skip
REASONS = ("", "about Friday", "about the bill", "again", "before the holidays")
TITLES = [" ".join(words).strip() for words in product(ACTIONS, CONTACTS, REASONS)]
PRIORITIES = [1, 1, 1, 2, 2, 2, 2, 3, 3, 4]  # most are medium
TAGS = ["home", "work", "phone", "money", "waiting", "this week", "Family", "someday"]
RULES = ["FREQ=WEEKLY", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;INTERVAL=3", "FREQ=YEARLY"]
ZONE = "Europe/Berlin"


def demo_id(number: int) -> str:
    return f"demo-{number:07}"


def seeded(kind: str, number: int) -> Random:
    """Returns a random generator that is the same in every run."""
    return Random(f"{kind} {number}")


def seed(users: int, tasks: int, now: datetime) -> Iterator[Counter[str]]:
    """Adds the demo users that do not exist yet, with their tasks.

    Yields the number of added rows by model label after each step. Each step is one transaction, so
    an interrupted run can be repeated.
    """
    shares = share_out(tasks, users)
    size = max(1, min(USERS_PER_STEP, TASKS_PER_STEP * users // max(tasks, 1)))
    for first in range(0, users, size):
        numbers = range(first, min(first + size, users))
        ids = {demo_id(number): number for number in numbers}
        with transaction.atomic(), connection.cursor() as cursor:
            existing = User.objects.filter(pk__in=ids).values_list("pk", flat=True)
            new = sorted(ids[user_id] for user_id in ids.keys() - set(existing))
            with cursor.copy(COPY_USERS) as copy:
                for number in new:
                    copy.write_row(user_row(number, now))
            with cursor.copy(COPY_TASKS) as copy:
                for number in new:
                    for row in task_rows(number, shares[number], now):
                        copy.write_row(row)
        added = {User: len(new), Task: sum(shares[number] for number in new)}
        yield Counter({model._meta.label: count for model, count in added.items()})


def share_out(tasks: int, users: int) -> list[int]:
    """Returns the number of tasks of each user. A few users have many; the sum is `tasks`."""
    weights = [seeded("person", number).expovariate(1) for number in range(users)]
    whole = sum(weights)
    ends, reached = [0], 0.0
    for weight in weights:
        reached += weight
        ends.append(round(tasks * reached / whole))
    return [end - start for start, end in pairwise(ends)]


def joined(number: int, now: datetime) -> datetime:
    return now - seeded("person", number).random() * YEAR


def user_row(number: int, now: datetime) -> tuple[Any, ...]:
    """Returns a row for COPY_USERS. 1 % of the users are suspended, 20 % were active today."""
    random, user_id = seeded("person", number), demo_id(number)
    since = now - joined(number, now)
    away = min(since, timedelta(days=random.expovariate(1 / 5)))
    unusable = make_password(None)
    flags = (number % 100 != 99, False, False)
    return (
        user_id, f"{user_id}@todo.test", f"Demo user {number}", unusable, *flags, now - since,
        now - away,
    )  # fmt: skip


def task_rows(number: int, count: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Yields rows for COPY_TASKS, created after the user joined. 60 % of them are completed; some
    have tags, a due time and a recurrence rule.
    """
    random, user_id = seeded("tasks", number), demo_id(number)
    since = now - joined(number, now)
    for _ in range(count):
        created_at = now - random.random() * since
        completed_at = None
        if random.random() < 0.6:
            completed_at = created_at + random.random() ** 3 * (now - created_at)
        due_date = None
        if random.random() < 0.4:
            due_date = created_at.date() + timedelta(days=int(random.random() * 30))
        due_at = repeat = None
        if due_date and random.random() < 0.3:
            local = datetime.combine(due_date, time(random.randrange(8, 20)))
            due_at = instant_of(local, zone_named(ZONE))
        if due_date and completed_at is None and random.random() < 0.2:
            repeat = Jsonb({"rule": random.choice(RULES), "from": "due"})
        tags = random.sample(TAGS, random.randint(1, 3)) if random.random() < 0.3 else []
        title = random.choice(TITLES)
        description = f"{title}, and write down what they say" if random.random() < 0.2 else None
        yield (
            UUID(int=random.getrandbits(128), version=4), user_id, title, description,
            completed_at is not None, completed_at, random.choice(PRIORITIES), due_date, due_at,
            due_at and ZONE, repeat, tags, created_at, completed_at or created_at,
        )  # fmt: skip
