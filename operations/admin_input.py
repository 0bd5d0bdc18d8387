"""A middleware for the input of the admin."""

from django.contrib.admin.options import TO_FIELD_VAR
from django.http import HttpRequest, HttpResponse

from todo_api.errors import problem
from todo_api.middleware import Handler


class AdminInputMiddleware:
    """Refuses what is an error 500 in Django's admin: a null character, which PostgreSQL text
    cannot hold, and an empty `_to_field`.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = [request.path_info]
        for name, values in (*request.GET.lists(), *request.POST.lists()):
            sent += [name, *map(str, values)]
            if name == TO_FIELD_VAR and "" in values:
                return problem(request, 400, f"{TO_FIELD_VAR} is empty")
        if any("\0" in text for text in sent):
            return problem(request, 400, "Null characters are not allowed")
        return self.get_response(request)
