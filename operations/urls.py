from django.urls import re_path

from operations.metrics import metrics

urlpatterns = [re_path(r"^metrics/?$", metrics)]
