"""What operators do to people has permissions of its own, so that groups can be made of them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_user_erased_at")]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": (
                    ("suspend_user", "Can suspend and reactivate people"),
                    ("export_user", "Can export what belongs to people"),
                    ("erase_user", "Can erase people"),
                ),
                "verbose_name": "person",
                "verbose_name_plural": "people",
            },
        ),
    ]
