"""The names of operations, their order and examples, in the OpenAPI document."""

from typing import Any

from django.conf import settings

# The groups of operations, in order.
TAGS = {
    "tasks": "The tasks of the signed-in user",
    "accounts": "The user, their data, and accounts for frontends without Better Auth",
    "agents": "The tasks as tools (Model Context Protocol), and where OAuth clients get tokens",
    "health": "Probes for load balancers; they need no token",
    "aliases": "The same operations at other paths, for existing frontends",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Path below the mount, and method -> operationId, as generated clients name their methods.
NAMES = {
    ("/tasks", "get"): "listTasks",
    ("/tasks", "post"): "createTask",
    ("/tasks/{id}", "get"): "getTask",
    ("/tasks/{id}", "put"): "replaceTask",
    ("/tasks/{id}", "patch"): "updateTask",
    ("/tasks/{id}", "delete"): "deleteTask",
    ("/tasks/{id}/complete", "post"): "completeTask",
    ("/tasks/{id}/complete", "patch"): "patchTaskCompletion",
    ("/tasks/{id}/toggle", "post"): "toggleTask",
    ("/tasks/{id}/toggle", "patch"): "patchTaskToggle",
    ("/tasks/{id}/restore", "post"): "restoreTask",
    ("/sync", "get"): "syncTasks",
    ("/batch", "post"): "batchTasks",
    ("/import", "post"): "importTasks",
    ("/tags", "get"): "listTags",
    ("/tags/{name}", "patch"): "renameTag",
    ("/tags/{name}", "delete"): "removeTag",
    ("/repeat/preview", "post"): "previewRepeat",
    ("/mcp", "post"): "callTool",
    ("/.well-known/oauth-protected-resource/api/mcp", "get"): "getProtectedResource",
    ("/.well-known/oauth-protected-resource", "get"): "getProtectedResourceAtRoot",
    ("/auth/signup", "post"): "signUp",
    ("/auth/register", "post"): "register",
    ("/auth/login", "post"): "logIn",
    ("/auth/signin", "post"): "signIn",
    ("/auth/logout", "post"): "logOut",
    ("/auth/signout", "post"): "signOut",
    ("/auth/verify", "post"): "verifyToken",
    ("/me", "get"): "getMe",
    ("/me", "delete"): "eraseMe",
    ("/me/export", "get"): "exportMe",
    ("/me/calendar", "get"): "getCalendar",
    ("/me/calendar", "post"): "createCalendar",
    ("/me/calendar", "delete"): "revokeCalendar",
    ("/calendar/{secret}.ics", "get"): "getCalendarFeed",
    ("/health", "get"): "getHealth",
    ("/healthz", "get"): "getLiveness",
    ("/readyz", "get"): "getReadiness",
}
# What the operationIds of a mount end in; "" for the canonical one.
MOUNTS = {
    "/api/v1": "V1",
    "/api/users/{user_id}": "OfUser",
    "/api/{user_id}": "ByUser",
    "/api": "",
    "": "",
}
# The same operations as below another path of the same mount.
ALIASES = {"/auth/me": "AtAuth", "/users/me": "AtUsers"}
ALIAS_NAMES = {"register", "signIn", "signOut"}


def name_of(path: str, method: str) -> tuple[str, bool]:
    """Returns the operationId ("" for one that is not in NAMES), and whether it is an alias."""
    path = path.replace("{pk}", "{id}")
    if settings.API_AUTH_PREFIX and path.startswith(f"/{settings.API_AUTH_PREFIX}/"):
        rest, suffix = path.replace(f"/{settings.API_AUTH_PREFIX}", "/auth", 1), "AtPrefix"
    else:
        mount = next(each for each in MOUNTS if path.startswith(f"{each}/"))
        rest, suffix = path.removeprefix(mount), MOUNTS[mount]
    if path == "/api/health":
        suffix = "AtApi"
    for prefix, at in ALIASES.items():
        if rest.startswith(prefix):
            rest, suffix = "/me" + rest.removeprefix(prefix), at + suffix
    name = NAMES.get((rest, method), "")
    is_alias = (bool(suffix) and "health" not in path) or name in ALIAS_NAMES
    return name and name + suffix, is_alias


def tag_of(path: str, method: str) -> str:
    """Returns the group of an operation in the document."""
    if name_of(path, method)[1]:
        return "aliases"
    if path.endswith("/mcp") or "/.well-known/" in path:
        return "agents"
    if "health" in path or "ready" in path:
        return "health"
    return "tasks" if is_on_many(path) or "/tasks" in path else "accounts"


def is_on_many(path: str) -> bool:
    """Returns whether the path is about tasks, but not a list of tasks or one task."""
    return any(f"/{name}" in path for name in ("sync", "batch", "tags", "repeat", "import"))


def canonical_first(endpoint: tuple[str, str, str, Any]) -> tuple[int, bool, str, int]:
    """Returns the sort key of an operation: by group, path and method. Those on many tasks come
    after those on one.
    """
    path, _, method, _ = endpoint
    group = [*TAGS].index(tag_of(path, method.lower()))
    return group, is_on_many(path), path, METHODS.index(method)


def name_operations(result: Any, **kwargs: Any) -> Any:
    """Sets operationId, tag and description of each operation. A postprocessing hook."""
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            operation["operationId"] = name_of(path, method)[0] or operation["operationId"]
            operation["tags"] = [tag_of(path, method)]
            if "summary" in operation:
                operation.setdefault("description", f"{operation['summary']}.")
    return result


def add_examples(result: Any, **kwargs: Any) -> Any:
    """Adds the values with which requests can be tried out, and those of responses. A hook."""
    for name, example in EXAMPLES.items():
        if name in result["components"]["schemas"]:
            result["components"]["schemas"][name]["example"] = example
    return result


TASK = {
    "id": "92c29e2c-d0cc-48cc-a65d-d4314efd78bb", "user_id": "Zk3xQ9Wp7yR2", "title":
    "Water the plants", "description": None, "completed": False, "completed_at": None,
    "priority": "high", "due_date": "2026-12-24", "due_at": "2026-12-24T08:00:00Z",
    "time_zone": "Europe/Berlin", "remind_at": "2026-12-24T07:30:00Z",
    "repeat": {"rule": "FREQ=WEEKLY", "from": "completion"}, "tags": ["home"],
    "created_at": "2026-11-20T13:35:04.600930Z", "updated_at": "2026-11-20T13:35:04.600930Z",
    "deleted_at": None,
}  # fmt: skip
USER = {
    "id": "Zk3xQ9Wp7yR2", "email": "alice@my-domain.com", "name": "Alice",
    "created_at": "2026-11-20T13:30:00Z",
}  # fmt: skip
ACCOUNT = {"email": "alice@my-domain.com", "password": "correct horse battery"}
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJaazN4UTkifQ.c2lnbmF0dXJl"  # noqa: S105  (an example)
SECRET = "Qk9IcfmPp0w5sFn8yW2tVbX7uLr3aZdE1gHjKoTiMvY"  # noqa: S105  (an example)
EXAMPLES: dict[str, Any] = {
    "Task": TASK,
    "ChangedTask": TASK,
    "TaskRequest": {"title": "Water the plants", "priority": "high", "due_date": "2026-12-24"},
    "PreviewRequest": {"repeat": {"rule": "FREQ=MONTHLY;BYDAY=-1FR"}, "due_date": "2026-12-25"},
    "Tag": {"name": "home", "open": 3, "total": 5},
    "TagNameRequest": {"name": "house"},
    "PatchedTaskRequest": {"title": "Water the plants and the lawn"},
    "CompletionRequest": {"completed": True},
    "PatchedCompletionRequest": {"completed": True},
    "User": USER,
    "Session": {
        "token": TOKEN, "access_token": TOKEN, "expires_in": 86400, "token_type": "bearer",
        "user": USER,
    },
    "SignUpRequest": {**ACCOUNT, "name": "Alice"},
    "LogInRequest": ACCOUNT,
    "ErasureRequest": {"email": "alice@my-domain.com"},
    "CalendarFeed": {"created_at": "2026-11-20T13:35:04.600930Z"},
    "NewCalendarFeed": {
        "url": f"https://api.my-domain.com/api/calendar/{SECRET}.ics",
        "created_at": "2026-11-20T13:35:04.600930Z",
    },
    "Verified": {
        "user_id": "Zk3xQ9Wp7yR2", "external_id": "Zk3xQ9Wp7yR2", "email": "alice@my-domain.com",
        "name": "Alice",
    },
    "Message": {"message": "Signed out"},
    "Health": {"status": "healthy"},
    "Readiness": {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "role": "ok", "key_set": "ok"},
    },
    "Problem": {
        "type": "about:blank", "title": "Bad Request", "status": 400,
        "detail": "Title cannot be empty", "error": "Title cannot be empty",
        "code": "validation_error", "errors": {"title": ["Title cannot be empty"]},
        "request_id": "9a85ebc4956740fa93b41009d40b9eb3",
    },
}  # fmt: skip
