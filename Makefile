# Two commands do everything on a machine with Python 3.11 or newer, make and pip:
#   make demo    install into .venv, fit bundled data, print figures, draw pictures
#   make test    install into .venv, lint, type-check and test
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-slow lint types format clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: .venv/installed
	$(BIN)/tailormade demo --out demo --force

test: .venv/installed lint types
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow"

test-slow: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow

lint: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/installed
	$(BIN)/mypy

format: .venv/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv demo
