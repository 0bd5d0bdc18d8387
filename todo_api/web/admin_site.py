"""The site of the admin: its names, and one menu for the lists of all apps."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

# What operators need most comes first; other models follow by name.
MENU = ["User", "Task", "Traffic", "LogEntry", "Group"]


class TodoAdminSite(admin.AdminSite):
    site_header = site_title = "Todo API"
    site_url = None  # there is no site to view
    index_title = "Dashboard"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Returns all models under one heading: an app has at most a few. With an `app_label`,
        returns this app.
        """
        apps = super().get_app_list(request, app_label)
        if app_label or not apps:
            return apps
        models = [model for app in apps for model in app["models"]]
        places = {name: place for place, name in enumerate(MENU)}
        models.sort(key=lambda model: places.get(model["object_name"], len(MENU)))
        heading = {"name": "Lists", "app_label": "lists", "app_url": reverse("admin:index")}
        return [{**heading, "has_module_perms": True, "models": models}]
