# Each target sets up what it needs. `make help` lists the targets.
PYTHON ?= python3
NEWEST ?= python3.13
BIN := .venv/bin
READY := .venv/.ready
TEST_SETTINGS := DJANGO_SETTINGS_MODULE=todo_api.tests.settings

.PHONY: help run doctor seed frontend frontend-check e2e test test-pooled test-newest bench bench-quick bench-sync bench-growth bench-settings bench-instances lint audit lock schema clients client ci
help: ## List the targets
	@grep -E '^[a-z0-9-]+:.*##' Makefile | sed 's/:.*## /\t/'

$(READY): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with PYTHON=python3.12 make …"; exit 1; }
	@echo "Installing the packages into .venv, about a minute"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $(READY)

run: $(READY) ## Serve on PORT (8000) with a demo user, on DATABASE_URL or an embedded PostgreSQL. DEBUG=off: as deployed
	@if [ "$${DEBUG:-on}" = off ]; then exec $(BIN)/gunicorn todo_api.asgi; else DEBUG=on exec $(BIN)/python manage.py dev; fi

doctor: $(READY) ## Check the settings and the database; development, unless DEBUG=off
	@DEBUG=$${DEBUG:-on} $(BIN)/python manage.py doctor

seed: $(READY) ## Add demo users with tasks to the development database
	@DEBUG=$${DEBUG:-on} $(BIN)/python manage.py migrate --verbosity=0
	@DEBUG=$${DEBUG:-on} $(BIN)/python manage.py seed_demo

frontend: $(READY) ## Serve the app on FRONTEND_PORT (3000) and the API on PORT (8000), until Ctrl-C
	@DEBUG=on $(BIN)/python manage.py frontend

frontend-check: ## Check format, lint, types and tests of the app
	cd frontend && npm run client && npm ci --ignore-scripts --no-audit --no-fund && npm run check

e2e: $(READY) ## Test the app with the whole service in a real browser; writes frontend/e2e/screenshots
	@node -e 'process.exit(Number(parseInt(process.versions.node) < 20))' || { echo "Node.js 20 or newer is needed: https://nodejs.org/en/download"; exit 1; }
	@test -x /usr/bin/chromium || { echo "Installing chromium" && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends chromium > /dev/null; } || { echo "Chromium is needed: apt-get install chromium, as root"; exit 1; }
	@cd frontend/e2e && npm ci --ignore-scripts --no-audit --no-fund
	@node --test --test-reporter=spec frontend/e2e/e2e.test.mjs

test: $(READY) ## Run all tests, on DATABASE_URL or an embedded PostgreSQL
	@$(BIN)/pytest

# --reuse-db: the databases are removed with their server. Idle connections of the pooler block a DROP.
test-pooled: $(READY) ## Run all tests on PostgreSQL 15 behind PgBouncer (transaction pooling, TLS, no superuser)
	@$(BIN)/python -m todo_api.tests.pooled -- $(BIN)/pytest --reuse-db --cov

# Unpinned, so that it shows what an update would break.
test-newest: $(READY) ## The suite on Django 6.1 and NEWEST, the newest Python that is installed
	@$(BIN)/uv venv --quiet --clear --python $(NEWEST) .data/newest
	@echo 'django~=6.1.0' > .data/newest/override.txt
	@$(BIN)/uv pip install --quiet --python .data/newest/bin/python --override .data/newest/override.txt -r pyproject.toml --group dev
	@.data/newest/bin/python -m pytest

bench: $(READY) ## Compare the service with its peer, in 15 minutes
	@$(BIN)/python -m bench

bench-quick: $(READY) ## Measure only the ratios, in about 3 minutes
	@$(BIN)/python -m bench --quick

lint: $(READY) ## Check format, lint, types, migrations and import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@# mypy reads the settings but does not connect. Without DATABASE_URL it would start a PostgreSQL.
	$(TEST_SETTINGS) DATABASE_URL=postgresql://nobody@localhost/nothing $(BIN)/mypy .
	$(TEST_SETTINGS) $(BIN)/python manage.py makemigrations --check --dry-run
	$(TEST_SETTINGS) $(BIN)/python manage.py lintmigrations --warnings-as-errors --no-cache
	$(BIN)/lint-imports
	@# 1 is "nothing found". An error of git must not pass for it.
	@git grep -nEi '\b(whoever|whom|is become|(so|as) (long|much|often) (may|as))\b' -- ':!Makefile' ':!*LICENSE' ':!*lock.json' ':!*/migrations/*'; test $$? -eq 1 || { echo "Use plain words instead (CONTRIBUTING.md)"; exit 1; }

audit: $(READY) ## Look for known vulnerabilities in the pinned packages
	@$(BIN)/python .ci/audit

lock: ## Compile pyproject.toml into requirements.txt and requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-header pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

schema: $(READY) ## Write docs/openapi.yml
	DEBUG=on $(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yml

clients: $(READY) ## Lint docs/openapi.yml; generate, compile and run clients from it; test the TypeScript client
	@$(BIN)/pytest clients/tools -n 0

client: ## Write the TypeScript client's types from docs/openapi.yml, and build it
	@node -e 'process.exit(Number(parseInt(process.versions.node) < 20))' || { echo "Node.js 20 or newer is needed: https://nodejs.org/en/download"; exit 1; }
	cd clients/typescript && npm ci --ignore-scripts --no-audit --no-fund && npm run generate && npm run build

bench-settings: $(READY) ## Measure other servers, workers and limits than those of gunicorn.conf.py
	@$(BIN)/python -m bench.settings

bench-instances: $(READY) ## Test two instances behind nginx: killed, redeployed and reloaded under load
	@$(BIN)/python -m bench.instances

bench-sync: $(READY) ## Compare sync with lists, and batches with single requests
	@$(BIN)/python -m bench.sync

bench-growth: $(READY) ## Measure the API with 10^5 to 10^7 tasks, and 10 to 10,000 per user; takes minutes
	@$(BIN)/python -m bench.growth

ci: ## Run what CI runs
	bash .ci/run
