"""`todo_upper(text)`: upper case in every language, for searches that ignore case. PostgreSQL inlines
it. In a database with the locale C, `migrate` gives it a collation (todo_api/postgresql/access.py).
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION todo_upper(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT upper($1)'
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0008_listed")]
    operations = [migrations.RunSQL(FORWARD, "DROP FUNCTION todo_upper(text)")]
