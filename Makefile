# Set-up and everything a developer runs. Needs Python 3.11 or later and make, nothing else.
#   make run [ARGS="demo"]   make test   make check   make bench [ARGS=...]   make pictures   make lock   make clean

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
# A lock file with hashes; without one, dependencies come as pyproject.toml asks.
REQUIREMENTS ?=
# What is compiled when tokwatch is installed: a change of it installs tokwatch again.
COMPILED := compile_quick.py tokwatch/sources/quick_json.pxd tokwatch/sources/quick_sieve.pyx \
  tokwatch/store/quick_rows.pyx

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TELL_PURE := $(BIN)/python -c 'import tokwatch.sources.quick_sieve, tokwatch.store.quick_rows' 2>/dev/null || \
  echo "No C compiler was found or wanted: logs are read by plain Python, more slowly"
COLLECT := $(BIN)/python -m pytest --collect-only -qq --no-cov -p no:cacheprovider

.PHONY: run test check lint bench pictures lock clean

run: $(VENV)/.run
	@$(BIN)/python -m tokwatch $(ARGS)

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --cov --cov-report=term
	$(BIN)/python -m tests.coverage_floors

check: lint test

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict tokwatch tests

bench: $(VENV)/.run
	$(BIN)/python -m bench $(ARGS)

pictures: $(VENV)/.run
	$(BIN)/python -m docs.camera $(ARGS)

lock: $(VENV)/.test
	$(PIP) install pip-tools
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	  --extra dev --build-deps-for editable --no-header --no-emit-options \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	  --output-file .ci/requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -f tokwatch/*/quick_*.so tokwatch/*/quick_*.pyd
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tokwatch needs Python 3.11 or later; say where: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml $(COMPILED) | $(BIN)/python
	@echo "Installing tokwatch into $(VENV): once, a minute at most"
	@$(PIP) install --editable .
	@$(TELL_PURE)
	@touch $@

$(VENV)/.test: pyproject.toml $(COMPILED) $(REQUIREMENTS) | $(BIN)/python
	@echo "Installing tokwatch and its tests into $(VENV): once, a minute or two"
ifdef REQUIREMENTS
	@$(PIP) install --require-hashes --requirement $(REQUIREMENTS)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 tokwatch
	@# Each worker compiles whatever test is not compiled yet; this does it once, in two parts.
	@$(COLLECT) tests/sources tests/ui >/dev/null & \
	  $(COLLECT) tests --ignore tests/sources --ignore tests/ui >/dev/null; wait
else
	@$(PIP) install --editable '.[dev]'
endif
	@$(TELL_PURE)
	@touch $(VENV)/.run $@
