"""Folds the texts of tasks that were written before migration tasks.0013, in steps.

An interrupted run is finished by the next one. The trigger gives these updates no number: clients of
sync see no change.
"""

from uuid import UUID

from django.db import migrations

ROWS = 5_000
# The rows are locked in the order of their ids, as a batch does.
STEP = """
WITH step AS (
    SELECT id FROM tasks_task WHERE id > %s ORDER BY id LIMIT %s FOR UPDATE
), folded AS (
    UPDATE tasks_task AS task SET folded = todo_fold(concat_ws(E'\\n', title, description))
    FROM step WHERE task.id = step.id AND task.folded IS NULL
)
SELECT id FROM step ORDER BY id DESC LIMIT 1
"""


def fold(apps, schema_editor):
    last = (UUID(int=0),)
    with schema_editor.connection.cursor() as cursor:
        while last:
            cursor.execute(STEP, [*last, ROWS])
            last = cursor.fetchone()


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tasks", "0013_tags_times_repeat")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop)]
