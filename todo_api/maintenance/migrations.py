"""The migrations of the database, compared with those of this code."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

OURS = {"accounts", "operations", "tasks"}


def unapplied() -> list[str]:
    """Returns the names of the migrations that are not applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{step.app_label}.{step.name}" for step, _ in plan]


def is_of_newer_release() -> bool:
    """Returns whether the database has later migrations of ours than this code. Its privileges and
    policies are then those of the newer release, which may still run.
    """
    loader = MigrationLoader(connection)
    latest = dict(sorted(loader.disk_migrations))
    return any(name > latest[app] for app, name in loader.applied_migrations if app in OURS)
