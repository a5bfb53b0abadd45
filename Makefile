PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The product, as it goes into the wheel.
SOURCES := pyproject.toml README.md LICENSE docs/dtmfdsl.1 $(shell find dtmfdsl grammar docs/diagnostics -name '*.py' -o -name '*.lark' -o -name '*.md' -o -name py.typed)

.PHONY: demo test test-long test-clients lint format man bench clean

demo: $(VENV)/wheel
	@$(BIN)/python examples/demo.py docs/timeline.svg

test: $(VENV)/tools $(VENV)/wheel
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest -n auto -rs

# The properties that are tried most, with ten times the examples or fifty times the histories.
test-long: $(VENV)/tools $(VENV)/wheel
	DTMFDSL_EXAMPLES=20000 $(BIN)/pytest --timeout 3600 tests/test_ways_out.py
	DTMFDSL_HISTORIES=100000 $(BIN)/pytest --timeout 3600 -n auto tests/sending/test_histories.py
	DTMFDSL_MAPS=400 DTMFDSL_MAP_CALLS=10000 $(BIN)/pytest --timeout 3600 -n auto tests/test_prover.py

# The carriers' own clients ask for the same as we do.
test-clients: $(VENV)/tools $(VENV)/wheel $(VENV)/clients
	$(BIN)/pytest tests/clients.py

lint: $(VENV)/tools
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

format: $(VENV)/tools $(VENV)/wheel
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/dtmfdsl format examples/*.dtmf

man: $(VENV)/tools $(VENV)/wheel
	$(BIN)/python -P docs/manpage.py > docs/dtmfdsl.1

bench: $(VENV)/wheel
	@$(BIN)/python benchmarks/bench.py

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The built wheel, installed; made anew when the product changed.
$(VENV)/wheel: $(SOURCES) | $(VENV)/made
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	$(BIN)/python -m pip install --quiet "$$(echo dist/*.whl)[send,plot]"
	$(BIN)/python -m pip install --quiet --no-deps --force-reinstall dist/*.whl
	@touch $@

$(VENV)/tools: pyproject.toml | $(VENV)/made
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/clients: pyproject.toml | $(VENV)/made
	$(BIN)/python -m pip install --quiet --group clients
	@touch $@

$(VENV)/made:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	@touch $@
