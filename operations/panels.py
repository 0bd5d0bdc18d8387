"""The panels about people, tasks and the service itself, each figure with the list behind it.

A panel costs a few indexed queries, however many people and tasks there are. `now` is a whole
minute, so that a figure and its list begin at the same moment.
"""

from datetime import date, datetime, timedelta

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Model, Q
from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince

from accounts.models import User
from accounts.tokens import verifier
from operations import charts
from operations.models import TaskDay
from operations.panel import Figure, Panel, list_of, moment
from operations.task_days import recent_days
from tasks.models import Task
from todo_api.maintenance.expired import expired
from todo_api.web.admin import COUNTED

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
SERIES = ("created", "completed")
TABLES = 6


def people(now: datetime) -> Panel:
    return Panel([_total(User)])


def new_people(now: datetime) -> Panel:
    return _lately(now, "date_joined")


def active_people(now: datetime) -> Panel:
    """Who was seen; that is noted at most once an hour a person."""
    return _lately(now, "last_seen_at")


def tasks(now: datetime) -> Panel:
    return Panel([_total(Task)])


def keys(now: datetime) -> Panel:
    """The key set as this process knows it: each has its own."""
    key_set = verifier().key_set
    if key_set is None:
        return Panel([Figure("Shared secret")], note="No key set is fetched.")
    known = Figure(f"{len(key_set.known())} known", href=key_set.url)
    if key_set.age_seconds is None:
        return Panel([known], note="Not fetched yet by this process.")
    age = timedelta(seconds=key_set.age_seconds)
    ago = timesince(now - age, now, depth=1) if age >= MINUTE else "less than a minute"
    return Panel([known], note=f"Fetched {ago} ago.")


def database(now: datetime) -> Panel:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid),"
            " (SELECT pg_database_size(current_database()))"
            " FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            " ORDER BY 2 DESC, 1 LIMIT %s",
            [TABLES],
        )
        largest = cursor.fetchall()
    rows = [(Figure(name), Figure(filesizeformat(size))) for name, size, _ in largest]
    whole = Figure(filesizeformat(largest[0][2]))
    return Panel([whole], head=("Table", "With indexes"), rows=rows, behind="Largest tables")


def migrations(now: datetime) -> Panel:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return Panel([Figure("None pending")])
    rows = [[Figure(f"{migration.app_label}.{migration.name}")] for migration, _ in plan]
    pending = Figure(f"{len(plan)} pending")
    return Panel([pending], head=["Run manage.py migrate"], rows=rows, behind="Which")


def to_purge(now: datetime) -> Panel:
    """What the next `maintain` deletes. Where it grows, nothing runs it."""
    waiting = {
        str(rows.model._meta.verbose_name_plural).capitalize(): rows.order_by()[:COUNTED].count()
        for rows in expired()
    }
    table = [(Figure(name), Figure(f"{count:,}")) for name, count in waiting.items()]
    more = "at least " if COUNTED in waiting.values() else ""
    whole = Figure(f"{more}{sum(waiting.values()):,}")
    return Panel([whole], head=("Expired rows", "Waiting"), rows=table, behind="Of what")


def task_days(now: datetime) -> Panel:
    days = recent_days(now)
    created, completed = (sum(getattr(day, name) for day in days) for name in SERIES)
    busiest = max(days, key=lambda day: day.created)
    text = (
        f"{created:,} created and {completed:,} completed in {len(days)} days;"
        f" most were created on {busiest.date:%-d %B}: {busiest.created:,}."
    )
    groups = [charts.Group(f"{day.date:%-d %b}", _columns(day)) for day in days]
    return Panel(
        [
            Figure(f"{created:,}", f"created in {len(days)} days", series="created"),
            Figure(f"{completed:,}", "completed", series="completed"),
        ],
        chart=charts.columns(groups, title="Tasks created and completed per day", text=text),
        head=("Day (UTC)", "Created", "Completed"),
        rows=[
            [
                Figure(f"{day.date:%a %-d %b}"),
                *(Figure(f"{column.value:,}", href=column.href) for column in _columns(day)),
            ]
            for day in reversed(days)
        ],
        behind="As a table",
        note="A day is counted when it has ended: what is deleted or reopened later stays in.",
    )


def _columns(day: TaskDay) -> list[charts.Column]:
    values = {name: getattr(day, name) for name in SERIES}
    return [
        charts.Column(name, value, f"{day.date:%a %-d %b}: {value:,} {name}", _of(day.date, name))
        for name, value in values.items()
    ]


def _of(day: date, series: str) -> str:
    """The list of what was created, or completed, on this day."""
    bounds = {"gte": day, "lt": day + DAY}
    return list_of(Task, **{f"{series}_at__{end}": f"{at}T00:00Z" for end, at in bounds.items()})


def _total(model: type[Model]) -> Figure:
    """How many rows there are: counted while they are few, afterwards as PostgreSQL remembers."""
    few = model._default_manager.order_by()[: COUNTED + 1].count()
    text = f"{few:,}"
    if few > COUNTED:
        with connection.cursor() as cursor:
            table = [model._meta.db_table]
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", table)
            remembered = cursor.fetchone()[0]
        # What was never analyzed is not remembered at all.
        about = f"about {float(f'{remembered:.3g}'):,.0f}"
        text = about if remembered >= COUNTED else f"over {COUNTED:,}"
    return Figure(text, href=list_of(model))


def _lately(now: datetime, field: str) -> Panel:
    """People by a moment of theirs, in the last day and week. One query, along its index."""
    day, week = now - DAY, now - WEEK
    counts = User.objects.filter(**{f"{field}__gte": week}).aggregate(
        day=Count(field, filter=Q(**{f"{field}__gte": day})), week=Count(field)
    )

    def figure(count: int, label: str, start: datetime) -> Figure:
        return Figure(f"{count:,}", label, list_of(User, **{f"{field}__gte": moment(start)}))

    return Panel(
        [figure(counts["day"], "in 24 hours", day), figure(counts["week"], "in 7 days", week)]
    )
