"""What is left of erased people: a row that says so and nothing else. API requests need not see it:
for them it is suspended.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_todo_user"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="erased_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="user",
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
                violation_error_message="An erased person stays erased",
            ),
        ),
    ]
