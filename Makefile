# kehoach: `make help` lists what can be done.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= out
TEXT ?= ../shared/text
BENCH ?= $(filter-out scale,$(patsubst tests/bench/%.py,%,$(sort $(wildcard tests/bench/*.py))))
SCALE ?= --sizes 10,100,1000
FUZZ ?= 20
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: help system setup demo test check fix bench bench-scale fuzz train train-ner train-figures notebooks dist clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

system: ## install tesseract and its Vietnamese data when they are missing (apt)
	@if ! tesseract --list-langs 2>/dev/null | grep -qx vie; then \
	  if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; }; then \
	    echo "Installing tesseract-ocr and tesseract-ocr-vie with apt-get"; \
	    $(SUDO) apt-get update -qq; \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      tesseract-ocr tesseract-ocr-vie; \
	  else \
	    echo "Please install tesseract 5 with its Vietnamese data (packages tesseract-ocr and tesseract-ocr-vie)."; \
	    echo "Without them scans are reported as not read; all other files work."; \
	  fi; \
	fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; }; then \
	    $(SUDO) apt-get update -qq; \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; \
	  else echo "Please install the package python3-venv."; exit 1; fi; \
	fi

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "kehoach needs Python 3.11 or newer; found: $$($(PYTHON) --version 2>&1). Set PYTHON=..."; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@echo "Compiling the restorer (once)"
	@for kind in no_marks english_ocr dropped_glyphs; do \
	  echo "Uy ban nhan dan xa ban hanh ke hoach" | $(BIN)/kehoach restore --damage $$kind >/dev/null; done
	@touch $@

setup: system $(STAMP) ## make the environment in .venv, with pinned versions

demo: setup ## run the main job on the sample plans; results in out/
	$(BIN)/kehoach run corpora/samples/plans --out $(OUT)
	$(BIN)/kehoach audit $(OUT)
	@echo
	@echo "Workbook: $(OUT)/comparison.xlsx   Report: $(OUT)/report.html   Records: $(OUT)/plans/"

test: setup ## set up and run the tests
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(STAMP) ## formatting, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fix: $(STAMP) ## repair formatting and lint where a tool can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## measure: quality and speed, peers in the same run (BENCH="flow export" for some)
	@for name in $(BENCH); do echo "== $$name"; $(BIN)/python tests/bench/$$name.py; done

bench-scale: setup ## measure growth, engines, kills, broken files (SCALE="--sizes 10,100,1000,10000"); an hour
	$(BIN)/python tests/bench/scale.py $(SCALE)

fuzz: setup ## fuzz every parser, FUZZ=20 seconds each; findings become cases of the tests
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: "atheris>=3.0" \
	  || echo "atheris is not there for this platform; Hypothesis alone"
	$(BIN)/python tests/fuzz/run.py --seconds $(FUZZ)

train: setup ## make the models from a folder of text (TEXT=../shared/text); installs torch, 70 minutes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "torch>=2.6"
	$(BIN)/python models/restoration/train.py --text $(TEXT)

train-ner: setup ## train the recogniser of names on the same text
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python models/ner/train.py --text $(TEXT)

train-figures: setup ## train the reader of numbers by hand on drawn pictures; half an hour
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "torch>=2.6"
	$(BIN)/python models/figures/train.py

notebooks: setup ## execute the notebooks on a run of the samples
	[ -f $(OUT)/run.json ] || $(BIN)/kehoach run corpora/samples/plans --out $(OUT)
	KEHOACH_OUT=$(abspath $(OUT)) $(BIN)/jupyter execute notebooks/*.ipynb

dist: setup ## build the wheel and the source archive into dist/
	$(BIN)/python -m build

clean: ## remove what was built
	rm -rf $(VENV) build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis
