# Everything a newcomer needs. `make` alone lists it. Only Python 3.11 or newer must be installed.

PYTHON ?= python3
VENV_PYTHON = .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run build test check fmt faults bench bench-mapping bench-cents openapi connector lock clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: ## Install what is missing, then start Causeway on http://127.0.0.1:8000
	@$(PYTHON) .ci/bootstrap.py run

build: ## Install what is missing and build the designer, without starting anything
	@$(PYTHON) .ci/bootstrap.py

test: ## Run all tests: rules, types, both databases, front end, browser stories, kills
	@$(PYTHON) .ci/bootstrap.py dev
	@$(VENV_PYTHON) .ci/stages.py test

check: ## Run only the fast rules: format, lint, types, import contracts
	@$(PYTHON) .ci/bootstrap.py dev
	@$(VENV_PYTHON) .ci/stages.py check

fmt: ## Format and tidy all sources
	@$(PYTHON) .ci/bootstrap.py dev
	@$(VENV_PYTHON) .ci/stages.py fmt

faults: ## Kill workers at every dangerous line and see that nothing is lost or doubled
	@$(PYTHON) .ci/bootstrap.py dev
	@$(VENV_PYTHON) .ci/stages.py faults

bench: ## Measure this machine: runs and documents per second
	@$(PYTHON) .ci/bootstrap.py dev
	@$(VENV_PYTHON) .ci/stages.py bench

bench-mapping: ## Measure mappings alone: rate against other engines, a million exact amounts
	@$(PYTHON) .ci/bootstrap.py dev
	@$(VENV_PYTHON) -m tests.benchmarks.bench_mapping
	@$(VENV_PYTHON) -m tests.benchmarks.bench_money

bench-cents: ## Post 5,000 random orders and compare every total in both systems
	@$(PYTHON) .ci/bootstrap.py dev
	@CAUSEWAY_CENTS=5000 $(VENV_PYTHON) -m pytest tests/blueprints/test_cents.py -n0 -q -s

openapi: ## Write the API's description that is kept with the front end
	@$(PYTHON) .ci/bootstrap.py dev
	@$(VENV_PYTHON) .ci/stages.py openapi

connector: ## Make a new connector's folder: make connector slug=acme
	@test -n "$(slug)" || (echo "Say its name: make connector slug=acme"; exit 2)
	@$(PYTHON) .ci/bootstrap.py dev
	@$(VENV_PYTHON) manage.py make_connector $(slug)

lock: ## Write the lock files from what is installed in .venv
	@$(VENV_PYTHON) .ci/lock.py

clean: ## Remove everything that was built or installed here; keeps your data in var/
	rm -rf .venv .tools static/designer designer/frontend/node_modules
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
