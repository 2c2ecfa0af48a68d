# make demo: the whole story on the sample log.  make app: serve the app.  make test: every check.  make help: all of it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
# Only pip decides where packages come from; this file fixes which.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

WORKSPACE ?= workspace
ADDRESS ?= 127.0.0.1
PORT ?= 8501
SERVE ?= 1
TESTS ?= tests
BENCH ?=
export RECVIZ_WORKSPACE := $(WORKSPACE)

.PHONY: help install demo app test check tests faults journey browser bench screenshots texts format clean

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed ## Make .venv with the pinned packages

$(VENV)/.installed: constraints.txt pyproject.toml
	@bash .ci/system-packages python "$(PYTHON)"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV) (a few minutes the first time)"
	@# torch first and alone: a resolver that looks for it later may choose a build for GPUs, of several gigabytes
	@$(PIP) "torch==$$(sed -n 's/^torch==//p' constraints.txt)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.installed
	@$(PIP) --editable '.[dev]'
	@touch $@

demo: $(VENV)/.installed ## Run the whole story on the sample log, then serve it (SERVE=0 stops before)
	@$(BIN)/recviz demo $(if $(filter 0,$(SERVE)),--no-serve) --address "$(ADDRESS)" --port "$(PORT)"

app: $(VENV)/.installed ## Serve the app (ADDRESS=127.0.0.1 PORT=8501 WORKSPACE=workspace)
	@$(BIN)/recviz serve --address "$(ADDRESS)" --port "$(PORT)"

test: check tests ## Run every check and every test

check: $(VENV)/.tools ## Check format, lint, types and import direction
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

tests: $(VENV)/.tools browser ## Run unit, page and browser tests (TESTS=tests/data for some)
	$(BIN)/pytest $(TESTS)

faults: $(VENV)/.tools browser ## Let every fault happen to real jobs, and print a table of what was survived
	@$(BIN)/python -m pytest -p tests.faults.table -qq --tb=short -m fault tests/faults tests/browser/test_job_survives.py

journey: $(VENV)/.tools browser ## Go the whole way of an analyst with Online Retail from ../shared (some 10 minutes)
	$(BIN)/pytest -m slow_journey tests/browser

browser:
	@bash .ci/system-packages browser

bench: $(VENV)/.tools ## Measure quality, time and speed again (BENCH="sample" for one log)
	$(BIN)/python benchmarks/run.py $(BENCH)

screenshots: $(VENV)/.tools browser ## Take every page of the demo in both themes and languages (after make demo SERVE=0)
	@$(BIN)/python -m benchmarks.screenshots --workspace "$(WORKSPACE)"

texts: $(VENV)/.tools ## Add new texts of the code to the catalogues of recviz/locales, and drop old ones
	@$(BIN)/python tools/texts.py

format: $(VENV)/.tools ## Put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove .venv and caches; the workspace stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
