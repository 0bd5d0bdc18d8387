"""Django's migrate, which also repairs the access of API requests to the database."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connection

from todo_api.maintenance import access
from todo_api.maintenance.migrations import is_of_newer_release, unapplied


class Command(migrate.Command):
    help = (
        f"{migrate.Command.help} Then restores the role todo_user, its privileges and the row "
        "policies where they differ, such as after a restored dump. If this database role lacks "
        "rights, prints the statements for an administrator before it changes anything. Tasks and "
        "accounts are not changed by the repair."
    )

    def get_check_kwargs(self, options: Any) -> Any:
        """Leaves out the checks of the database: this command repairs what ours finds."""
        return {**super().get_check_kwargs(options), "databases": []}

    def handle(self, *args: Any, **options: Any) -> None:
        only_shows = options["plan"] or options["check_unapplied"]
        if only_shows or options["database"] != DEFAULT_DB_ALIAS:
            super().handle(*args, **options)
            return
        self.refuse_second_tables()
        try:
            # Before the migrations, so that nothing is half done if the role may not do it.
            self.report(access.repair(access.missing_before_migrating), options["verbosity"])
            self.require_schema()
            super().handle(*args, **options)
            if not unapplied() and not is_of_newer_release():
                self.report(access.repair(access.missing), options["verbosity"])
        except access.Refused as exc:
            raise CommandError(str(exc)) from None

    def refuse_second_tables(self) -> None:
        """Refuses DATABASE_SCHEMA on a database whose tables are in another schema."""
        wanted = settings.DATABASE_SCHEMA
        if wanted and (other := access.tables_elsewhere()):
            raise CommandError(
                f"The tables are in the schema {other}, not in {wanted}. Stop the service and move"
                " them (ALTER TABLE … SET SCHEMA, or a dump), or unset DATABASE_SCHEMA."
            )

    def require_schema(self) -> None:
        """Makes sure that this connection creates tables in DATABASE_SCHEMA."""
        if access.other_schema():
            connection.close()  # the default of the role is for new connections
            if access.other_schema():
                raise CommandError(
                    "This connection is not in DATABASE_SCHEMA yet. Migrate on the direct "
                    "address (DATABASE_URL_UNPOOLED), or restart the pooler."
                )

    def report(self, statements: list[str], verbosity: int) -> None:
        if verbosity and statements:
            self.stdout.write(self.style.MIGRATE_HEADING("Access of API requests:"))
            self.stdout.write("".join(f"  {statement}\n" for statement in statements))
