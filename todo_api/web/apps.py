from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    default_site = "todo_api.web.admin_site.TodoAdminSite"
