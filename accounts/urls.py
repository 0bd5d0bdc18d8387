from django.conf import settings
from django.urls import URLPattern, re_path

from accounts.views import LogInView, LogOutView, MeView, SignUpView, VerifyView

urlpatterns: list[URLPattern] = [
    re_path(r"^me/?$", MeView.as_view()),
    re_path(r"^auth/me/?$", MeView.as_view()),
    re_path(r"^users/me/?$", MeView.as_view()),
]

# With a Better Auth server, users sign up there.
if settings.LOCAL_ACCOUNTS:
    urlpatterns += [
        re_path(r"^auth/signup/?$", SignUpView.as_view()),
        re_path(r"^auth/register/?$", SignUpView.as_view()),
        re_path(r"^auth/login/?$", LogInView.as_view()),
        re_path(r"^auth/signin/?$", LogInView.as_view()),
        re_path(r"^auth/logout/?$", LogOutView.as_view()),
        re_path(r"^auth/signout/?$", LogOutView.as_view()),
        re_path(r"^auth/verify/?$", VerifyView.as_view()),
    ]
