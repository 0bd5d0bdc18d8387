from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from accounts.views import LogInView, LogOutView, MeView, SignUpView, VerifyView

auth_urls: list[URLPattern] = [re_path(r"^me/?$", MeView.as_view())]

# With a Better Auth server, users sign up there.
if settings.LOCAL_ACCOUNTS:
    auth_urls += [
        re_path(r"^signup/?$", SignUpView.as_view()),
        re_path(r"^register/?$", SignUpView.as_view()),
        re_path(r"^login/?$", LogInView.as_view()),
        re_path(r"^signin/?$", LogInView.as_view()),
        re_path(r"^logout/?$", LogOutView.as_view()),
        re_path(r"^signout/?$", LogOutView.as_view()),
        re_path(r"^verify/?$", VerifyView.as_view()),
    ]

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^me/?$", MeView.as_view()),
    re_path(r"^users/me/?$", MeView.as_view()),
    path("auth/", include(auth_urls)),
]
