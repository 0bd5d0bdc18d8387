from rest_framework.routers import SimpleRouter

from tasks.views import TaskViewSet

router = SimpleRouter()
# A pattern: every path answers with and without its slash, and none redirects.
router.trailing_slash = "/?"
router.register("tasks", TaskViewSet, basename="task")
urlpatterns = router.urls
