"""The index for operators' searches by name."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.contrib.postgres.search import SearchVector
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # built beside the service
    dependencies = [("accounts", "0010_row_security")]
    operations = [
        AddIndexConcurrently(
            "user",
            GinIndex(
                SearchVector("name", config="simple"),
                fastupdate=False,
                name="accounts_user_name_words",
            ),
        ),
    ]
