# Suanli: every everyday command. `make help` lists them.
#
# Environments are rebuilt only when a lock file changes: each is guarded by a stamp inside it,
# so a warm run costs nothing.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

BIN := .venv/bin
# Named outright: uv would otherwise take whatever environment happens to be active.
export VIRTUAL_ENV := $(CURDIR)/.venv
export UV_PYTHON := $(CURDIR)/$(BIN)/python
export UV_NO_PROGRESS := 1

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
  command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
  2>/dev/null && echo $$name && break; done)

.PHONY: help setup setup-run demo test prove soak lint lint-python lint-contracts lint-typescript lint-structure abi-check bench mutants docs contracts lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/dev.stamp node_modules/npm.stamp ## install everything that development needs

setup-run: .venv/run.stamp node_modules/npm.stamp ## install only what running Suanli needs

demo: setup-run ## run the whole way of one job on this machine, then stop
	$(BIN)/suanli dev demo

test: setup ## run every test
	$(BIN)/python -m tools.run_tests

prove: setup ## prove the contracts' accounting for all inputs (minutes)
	FOUNDRY_PROFILE=prove PATH="$(CURDIR)/contracts/tools:$(CURDIR)/$(BIN):$$PATH" $(BIN)/halmos --no-status \
	  --forge-build-out build/prove-out --loop 16 --solver-timeout-assertion 600s

soak: setup ## run the contracts' fuzzing and invariants for longer (hours)
	FOUNDRY_PROFILE=soak contracts/tools/forge test --no-match-path 'tests/contracts/foundry/*Gas.t.sol'

lint: lint-python lint-contracts lint-typescript lint-structure abi-check ## check style, types, import directions, structure, ABI

lint-python: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-contracts: setup
	contracts/tools/forge fmt --check
	node_modules/.bin/solhint --noPoster --max-warnings 0 'contracts/**/*.sol'
	$(BIN)/python -m tools.check_compilers

lint-typescript: setup
	node_modules/.bin/tsc

lint-structure: setup
	$(BIN)/python -m tools.check_structure
	$(BIN)/python -m suanli.client.job_schema --check
	$(BIN)/python -m tools.docs --check

abi-check: setup ## fail when the exported ABI is older than the contracts
	$(BIN)/python contracts/scripts/export_abi.py --check

bench: setup ## measure; SUITE=gas measures one suite alone
	SUITE="$(SUITE)" $(BIN)/python -m benchmarks

mutants: setup ## seed faults into a copy of the contracts; ONLY="ledger anyone-*" names lists or faults
	ONLY="$(ONLY)" $(BIN)/python -m tools.mutants

docs: setup ## write the API description and the command reference
	$(BIN)/python -m tools.docs

contracts: setup ## compile the contracts with brownie
	contracts/tools/brownie compile

lock: .venv/uv.stamp ## choose package versions anew and write the lock files
	$(BIN)/python -m tools.lock

clean: ## remove what builds and runs leave behind, the environments included
	rm -rf .venv node_modules build contracts/build
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .suanli
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/uv.stamp:
	@[ -n "$(PYTHON)" ] || { echo 'Suanli needs Python 3.11, 3.12 or 3.13 as python3 on PATH (or: make PYTHON=/path/to/python3)' >&2; exit 1; }
	@echo 'Creating the Python environment …'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -qq --disable-pip-version-check uv
	@touch $@

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/uv.stamp
	@echo 'Installing the Python packages that running needs …'
	$(BIN)/uv pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

# Also satisfies run.stamp: requirements/run.txt is a subset of requirements/dev.txt.
.venv/dev.stamp: requirements/dev.txt pyproject.toml | .venv/uv.stamp
	@echo 'Installing the Python packages that development needs …'
	$(BIN)/uv pip sync --quiet --require-hashes requirements/dev.txt
	$(BIN)/uv pip install --quiet --no-deps --editable .
	@touch .venv/run.stamp $@

# `npm ci` would refuse a lock file that lacks the other platforms' optional packages;
# `npm install --no-save` installs the locked versions and leaves the lock file alone.
node_modules/npm.stamp: package.json package-lock.json
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null || \
	  { echo 'Suanli needs Node.js 20 or newer on PATH' >&2; exit 1; }
	@echo 'Installing the chain tools from npm …'
	npm install --no-save --loglevel=error
	@touch $@
