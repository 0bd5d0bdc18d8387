"""Parts of todo_api.asgi: environ, body, queue, threads and response of a request."""
