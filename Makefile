# Everything a contributor or an operator types. `make run` and `make test` need Python 3.11 or later and make, nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Which Python makes .venv: the first of these that is 3.11 or later. Override with `make PYTHON=/path/to/python …`.
CANDIDATES := python3.11 python3.12 python3.13 python3
IS_RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do "$$p" -c '$(IS_RECENT)' >/dev/null 2>&1 && echo "$$p" && break; done)

VENV := .venv
BIN := $(VENV)/bin
PUPITRE := $(BIN)/pupitre
PYTEST := $(BIN)/python -m pytest
PROJECTS := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml suite/pyproject.toml plugins/*/pyproject.toml examples/*/pyproject.toml)
DISTRIBUTIONS := $(patsubst %/pyproject.toml,%,$(PROJECTS))
PINS := requirements/base.txt requirements/no-deps.txt requirements/build.txt
# The pins are complete, so nothing is resolved: what is not listed is not installed, and each file must have a listed hash.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
T ?=
CHAOS ?=
# F1 of docs/proof: what continuous integration breaks.
F1 := --seed 1 --invoices 20000 --kills 45 --seconds 900 --clients 6 --lots 0.99 --lot-size 500 --lasting-only broker-kill:1
FAULTS := tests/chaos tests/faults
WHOLE := tests $(wildcard suite examples)
PARTS := $(patsubst %/tests/,%,$(sort $(wildcard libs/*/tests/ services/*/tests/ plugins/*/tests/)))
# What follows the faults, so that the three runs end at about the same time.
AFTER_FAULTS := services/notifications services/organisation services/portal

.PHONY: help setup run test test-whole test-faults test-parts test-fast up migrate demo lint format requirements freeze pins docs chaos chaos-ci bench clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.distributions ## Create .venv with the pinned packages and the distributions of this repository

run: setup ## Start everything in one process: no broker, no database server, demo data at the first start
	@exec $(PUPITRE) run

# Most tests wait, for processes and for time-outs: three runs side by side keep two cores busy and end at about the same time.
test: setup $(VENV)/.test-pins ## Run every test; the last lines say what failed, what could not run here, and why
ifneq ($(strip $(T)),)
	$(PYTEST) $(T)
else
	@echo "Testing the whole ($(WHOLE)) in front, and beside it the faults ($(FAULTS), then $(AFTER_FAULTS)) and the other parts ($(filter-out $(AFTER_FAULTS),$(PARTS))), whose reports follow."
	@$(MAKE) --no-print-directory --silent --keep-going -j3 test-whole test-faults test-parts 2>/dev/null; status=$$?; \
	cd $(VENV); cat test-faults.log test-parts.log; \
	echo; echo "In short:"; grep -HE '$(IN_SHORT)' test-whole.log test-faults.log test-parts.log; exit $$status
endif

# $(call report,NAME,COMMAND): the report of pytest, with its exit status as last line, shown and kept in .venv/NAME.log.
report = ($(2); echo "exit status $$?") 2>&1 | tee $(VENV)/$(1).log; tail -n 1 $(VENV)/$(1).log | grep -qx 'exit status 0'
# Each part has a process of its own: what the services of one leave behind in a process is not what those of another are tested on.
each = (failed=0; for part in $(1); do $(PYTEST) $$part || failed=1; done; exit $$failed)
IN_SHORT := ^(FAILED|ERROR) |^[0-9]+ not run|^=+ .*(passed|failed|error).* in |^\+* Timeout|^exit status

test-whole: ## A third of `make test`: what is tested as a whole, the suite included
	@$(call report,$@,$(PYTEST) $(WHOLE) $(FAULTS:%=--ignore=%))

test-faults: ## Another third: what dies, is cut or starves, one by one and in the chaos harness, then three services; its report is .venv/test-faults.log
	@($(call report,$@,$(PYTEST) $(FAULTS); faults=$$?; $(call each,$(AFTER_FAULTS)) && (exit $$faults))) >/dev/null

test-parts: ## The last third: libraries, plugins and the other services; their report is .venv/test-parts.log
	@($(call report,$@,$(call each,$(filter-out $(AFTER_FAULTS),$(PARTS))))) >/dev/null

test-fast: setup $(VENV)/.test-pins ## Run the tests that need neither servers nor a browser and take no long time
	$(PYTEST) -m "not rabbitmq and not postgres and not browser and not slow and not e2e and not faults" $(T)

up: setup ## Start one process per service on RabbitMQ and PostgreSQL (PUPITRE_AMQP_URI, PUPITRE_DATABASE_URI)
	@exec $(PUPITRE) up

migrate: setup ## Bring every database to the current schema, make missing keys, declare the queues
	$(PUPITRE) migrate

demo: setup ## Load the demo data into a running `make up` (make run does it by itself)
	$(PUPITRE) demo

lint: setup $(VENV)/.test-pins ## Check style and common mistakes
	$(BIN)/ruff check .

format: setup $(VENV)/.test-pins ## Mend what the style check can mend by itself
	$(BIN)/ruff check --fix .

requirements: setup $(VENV)/.test-pins ## Write the tables of requirements and of reliability anew: which one is shown by which test
	PYTHONPATH=tests $(BIN)/python -m support.requirements

freeze: setup $(VENV)/.test-pins ## Freeze new contracts in tests/contract/golden; a changed promise is refused
	PYTHONPATH=tests $(BIN)/python -m support.contracts

pins: setup $(VENV)/.test-pins ## Pin again after a change in requirements/*.in (UPGRADE=NAME moves one, UPGRADE=all moves all)
	$(BIN)/python requirements/compile.py

docs: setup $(VENV)/.test-pins ## Check that the documentation says what the code does
	$(PYTEST) tests/docs $(T)

chaos: setup $(VENV)/.test-pins ## Break everything under deposits and moves, then check that nothing was lost (CHAOS="--help" lists options)
	PYTHONPATH=tests $(BIN)/python -W ignore -m chaos $(CHAOS)

chaos-ci: setup $(VENV)/.test-pins ## The same with 20 000 invoices under 46 faults, as continuous integration does (5 to 10 minutes)
	@began=$$(date +%s); PYTHONPATH=tests $(BIN)/python -W ignore -m chaos $(F1); status=$$?; took=$$(($$(date +%s) - began)); \
	case $$status in 0) verdict=green ;; 1) verdict=RED ;; *) verdict="not run to its end" ;; esac; \
	echo "F1: $$verdict, $$((took / 60)) min $$((took % 60)) s from the start of the servers to the verdict"; exit $$status

bench: setup $(VENV)/.test-pins ## Measure; figures depend on the machine, so this is no part of the tests
	$(BIN)/python -m benchmarks

clean: ## Remove what make made; the state in var/ stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name '*.egg-info' -type d -prune -exec rm -rf {} +

# --- how .venv is made: one stamp per layer, so that a second start installs nothing ---

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Pupitre needs Python 3.11 or later: none of $(CANDIDATES) is. Install one, or name it: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@"$(PYTHON)" -c '$(IS_RECENT)' 2>/dev/null || { echo "Pupitre needs Python 3.11 or later, which $(PYTHON) is not." >&2; exit 1; }
	@echo "Creating $(VENV) with $(PYTHON)…"
	@"$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); echo "Python could not create a virtual environment (on Debian: apt-get install python3-venv)." >&2; exit 1; }

$(VENV)/.pins: $(PINS) | $(BIN)/python
	@echo "Installing the pinned packages…"
	@$(INSTALL) --require-hashes $(PINS:%=-r %)
	@touch $@

$(VENV)/.distributions: $(VENV)/.pins $(PROJECTS) requirements/espaces.txt
	@echo "Installing the distributions of this repository…"
	@$(INSTALL) --no-build-isolation $(DISTRIBUTIONS:%=-e %)
	@$(INSTALL) -r requirements/espaces.txt
	@touch $@

$(VENV)/.test-pins: requirements/test.txt $(VENV)/.pins
	@echo "Installing what the tests need…"
	@$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@
