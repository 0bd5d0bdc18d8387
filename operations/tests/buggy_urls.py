"""Views that raise exceptions whose text contains the request's headers, body and URL."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from todo_api.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def fail(request: HttpRequest) -> HttpResponse:
    sent = f"{request.headers} {request.body!r} {request.get_full_path()}"
    try:
        raise KeyError(sent)
    except KeyError as exc:
        raise RuntimeError(sent) from exc


class BuggyView(APIView):
    def post(self, request: Request) -> Response:
        fail(request._request)
        return Response()


urlpatterns = [path("buggy", fail), path("api/buggy", BuggyView.as_view()), *urlpatterns]
