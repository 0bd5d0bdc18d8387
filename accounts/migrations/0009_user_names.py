"""Names the model "user" in the admin, and its permissions accordingly. Changes no table."""

from typing import Any

from django.db import migrations, models

PERMISSIONS = (
    ("suspend_user", "Can suspend and reactivate users"),
    ("export_user", "Can export the data of users"),
    ("erase_user", "Can erase users"),
)


def rename_permissions(apps: Any, schema_editor: Any) -> None:
    """Django creates rows of permissions and does not change their names."""
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    for codename, name in PERMISSIONS:
        permissions.filter(content_type__app_label="accounts", codename=codename).update(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_own_is_staff"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": PERMISSIONS,
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
        migrations.AlterConstraint(
            model_name="user",
            name="accounts_user_erased_is_empty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at", None),
                    models.Q(
                        ("email", ""),
                        ("is_active", False),
                        ("is_staff", False),
                        ("is_superuser", False),
                        ("last_seen_at", None),
                        ("name", ""),
                    ),
                    _connector="OR",
                ),
                name="accounts_user_erased_is_empty",
                violation_error_message="An erased user stays erased",
            ),
        ),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop, elidable=True),
    ]
