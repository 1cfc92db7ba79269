# Everything is installed into .venv. On a fresh machine each of the targets below does all that it
# needs.

PYTHON ?= python3
BIN := .venv/bin
export DAGSTER_HOME ?= $(CURDIR)

.PHONY: help demo test test-all dev web docs lint style types tests install benchmarks lock clean

help:
	@echo "make demo        install, then the whole graph on simulated data"
	@echo "make test        install, then lint and the tests of every day: ten minutes"
	@echo "make test-all    install, then the other tests: they take long, or need Chromium"
	@echo "make dev         install, then Dagster's user interface on http://127.0.0.1:3000"
	@echo "make web         install, then the site on http://127.0.0.1:8000"
	@echo "make docs        install, then the documentation in docs/_build/html, on a demo of its own"
	@echo "make benchmarks  install, then measure speed against the old way"
	@echo "make clean       remove .venv and caches; data under HSTQL_HOME stay"

demo: .venv/installed
	$(BIN)/hstql demo

# Dagster would have its other command used, `dg dev`, which hstql has no need of.
dev: .venv/installed
	PYTHONWARNINGS='ignore:Function `dev_command` is superseded' $(BIN)/dagster dev

web: .venv/installed
	$(BIN)/hstql web

# Compiled tests are kept, also where the environment asks Python not to: it takes half a minute.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

# Types are checked beside the tests: where tests wait, a core is idle.
test: style
	$(MAKE) --no-print-directory --jobs=2 types tests

tests: .venv/installed-dev
	$(PYTEST)

test-all: .venv/installed-dev
	$(PYTEST) -m full

# Tutorials run on a demo, which is made once. Of what is linked, what is here is checked.
docs: export HSTQL_HOME = $(CURDIR)/docs/_build/home
docs: .venv/installed-dev
	$(BIN)/python -m hstql_assets.statistics.documentation docs/statistics.md
	$(BIN)/hstql demo
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/sphinx-build --fail-on-warning --keep-going -b html docs docs/_build/html
	$(BIN)/sphinx-build --fail-on-warning --quiet -b man docs docs/_build/man
	$(BIN)/hstql database down

lint: style types

style: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell hstql hstql_assets hstql_resources hstql_web tests benchmarks docs README.md

types: .venv/installed-dev
	$(BIN)/mypy

benchmarks: .venv/installed-dev
	$(BIN)/python benchmarks/dark_rates.py
	$(BIN)/python benchmarks/downloads.py
	$(BIN)/python benchmarks/events.py
	$(BIN)/python benchmarks/folders.py
	$(BIN)/python benchmarks/gain.py
	$(BIN)/python benchmarks/graph.py
	$(BIN)/python benchmarks/headers.py
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/queries.py
	$(BIN)/python benchmarks/previews.py
	$(BIN)/python benchmarks/periodogram.py
	$(BIN)/python benchmarks/superdarks.py
	$(BIN)/python benchmarks/unstable_pixels.py
	$(BIN)/python benchmarks/scale.py --keys 34100
	$(BIN)/python benchmarks/lightcurve_statistics.py

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	touch $@

# Needs uv. The lists hold exact versions and hashes for every platform, and no addresses. The one in
# the middle is for hosts that share the work: docs/deployment.md.
HOSTS := --extra build --extra calibration --extra celery --extra crds --extra dask --extra kubernetes
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" --extra build --extra calibration \
		-o requirements.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" $(HOSTS) \
		-c requirements.lock -o requirements-hosts.lock pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" $(HOSTS) --extra dev \
		-c requirements-hosts.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
