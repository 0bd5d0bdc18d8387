"""What todo_api.asgi is made of: a request as WSGI sees it, the queue, the threads."""
