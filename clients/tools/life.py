"""Runs a task's life with the client that openapi-python-client generates: life.py ADDRESS TOKEN"""

import sys

from todo_api_client import AuthenticatedClient
from todo_api_client.api.tasks import (
    complete_task,
    create_task,
    delete_task,
    get_task,
    list_tasks,
    update_task,
)
from todo_api_client.models import (
    CompletionRequest,
    ListTasksStatus,
    PatchedTaskRequest,
    Priority,
    TaskRequest,
)

address, token = sys.argv[1:]
client = AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True)
body = TaskRequest(title="Water the plants", priority=Priority.HIGH, due_date="2026-12-24")

task = create_task.sync(client=client, body=body)
assert str(task.due_date) == "2026-12-24", task
update_task.sync(task.id, client=client, body=PatchedTaskRequest(title="Water them", due_date=None))
complete_task.sync(task.id, client=client, body=CompletionRequest(completed=True))
found = get_task.sync(task.id, client=client)
assert (found.title, found.completed, found.due_date) == ("Water them", True, None), found
listed = list_tasks.sync(client=client, status=ListTasksStatus.COMPLETED)
assert [each.id for each in listed] == [task.id], listed
delete_task.sync_detailed(task.id, client=client)
assert get_task.sync(task.id, client=client).code == "not_found"
