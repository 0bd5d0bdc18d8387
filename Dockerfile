# The service as one image: docker build -t todo-api .
# Before each release: docker run --rm --env-file production.env todo-api python manage.py migrate --noinput
FROM python:3.13-slim

LABEL org.opencontainers.image.version="1.0.0" org.opencontainers.image.licenses="MIT"
ENV PYTHONUNBUFFERED=1

# A numeric uid, so that Kubernetes can verify runAsNonRoot.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin todo
WORKDIR /srv/todo-api

# Before the code, so that the layer of packages stays cached when only code changes.
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

# root owns the files: the process can read its code but not change it. No collectstatic: static
# files are served from the packages.
COPY . .
USER 10001

# PORT changes it.
EXPOSE 8000
# Liveness without the database: restarting the container would not repair the database.
# Without the proxy of HTTP_PROXY, which cannot reach this address.
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s CMD ["python", "-c", "import http.client, os, sys; probe = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 8000), timeout=2); probe.request('GET', '/healthz'); sys.exit(probe.getresponse().status != 200)"]

# The heartbeat files of workers are in memory, because the disk of a container can stall.
CMD ["gunicorn", "--worker-tmp-dir", "/dev/shm", "todo_api.asgi"]
