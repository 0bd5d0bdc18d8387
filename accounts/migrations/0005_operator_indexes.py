"""What the admin's lists of people read instead of a million rows."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Collate, Lower


class Migration(migrations.Migration):
    atomic = False  # built beside the service at work
    dependencies = [("accounts", "0004_operator_permissions")]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(Collate(Lower("email"), "C"), name="accounts_user_email_prefix"),
        ),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(fields=["date_joined", "id"], name="accounts_user_joined"),
        ),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(fields=["last_seen_at"], name="accounts_user_last_seen"),
        ),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                fields=["date_joined", "id"],
                condition=models.Q(("is_active", False)),
                name="accounts_user_inactive",
            ),
        ),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                fields=["date_joined", "id"],
                condition=models.Q(("is_staff", True)),
                name="accounts_user_staff",
            ),
        ),
    ]
