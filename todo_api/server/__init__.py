"""Parts of todo_api.asgi (environ, body, queue, threads, response), and the hooks of gunicorn."""
