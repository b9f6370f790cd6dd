# Needs Python 3.11 or newer and make; everything else is installed into .venv, pinned by hash.
# PYTHON=/path/to/python chooses the interpreter of a new .venv.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.PHONY: environment run test test-fast history canary lint build bench lock clean

BIN := .venv/bin
READY := .venv/ready
# SAM runs the Makefiles of the layers; they find the environment's python first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export SAM_CLI_TELEMETRY := 0

run: environment
	@exec $(BIN)/nirman up

test: lint
	$(BIN)/pytest --numprocesses 2 --dist loadgroup

test-fast: lint
	$(BIN)/pytest --numprocesses 2 --dist loadgroup -m "not slow and not stack"

# At least 100,000 operations and 50,000 calls; docs/proof.md says what they are and what they found last.
history: environment
	PYTHONHASHSEED=0 $(BIN)/python -m tests.history

canary: environment
	$(BIN)/python -m tests.canary

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# For AWS; then: .venv/bin/sam deploy --config-env dev
build: environment
	$(BIN)/sam build

bench: environment
	$(BIN)/python -m bench

environment: $(READY)
	@$(BIN)/python -m nirman.local.kernel

$(READY): requirements/dev.txt requirements/uv.txt pyproject.toml
	@python=; for candidate in "$(PYTHON)" .venv/bin/python python3.13 python3.12 python3.11 python3; do \
	  if [ -n "$$candidate" ] && "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	      2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "make: Python 3.11 or newer with venv is needed and was not found" >&2; exit 2; fi; \
	if [ "$$python" != .venv/bin/python ]; then "$$python" -m venv --clear .venv; fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt requirements/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

# Every version that is installed anywhere, from the groups of pyproject.toml; UPGRADE=--upgrade takes newer ones.
LOCK := $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate $(UPGRADE)
lock: environment
	$(LOCK) pyproject.toml --group dev --universal --python-version 3.11 -o requirements/dev.txt
	@for layer in core web search documents solver; do \
	  $(LOCK) pyproject.toml --group layer-$$layer -c requirements/dev.txt \
	    --python-platform aarch64-manylinux_2_28 --python-version 3.13 -o layers/$$layer/requirements.txt || exit 1; \
	done

# Leaves .local alone: it holds data.
clean:
	rm -rf .aws-sam .build .mypy_cache .pytest_cache .ruff_cache .hypothesis .venv
