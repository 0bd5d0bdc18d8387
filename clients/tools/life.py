"""Runs a task's life with the client that openapi-python-client generates: life.py ADDRESS TOKEN"""

import sys

from todo_api_client import AuthenticatedClient
from todo_api_client.api.tasks import (
    complete_task,
    create_task,
    delete_task,
    get_task,
    list_tags,
    list_tasks,
    update_task,
)
from todo_api_client.models import (
    CompletionRequest,
    ListTasksStatus,
    PatchedTaskRequest,
    Priority,
    Tag,
    TaskRequest,
    TaskRequestRepeatType0,
)

address, token = sys.argv[1:]
client = AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True)
body = TaskRequest(
    title="Water the plants",
    priority=Priority.HIGH,
    due_date="2099-12-24",
    repeat=TaskRequestRepeatType0(rule="FREQ=DAILY"),
    tags=["home"],
)

task = create_task.sync(client=client, body=body)
assert (str(task.due_date), task.tags) == ("2099-12-24", ["home"]), task
update_task.sync(task.id, client=client, body=PatchedTaskRequest(title="Water them", due_date=None))
assert list_tags.sync(client=client) == [Tag(name="home", open_=1, total=1)]
completed = complete_task.sync(task.id, client=client, body=CompletionRequest(completed=True))
assert completed.next_.tags == ["home"], completed
delete_task.sync_detailed(completed.next_.id, client=client)
found = get_task.sync(task.id, client=client)
assert (found.title, found.completed, found.due_date) == ("Water them", True, None), found
listed = list_tasks.sync(client=client, status=ListTasksStatus.COMPLETED)
assert [each.id for each in listed] == [task.id], listed
delete_task.sync_detailed(task.id, client=client)
assert get_task.sync(task.id, client=client).code == "not_found"
