# Two commands: `make demo` shows the whole journey, `make test` runs every test. Both set up what they need.
# The rest: `make check` (style, types, arrows), `make bench` (figures), `make fix` (mend style), `make lock`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
SERVE ?= yes
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: help demo test check bench bench-nation fix lock site-style clean

help:
	@sed -n '1,3p' Makefile

.venv/ready: requirements.lock pyproject.toml
	@tools/system python
	@echo "Installing the locked packages into .venv (about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/ready

demo: .venv/ready site-style
	@$(BIN)/schoolgate demo run $(if $(filter no,$(SERVE)),--no-serve,--serve)

# GOV.UK Frontend's style sheet makes the site handsomer; without Node the site uses its own and says so.
# The demo does not install Node for it: what is optional stays optional.
site-style:
	@if [ ! -f static-built/govuk-frontend.css.gz ]; then \
	  (command -v npm >/dev/null && cd frontend && npm ci --silent --no-audit --no-fund && node build.mjs >/dev/null) \
	  || echo "The site uses its own style sheet. With Node installed it would use GOV.UK Frontend's, too."; fi

# The two databases have a core each: the second pass runs beside the first and speaks when that one has ended. It is
# the shorter one, so it also takes the demo and the tests of gate and threats that keep no state.
test: .venv/ready
	@tools/system node || true
	@$(MAKE) --no-print-directory site-style
	@tools/system postgresql chromium bubblewrap java
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@$(MAKE) --no-print-directory check
	@mkdir -p .tests; \
	(failed=""; \
	 $(BIN)/python tools/with_postgresql.py $(PYTEST) -q -m "not browser" --only-with-database || failed=yes; \
	 echo "The demo, and the gate and threats where no state is kept:"; $(PYTEST) -q --half second || failed=yes; \
	 [ -z "$$failed" ]) >.tests/second.txt 2>&1 & \
	second=$$!; failed=""; $(PYTEST) -q --half first || failed=yes; \
	echo "The rooms that keep state, on PostgreSQL:"; wait $$second || failed=yes; cat .tests/second.txt; \
	[ -z "$$failed" ] || exit 1

check: .venv/ready
	@failed=""; \
	for gate in "ruff check src tests bench tools" "ruff format --check -q src tests bench tools" "mypy" "lint-imports" \
	  ; do echo "→ $$gate"; $(BIN)/$$gate || failed="$$failed\n  $$gate"; done; \
	echo "→ migrations match the models"; SCHOOLGATE_HOME=$$(mktemp -d) DJANGO_SETTINGS_MODULE=schoolgate.settings \
	  $(BIN)/python -m django makemigrations --check --dry-run >/dev/null || failed="$$failed\n  makemigrations --check"; \
	echo "→ the architecture is drawn from the imports"; $(BIN)/python tools/draw_architecture.py --check \
	  || failed="$$failed\n  tools/draw_architecture.py"; \
	if [ -n "$$failed" ]; then echo -e "These did not pass:$$failed"; exit 1; fi

bench: .venv/ready
	@$(BIN)/python -m bench

bench-nation: .venv/ready
	@$(BIN)/python -m bench nation

fix: .venv/ready
	@$(BIN)/ruff check --fix-only -q src tests bench tools; $(BIN)/ruff format -q src tests bench tools

lock:
	@uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header --extra dev pyproject.toml -o requirements.lock
	@uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-annotate \
	  --no-header -o requirements-spark.lock - <<<"pyspark>=4.3,<4.4"

clean:
	@rm -rf .venv .schoolgate static-built frontend/node_modules
