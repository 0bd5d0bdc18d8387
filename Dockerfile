# The service as one image: docker build -t todo-api .
# Before each release: docker run --rm --env-file production.env todo-api python manage.py migrate --noinput
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1

# A number, so that a cluster can see that it is not root.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin todo
WORKDIR /srv/todo-api

# First, so that a change of the code alone does not install everything again.
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

# Files stay root's: the process can read its code and not change it. No collectstatic: static
# files are served from the packages.
COPY . .
USER 10001

# PORT moves it.
EXPOSE 8000
# Without the database, so that a container is not restarted for a fault that is not its own.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 8000}/healthz\", timeout=2)"]

# Workers report that they live through a file: in memory, because a container's disk can stall.
CMD ["gunicorn", "--worker-tmp-dir", "/dev/shm", "todo_api.asgi"]
