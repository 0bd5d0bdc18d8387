# A few verbs; each sets up what it needs. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
TEST_SETTINGS := DJANGO_SETTINGS_MODULE=todo_api.tests.settings

.PHONY: help run frontend frontend-check e2e test test-pooled bench bench-quick bench-growth bench-settings bench-instances lint lock schema client ci
help: ## List the verbs
	@grep -E '^[a-z0-9-]+:.*##' Makefile | sed 's/:.*## /\t/'

$(READY): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON=python3.12 make …"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(READY)

run: $(READY) ## Serve on PORT (8000) with a demo person, on DATABASE_URL or an own PostgreSQL. DEBUG=off: as deployed
	@if [ "$${DEBUG:-on}" = off ]; then exec $(BIN)/gunicorn todo_api.asgi; else DEBUG=on exec $(BIN)/python manage.py dev; fi

frontend: $(READY) ## The app on FRONTEND_PORT (3000) with the API on PORT (8000), until Ctrl-C
	@DEBUG=on $(BIN)/python manage.py frontend

frontend-check: ## Format, lint, types and tests of the app
	cd frontend && npm run client && npm ci --ignore-scripts --no-audit --no-fund && npm run check

e2e: $(READY) ## The app with all that is behind it, in a real browser; leaves frontend/e2e/screenshots
	@node -e 'process.exit(Number(parseInt(process.versions.node) < 20))' || { echo "Node.js 20 or newer is needed: https://nodejs.org/en/download"; exit 1; }
	@test -x /usr/bin/chromium || { echo "Installing chromium" && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium > /dev/null; } || { echo "Chromium is needed: apt-get install chromium, as root"; exit 1; }
	@cd frontend/e2e && npm ci --ignore-scripts --no-audit --no-fund
	@node --test --test-reporter=spec frontend/e2e/e2e.test.mjs

test: $(READY) ## The whole suite, on DATABASE_URL or an own PostgreSQL
	@$(BIN)/pytest

# The databases go with their server: the pooler's idle connections would keep them from being dropped.
test-pooled: $(READY) ## The same on PostgreSQL 15 behind PgBouncer (transactions, TLS, a plain owner)
	@$(BIN)/python -m todo_api.tests.pooled -- $(BIN)/pytest --reuse-db --cov

bench: $(READY) ## The service beside its peer, in a quarter of an hour
	@$(BIN)/python -m bench

bench-quick: $(READY) ## Only the ratios, in some three minutes
	@$(BIN)/python -m bench --quick

lint: $(READY) ## Format, lint, types, migrations, import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@# It reads the settings and connects nowhere; a server started for it would outlive it.
	$(TEST_SETTINGS) DATABASE_URL=postgresql://nobody@localhost/nothing $(BIN)/mypy .
	$(TEST_SETTINGS) $(BIN)/python manage.py makemigrations --check --dry-run
	$(TEST_SETTINGS) $(BIN)/python manage.py lintmigrations --warnings-as-errors --no-cache
	$(BIN)/lint-imports

lock: ## Compile pyproject.toml into requirements.txt and requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

schema: $(READY) ## Write docs/openapi.yml
	DEBUG=on $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yml

client: ## Write the TypeScript client's types from docs/openapi.yml, and build it
	@node -e 'process.exit(Number(parseInt(process.versions.node) < 20))' || { echo "Node.js 20 or newer is needed: https://nodejs.org/en/download"; exit 1; }
	cd clients/typescript && npm ci --ignore-scripts --no-audit --no-fund && npm run generate && npm run build

bench-settings: $(READY) ## Other servers, workers and limits than those of gunicorn.conf.py
	@$(BIN)/python -m bench.settings

bench-instances: $(READY) ## Two instances behind nginx, killed, redeployed and reloaded under load
	@$(BIN)/python -m bench.instances

bench-growth: $(READY) ## How fast the API is with 10^5 to 10^7 tasks, and 10 to 10,000 a person; minutes
	@$(BIN)/python -m bench.growth

ci: ## What CI runs
	bash .ci/run
