# make demo              a sample county with real streams on http://127.0.0.1:8080   (DEMO_DIR=demo-data PORT=8080)
# make test              everything the tests need, then the tests
# make check             ruff, mypy --strict, import contracts, checks of the page, known faults of dependencies
# make bench             speed, memory and detection quality: a table and build/bench.json   (BENCH="pull search")
# make test-ultralytics  the optional detector, in an environment of its own (several GB)
# make clean             everything that was built; demo data stays
#
# Needs python3.11 or newer, make and bash. The rest is fetched: Python packages and Node from PyPI, and Debian packages
# where this account may install them (root or passwordless sudo); otherwise each target says what it goes without.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check bench test-ultralytics clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
DEMO_DIR ?= demo-data
PORT ?= 8080
BENCH ?=
PYTEST ?=
BIN := $(VENV)/bin
PAGE := $(shell find api/web -type f -not -path '*/node_modules/*' 2>/dev/null)

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

$(VENV)/installed-demo: pyproject.toml tools/hatch_build.py $(PAGE)
	@tools/setup/venv.sh "$(PYTHON)" "$(VENV)" demo
	@touch $@

$(VENV)/installed-dev: pyproject.toml tools/hatch_build.py $(PAGE)
	@tools/setup/venv.sh "$(PYTHON)" "$(VENV)" demo,dev
	@touch $@ $(VENV)/installed-demo

demo: $(VENV)/installed-demo
	@tools/setup/packages.sh demo
	@exec $(BIN)/camera-hub demo --dir "$(DEMO_DIR)" --port "$(PORT)"

test: $(VENV)/installed-dev
	@tools/setup/packages.sh test
	@tools/setup/test.sh $(BIN)/python $(PYTEST)

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	PATH="$(abspath $(BIN)):$$PATH" tools/setup/page.sh
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m tools.audit

bench: $(VENV)/installed-dev
	@tools/setup/packages.sh bench
	$(BIN)/python -m tools.bench $(BENCH)

test-ultralytics:
	@tools/setup/ultralytics.sh "$(PYTHON)"

clean:
	rm -rf build dist .venv .venv-ultralytics api/static api/web/node_modules .mypy_cache .ruff_cache .pytest_cache \
	  .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
