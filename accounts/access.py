"""What API requests may see of users: their own row, without its password."""

from todo_api.postgresql.access import USER, Policy, TableAccess

ACCESS = (
    TableAccess(
        "accounts_user",
        ("SELECT",),
        (Policy("accounts_user_own", using=f"id = {USER}", check="false"),),
        columns=(
            "id", "email", "name", "is_active", "is_staff", "date_joined", "last_seen_at",
        ),
    ),
)  # fmt: skip
