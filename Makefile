# `make` lists what there is. Everything works from a fresh clone: what is missing is set up first.
BOOT := $(or $(shell command -v python3),$(shell command -v python3.10)) tools/bootstrap.py
PYTHON := .venv/bin/python
CODE := actions assistant channels conserje demo nlu tests tools
UV_COMPILE := .tools/uv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.10

export RASA_TELEMETRY_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help run test train chat report bench lint format lock clean

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: ## set up what is missing, start Conserje, print the addresses of the chats
	@$(BOOT) run
	@$(PYTHON) -m tools.run

test: ## set up what is missing, run all tests; ARGS="-k word" for some
	@$(BOOT) dev
	@$(PYTHON) -m tools.browser
	@$(PYTHON) -m tools.validate
	@$(PYTHON) -m tools.train
	$(PYTHON) -m pytest $(ARGS)

train: ## train the model if none fits the present data
	@$(BOOT) run
	@$(PYTHON) -m tools.train

chat: ## talk to a hotel in the terminal while `make run` runs; HOTEL=dunas for the other
	@$(BOOT) run
	@$(PYTHON) -m tools.chat $(HOTEL)

bench: ## what our layer adds to a call of QloApps, and (long) ours against stock Rasa's pipeline
	@$(BOOT) dev
	$(PYTHON) -m tools.bench_pms
	$(PYTHON) -m tools.bench

report: ## test the assistant and write reports/informe.html (and .json, and .xml for CI)
	@$(BOOT) dev
	@$(PYTHON) -m tools.report

lint: ## check types, style, the imports' direction, YAML and the Dockerfile
	@$(BOOT) dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-cache
	$(PYTHON) -m yamllint --strict .
	.venv/bin/hadolint Dockerfile

format: ## put the code into the house's style
	@$(BOOT) dev
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

lock: ## lock requirements/*.in anew, with hashes
	@$(BOOT) run
	for each in uv run dev; do $(UV_COMPILE) requirements/$$each.in -o requirements/$$each.txt || exit 1; done

clean: ## remove what is made: environment, models, logs; the demo's bookings, too
	rm -rf .venv .tools .rasa .state models reports .mypy_cache .ruff_cache .pytest_cache .hypothesis
