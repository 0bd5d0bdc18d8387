"""API requests may see whether their own user is an operator: `IsAdminUser` asks for it."""

from django.db import migrations

FORWARD = "GRANT SELECT (is_staff) ON accounts_user TO todo_user"
BACKWARD = "REVOKE SELECT (is_staff) ON accounts_user FROM todo_user"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_become")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
