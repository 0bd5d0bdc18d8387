"""Dashboard panels about users, tasks and the service itself.

A panel runs a few queries that use indexes, so its cost does not grow with the number of users and
tasks. `now` is a whole minute, so that a number and the list it links to have the same start time.
"""

from datetime import date, datetime, timedelta

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Model, Q
from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince

from accounts.keys import KeySet
from accounts.models import User
from accounts.tokens import verifier
from operations import charts
from operations.models import TaskDay
from operations.panel import Panel, Value, changelist_url, help_url, utc_minute
from operations.task_days import recent_days
from tasks.models import Task
from todo_api.maintenance.expired import expired
from todo_api.web.admin import row_count

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
SERIES = ("created", "completed")
MAX_TABLES = 6


def users(now: datetime) -> Panel:
    return Panel([_row_count(User)])


def new_users(now: datetime) -> Panel:
    return _recent_users(now, "date_joined")


def active_users(now: datetime) -> Panel:
    """Returns a panel about `last_seen_at`, which is updated at most once an hour."""
    return _recent_users(now, "last_seen_at")


def tasks(now: datetime) -> Panel:
    return Panel([_row_count(Task, "with those in the trash")])


def keys(now: datetime) -> Panel:
    """Returns a panel about the key sets of this process. Other processes have their own."""
    key_sets = verifier().key_sets
    if not key_sets:
        shared = Value("Shared secret", href=help_url("keys"))
        return Panel([shared], note="No key set is fetched.")
    rows = [
        (
            Value(key_set.source),
            Value(f"{len(key_set.known())} known"),
            Value(_fetched(key_set, now)),
            Value(key_set.url, href=key_set.url),
        )
        for key_set in key_sets
    ]
    working = sum(bool(key_set.known()) for key_set in key_sets)
    total = Value(f"{working} of {len(key_sets)} known", href=help_url("keys"))
    if len(key_sets) == 1:
        total = Value(rows[0][1].text, key_sets[0].source, help_url("keys"))
    return Panel(
        [total],
        head=("Issuer", "Keys", "Last fetch", "Address"),
        rows=rows,
        table_label="Key sets",
        note=rows[0][2].text if len(key_sets) == 1 else "",
    )


def _fetched(key_set: KeySet, now: datetime) -> str:
    if key_set.age_seconds is None:
        return "Not fetched yet by this process."
    age = timedelta(seconds=key_set.age_seconds)
    ago = timesince(now - age, now, depth=1) if age >= MINUTE else "less than a minute"
    return f"Fetched {ago} ago."


def database(now: datetime) -> Panel:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(oid),"
            " (SELECT pg_database_size(current_database()))"
            " FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            " ORDER BY 2 DESC, 1 LIMIT %s",
            [MAX_TABLES],
        )
        largest = cursor.fetchall()
    href = help_url("database")
    rows = [(Value(name), Value(filesizeformat(size), href=href)) for name, size, _ in largest]
    total = Value(filesizeformat(largest[0][2]), href=href)
    return Panel(
        [total], head=("Table", "Size with indexes"), rows=rows, table_label="Largest tables"
    )


def migrations(now: datetime) -> Panel:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    href = help_url("migrations")
    if not plan:
        return Panel([Value("None pending", href=href)])
    rows = [[Value(f"{migration.app_label}.{migration.name}")] for migration, _ in plan]
    pending = Value(f"{len(plan)} pending", href=href)
    return Panel(
        [pending], head=["Run manage.py migrate"], rows=rows, table_label="Pending migrations"
    )


def to_purge(now: datetime) -> Panel:
    """Returns a panel with the number of rows that the next `maintain` deletes."""
    counts = {
        str(rows.model._meta.verbose_name_plural).capitalize(): row_count(rows)
        for rows in expired()
    }
    href = help_url("purge")
    table = [(Value(name), Value(str(count), href=href)) for name, count in counts.items()]
    more = "more than " if any(count.has_more for count in counts.values()) else ""
    total = Value(f"{more}{sum(counts.values()):,}", href=href)
    return Panel([total], head=("Kind", "Expired rows"), rows=table, table_label="By kind")


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
            Value(
                f"{created:,}",
                f"created, last {len(days)} days",
                _tasks_url("created", days[0].date, days[-1].date),
                series="created",
            ),
            Value(
                f"{completed:,}",
                "completed",
                _tasks_url("completed", days[0].date, days[-1].date),
                series="completed",
            ),
        ],
        chart=charts.columns(groups, title="Tasks created and completed per day", text=text),
        head=("Day (UTC)", "Created", "Completed"),
        rows=[
            [
                Value(f"{day.date:%a %-d %b}"),
                *(Value(f"{column.value:,}", href=column.href) for column in _columns(day)),
            ]
            for day in reversed(days)
        ],
        table_label="Show as table",
        note="Finished days are counted once. Tasks deleted or reopened later are still included.",
    )


def _columns(day: TaskDay) -> list[charts.Column]:
    values = {name: getattr(day, name) for name in SERIES}
    return [
        charts.Column(
            name,
            value,
            f"{day.date:%a %-d %b}: {value:,} {name}",
            _tasks_url(name, day.date, day.date),
        )
        for name, value in values.items()
    ]


def _tasks_url(series: str, first: date, last: date) -> str:
    """Returns the URL of the list of the tasks created, or completed, on these days."""
    bounds = {"gte": first, "lt": last + DAY}
    return changelist_url(
        Task, **{f"{series}_at__{end}": f"{at}T00:00Z" for end, at in bounds.items()}
    )


def _row_count(model: type[Model], label: str = "") -> Value:
    """Returns the number of rows: exact as far as lists count, above that PostgreSQL's estimate."""
    count = row_count(model._default_manager.all())
    text = str(count)
    if count.has_more:
        with connection.cursor() as cursor:
            table = [model._meta.db_table]
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", table)
            estimate = cursor.fetchone()[0]
        # A table that was never analyzed has no estimate.
        if estimate > count:
            text = f"about {float(f'{estimate:.3g}'):,.0f}"
    return Value(text, label, changelist_url(model))


def _recent_users(now: datetime, field: str) -> Panel:
    """Returns a panel with the numbers of users whose `field` is in the last day and in the last
    week. One query, which uses the index of `field`.
    """
    day, week = now - DAY, now - WEEK
    counts = User.objects.filter(**{f"{field}__gte": week}).aggregate(
        day=Count(field, filter=Q(**{f"{field}__gte": day})), week=Count(field)
    )

    def linked(count: int, label: str, start: datetime) -> Value:
        url = changelist_url(User, **{f"{field}__gte": utc_minute(start)})
        return Value(f"{count:,}", label, url)

    return Panel(
        [linked(counts["day"], "last 24 hours", day), linked(counts["week"], "last 7 days", week)]
    )
