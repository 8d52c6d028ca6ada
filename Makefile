# Two commands for newcomers: `make demo` and `make test`. Everything happens in .venv; nothing else is touched.
# Options go in ARGS:  make test ARGS="-k coverage --maxfail=1"

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

# The virtual environment can be used if it was made in this very folder (a copied one still points at the old place)
# and its Python starts, is new enough and has pip. Otherwise it is made anew.
USABLE := $(shell grep -qsF "$(CURDIR)/$(VENV)" $(VENV)/pyvenv.cfg \
	&& $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes)

# Stamps: installed once, and again when a dependency or a pin changes.
RUN := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
PINS := pyproject.toml constraints.txt $(if $(USABLE),,FORCE)

.PHONY: help demo test nightly check format bench clean FORCE
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN)  ## set up, then run every program's measures over the demo practice
	@$(BIN)/measureharmony demo --output demo-output $(ARGS)

test: $(DEV)  ## set up, then run all tests
	@$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder $(ARGS)

nightly: $(DEV)  ## the generative tests, with many more examples
	@$(BIN)/python -m pytest -n auto --hypothesis-profile=nightly tests/generative $(ARGS)

check: $(DEV)  ## format, lint, types, import contracts, shipped specs
	@$(BIN)/ruff format --check --quiet --output-format concise . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/python -m mypy --strict src
	@$(BIN)/lint-imports
	@$(BIN)/python -m measureharmony validate

format: $(DEV)  ## put the code into its standard shape and mend what can be mended
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

bench: $(DEV)  ## run all benchmarks, and write docs/benchmarks.md anew
	@$(BIN)/python benchmarks/run.py $(ARGS)

clean:  ## remove outputs and caches (the virtual environment stays: delete .venv to start over)
	@rm -rf build dist demo-output output benchmarks/data .coverage
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# -qq: pip says only what went wrong. PySpark comes as source; packing its 450 MB only to unpack them takes half a minute.
define install
	@echo "setting up $(VENV) ($(1)) …"
	@$(if $(USABLE),true,$(PYTHON) -m venv --clear $(VENV))
	@printf '[bdist_wheel]\ncompression = stored\n' > $(VENV)/wheels.cfg
	@DIST_EXTRA_CONFIG=$(CURDIR)/$(VENV)/wheels.cfg \
		$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e "$(1)"
	@touch $@
endef

$(RUN): $(PINS)
	$(call install,.)

$(DEV): $(PINS)
	$(call install,.[dev])
	@touch $(RUN)

FORCE:
