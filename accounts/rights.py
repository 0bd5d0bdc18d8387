"""Permissions in the admin. Only superusers grant them, and each change needs a reason: a user who
could grant permissions could grant themself all of them.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import ManyToManyField
from django.http import HttpRequest, HttpResponse

from todo_api.web.admin import reason_field

# The permissions that this admin checks (docs/operations.md).
PERMISSIONS = {
    "view_user": "See users",
    "suspend_user": "Suspend and reactivate users",
    "export_user": "Export users, with titles, descriptions and tags of their tasks",
    "erase_user": "Erase users",
    "view_task": "See tasks, without title, description and tags",
    "read_titles": "Read the title, description and tags of a task, with a reason",
    "view_traffic": "See the traffic statistics",
    "view_logentry": "Read what operators did",
}
CHECKBOXES: Any = {ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as above
    def label_from_instance(self, obj: Any) -> str:
        return PERMISSIONS[obj.codename]


class RightsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    reason = reason_field()
    own = False  # UserAdmin.get_form sets it when operators open their own page

    def clean(self) -> Any:
        values = super().clean()
        if self.own and {"is_staff", "is_superuser"} & {*self.changed_data}:
            # Otherwise the last superuser could lock every operator out.
            raise forms.ValidationError(
                "You cannot change your own rights; ask another superuser to do it."
            )
        return values


def rights_message(values: dict[str, Any]) -> str:
    """Returns the log message for a user's new rights, from the form's cleaned data."""
    names = {"is_staff": "operator", "is_superuser": "superuser"}
    rights = [name for field, name in names.items() if values[field]]
    rights += [f"group {group}" for group in values["groups"]]
    return f"Rights are now: {', '.join(rights) or 'none'}. Reason: {values['reason']}"


admin.site.unregister(Group)


@admin.register(Group)
class ReasonedGroupAdmin(GroupAdmin):
    """Django's GroupAdmin with a required reason. Groups cannot be deleted, because Django's delete
    page asks for no reason; an operator removes a group's permissions instead.
    """

    form = RightsForm
    fields = ("name", "permissions", "reason")
    filter_horizontal = ()
    formfield_overrides = CHECKBOXES

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        kwargs["queryset"] = Permission.objects.filter(codename__in=PERMISSIONS)
        kwargs["form_class"] = PermissionsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Groups", **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if self.has_change_permission(request, obj) else ("name", "permissions")

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        values = form.cleaned_data
        names = sorted(permission.codename for permission in values["permissions"])
        return f"Rights are now: {', '.join(names) or 'none'}. Reason: {values['reason']}"
