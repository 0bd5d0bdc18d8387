"""Who may do what in the admin: given by superusers only, and never without a reason. Whoever could
give rights could give themself all of them.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from todo_api.web.admin import reason_field


class RightsForm(forms.ModelForm):  # type: ignore[type-arg]
    reason = reason_field()
    own = False  # set by whoever shows the form

    def clean(self) -> Any:
        given = super().clean()
        if self.own and {"is_staff", "is_superuser"} & {*self.changed_data}:
            # The last one could let nobody in again.
            raise forms.ValidationError("Your own rights are another superuser's to change.")
        return given


def rights_of_person(given: dict[str, Any]) -> str:
    rights = [name for name in ("is_staff", "is_superuser") if given[name]]
    rights += [f"group {group}" for group in given["groups"]]
    return f"Rights are now: {', '.join(rights) or 'none'}. Reason: {given['reason']}"


admin.site.unregister(Group)


@admin.register(Group)
class ReasonedGroupAdmin(GroupAdmin):
    """Django's, with a reason. A group is emptied rather than deleted, which would not ask why."""

    form = RightsForm
    fields = ("name", "permissions", "reason")

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
        given = form.cleaned_data
        names = sorted(permission.codename for permission in given["permissions"])
        return f"Rights are now: {', '.join(names) or 'none'}. Reason: {given['reason']}"
