# Two commands do everything: `make chat` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --no-deps

.PHONY: help chat install test test-slow lint eval audit bench docs lock clean

help:  ## Show this help.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

chat: install  ## Ingest corpus/ and serve the chat page and the API.
	$(BIN)/ibid ingest
	$(BIN)/ibid serve

install: .venv/installed  ## Make the environment in .venv.

test: .venv/installed-dev lint  ## Lint, and run the tests, without the slow ones.
	$(BIN)/pytest -m "not slow" -n 2 --dist loadfile

test-slow: .venv/installed-dev  ## Run the slow tests: a real language model, the documentation's commands, ...
	$(BIN)/pytest -m slow -n 2 --dist loadfile

lint: .venv/installed-dev  ## Lint, check format, types and import rules.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

eval: .venv/installed-dev  ## Ask the known facts and cases; fail when one that was right is wrong now.
	IBID_LIBRARY=out/eval/library $(BIN)/ibid ingest corpus
	IBID_LIBRARY=out/eval/library $(BIN)/ibid eval --junit out/eval/junit.xml
	$(BIN)/ibid eval cases
	$(BIN)/ibid eval cases --together

audit: .venv/installed-dev  ## Look for known vulnerabilities of what requirements.lock pins.
	$(BIN)/python .ci/audit.py requirements.lock

DATA ?= ../shared/data
bench: .venv/installed-dev  ## Run the public benchmarks on the data in DATA (docs/benchmarks.md).
	$(BIN)/python -m evals.bench --data $(DATA)

docs: .venv/installed out/docs/bin/mkdocs  ## Build the site of docs/ in out/site.
	PYTHONPATH=. $(BIN)/python docs/reference.py
	out/docs/bin/mkdocs build --strict --quiet

out/docs/bin/mkdocs:
	$(PYTHON) -m venv out/docs
	out/docs/bin/pip --disable-pip-version-check install -qq "$$($(BIN)/python -c \
	  'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["docs"])')"

lock:  ## Pin every dependency anew (needs uv).
	uv pip compile $(LOCK) --all-extras --group dev -o requirements-dev.lock
	uv pip compile $(LOCK) --extra openai-like -c requirements-dev.lock -o requirements.lock
LOCK := pyproject.toml --universal --generate-hashes --no-annotate \
	--no-header --quiet --upgrade

clean:  ## Remove the environment, the library and all caches.
	rm -rf .venv .ibid out .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info[:2] <= (3, 13) else \
	  f"Ibid needs Python 3.11 to 3.13; {sys.executable} is {sys.version.split()[0]}. Run make with PYTHON=...")'
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing (about a minute) ..."
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --editable .
	@$(BIN)/python -m ingest.e5
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
