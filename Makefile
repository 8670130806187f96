# Either Way. `make` alone lists what there is. Laptop and CI run the same targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade --quiet
TEMPLATES := $(shell find templates -name '*.html')

.DEFAULT_GOAL := help
.PHONY: help run dev editor test test-postgres attack check bench format messages screens lock clean

help: ## Show this list
	@echo "Either Way: a calm guide, and a private, encrypted journal."
	@echo
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

run: $(VENV)/.run ## Serve the site on http://127.0.0.1:8000 (PORT=… DATA_DIR=…)
	@$(BIN)/python manage.py serve

dev: $(VENV)/.dev ## Serve it for working on the code: reloads, shows errors
	@DEBUG=1 $(BIN)/python manage.py migrate --verbosity 0
	@DEBUG=1 $(BIN)/python manage.py load_guide
	@DEBUG=1 $(BIN)/python manage.py runserver 127.0.0.1:$${PORT:-8000}

editor: $(VENV)/.run ## Make an editor's account: make editor NAME=ana
	@test -n "$(NAME)" || { echo "Say who: make editor NAME=ana"; exit 2; }
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py editor "$(NAME)" $(ARGS)

test: $(VENV)/.dev ## Run the tests, in a real browser too
	@PATH="$(abspath $(BIN)):$$PATH" sh tests/browser/find-chromium.sh
	@sh tests/find-programs.sh nginx:nginx-light age-keygen:age
	@$(BIN)/python -m pytest -n auto -m "not attack" $(ARGS)

test-postgres: $(VENV)/.dev ## Run the same tests on a PostgreSQL server of their own
	@PATH="$(abspath $(BIN)):$$PATH" sh tests/browser/find-chromium.sh
	@sh tests/find-programs.sh nginx:nginx-light age-keygen:age pg_lsclusters:postgresql
	@$(BIN)/python -m tools.postgres $(BIN)/python -m pytest -m attack tests/attack/test_races.py
	@$(BIN)/python -m tools.postgres $(BIN)/python -m pytest -n auto -m "not attack" $(ARGS)

attack: $(VENV)/.dev ## Run the long tests: kills, floods, races, tampering
	@sh tests/find-programs.sh nginx:nginx-light age-keygen:age pg_lsclusters:postgresql redis-server
	@$(BIN)/python -m pytest -n auto -m attack $(ARGS)

check: $(VENV)/.dev ## Lint, types, templates, migrations, deployment settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --target-version 5.2 --check $(TEMPLATES)
	$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@SITE_URL=https://eitherway.example $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(VENV)/.dev ## Format the code and the templates
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $(TEMPLATES)

messages: $(VENV)/.dev ## Bring the catalogs in locale/ up to date and compile them
	@$(BIN)/python -m tools.messages

screens: $(VENV)/.dev ## Take the pictures in docs/screens/ anew, of a site of its own
	@PATH="$(abspath $(BIN)):$$PATH" sh tests/browser/find-chromium.sh
	@$(BIN)/python -m tools.screens

bench: $(VENV)/.dev ## Measure the site beside others, as ratios (docs/performance.md)
	@sh tests/find-programs.sh nginx:nginx-light wrk
	@$(BIN)/python -m bench

lock: $(VENV)/.dev ## Write requirements*.txt anew from pyproject.toml
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --extra postgres --extra redis -o requirements-scale.txt
	$(COMPILE) pyproject.toml --extra postgres --extra redis --group dev -o requirements-dev.txt

clean: ## Remove the environment and caches (never the data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; $(PYTHON) was not found. Install it, or say PYTHON=…"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Say PYTHON=python3.11, for example."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module of Python is needed. On Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@touch $@

$(VENV)/.run: requirements.txt $(VENV)/.python
	@echo "Installing what the site needs…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.python
	@echo "Installing what development needs…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.run
