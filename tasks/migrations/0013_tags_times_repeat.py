"""Tags, due times and recurrence; the folded text that searches read, and the order of titles.

- `todo_fold(text)` removes case and accents. The trigger that numbers changes also writes
  `folded`, so that every writer does. It is null for a row that was written before, until
  migration tasks.0014; the release that searches it starts after both.
- `todo_tag(text)` is what tags are compared by: upper case, as `str.upper` in Python, in which ß is SS.
- `todo_natural(text)` is what titles are sorted by, with the collation `todo_title`: the text itself
  with ICU, which compares numbers by value. Servers without ICU sort the folded text, in which
  numbers have leading zeros. An index depends on it: unlike `todo_upper`, it is never repaired.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

# Combining marks of Latin, Greek and Cyrillic; vowel points of Hebrew and Arabic.
MARKS = r"[\u0300-\u036F\u0483-\u0487\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u064B-\u065F\u0670]"
# Letters with a stroke do not decompose. Only ICU knows that the upper case of ß is SS. The marks are
# removed first: one of them, the iota below Greek letters, has an upper case that is a letter.
FOLDED = """
CASE WHEN octet_length($1) = char_length($1) THEN {upper}
ELSE normalize(replace(translate({bare}, 'ØŁĐĦŦẞ', 'OLDHTß'), 'ß', 'SS'), NFC) END
"""


def folded(upper: str) -> str:
    """Returns the SQL that folds `$1`. `upper` is the SQL of upper case, with one placeholder."""
    bare = upper.format(f"regexp_replace(normalize($1, NFKD), '{MARKS}', '', 'g')")
    return FOLDED.format(upper=upper.format("$1"), bare=bare)


# For servers without ICU: each number with leading zeros, 20 digits. The length is that of an index.
# Without FROM, so that PostgreSQL inlines it.
PADDED = r"""
SELECT left(regexp_replace(regexp_replace(%s, '\d+', '00000000000000000000\&', 'g'),
    '0*(\d{20,})', '\1', 'g'), 500)
"""
# The trigger function of tasks.0010: its beginning, and the numbering after it.
BEGINNING = """
CREATE OR REPLACE FUNCTION todo_number() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    time_number bigint := extract(epoch FROM clock_timestamp()) * 1000000;
BEGIN
"""
NUMBERING = """
    -- The number of an earlier row of this statement. The version of the row must be of this
    -- transaction: another one may have begun a statement at the same time.
    SELECT seq INTO NEW.seq FROM tasks_syncstate WHERE user_id = NEW.user_id
        AND numbered_at = statement_timestamp() AND xmin = pg_current_xact_id()::xid;
    IF FOUND THEN
        RETURN NEW;
    END IF;
    UPDATE tasks_syncstate
        SET seq = greatest(seq + 1, time_number), numbered_at = statement_timestamp()
        WHERE user_id = NEW.user_id RETURNING seq INTO NEW.seq;
    IF NOT FOUND THEN
        INSERT INTO tasks_syncstate (user_id, seq, purged_seq, numbered_at)
            VALUES (NEW.user_id, time_number, 0, statement_timestamp())
            ON CONFLICT (user_id) DO UPDATE
            SET seq = greatest(tasks_syncstate.seq + 1, excluded.seq),
                numbered_at = excluded.numbered_at
            RETURNING seq INTO NEW.seq;
    END IF;
    RETURN NEW;
END $$;
"""
FORWARD = f"""
-- PostgreSQL would parse a function in SQL again for each search, in order to inline it.
CREATE FUNCTION todo_fold(text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $fold$ BEGIN RETURN {folded("todo_upper({})")}; END $fold$;

CREATE FUNCTION todo_tag(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT todo_upper(replace($1, 'ß', 'SS')) $$;

DO $do$ BEGIN
    CREATE COLLATION todo_title
        (provider = icu, locale = 'und-u-kn-true-ks-level2', deterministic = false);
    CREATE FUNCTION todo_natural(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
        AS 'SELECT $1';
EXCEPTION WHEN feature_not_supported THEN
    CREATE COLLATION todo_title FROM "C";
    IF to_regcollation('pg_catalog.pg_c_utf8') IS NOT NULL THEN
        CREATE FUNCTION todo_natural(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
            AS $natural${PADDED % folded("upper({} COLLATE pg_c_utf8)")}$natural$;
    ELSE
        CREATE FUNCTION todo_natural(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
            AS $natural${PADDED % folded("upper({})")}$natural$;
    END IF;
END $do$;

{BEGINNING}    IF TG_OP = 'INSERT' THEN
        NEW.folded := todo_fold(concat_ws(E'\\n', NEW.title, NEW.description));
    ELSIF OLD.folded IS NULL AND NEW.folded IS NOT NULL THEN
        RETURN NEW;  -- migration tasks.0014, which changes nothing that clients see
    ELSIF OLD.folded IS NULL OR (NEW.title, NEW.description) IS DISTINCT FROM
            (OLD.title, OLD.description) THEN
        NEW.folded := todo_fold(concat_ws(E'\\n', NEW.title, NEW.description));
    END IF;
{NUMBERING}"""
# Without `folded`.
BACKWARD = f"""
{BEGINNING}{NUMBERING}DROP FUNCTION todo_natural(text);
DROP COLLATION todo_title;
DROP FUNCTION todo_tag(text);
DROP FUNCTION todo_fold(text);
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0012_trash_indexes")]
    operations = [
        migrations.AddField(
            "task",
            "tags",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50),
                blank=True,
                db_default=[],
                default=list,
                size=20,
            ),
        ),
        migrations.AddField("task", "due_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "task", "time_zone", models.CharField(blank=True, max_length=64, null=True)
        ),
        migrations.AddField("task", "remind_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("task", "repeat", models.JSONField(blank=True, null=True)),
        migrations.AddField("task", "folded", models.TextField(editable=False, null=True)),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
