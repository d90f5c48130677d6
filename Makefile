# Everything a developer does here. `make` alone says what there is.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
PYTHON_STAMP := .venv/.installed
NODE_STAMP := node_modules/.installed
BUNDLES := static/dist/manifest.json
PACKAGES := dist
CODE := chatapp bench cluster faults tests $(wildcard app.py celery_worker.py)
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
PYTEST = $(BIN)/pytest -o cache_dir=.pytest_cache/$@
SLOWEST := --durations=20 --durations-min=1
BESIDE_OTHERS := -m "not alone" $(SLOWEST)
MEASURING = $(shell grep --recursive --files-with-matches --include "test_*.py" "mark\.alone" tests)
OF_ROOMS := tests/unit/kernel tests/unit/rooms
SIDE_BY_SIDE := $(BIN)/python -m tests.side_by_side
NODE_TEST := node --test tests/js/*.test.js

TEST_PARTS := test-integration test-browsers-l-z test-long-integration-a-k test-browsers-c-k \
	test-long-integration-l-z test-contracts test-browsers-a-b test-units test-javascript
ALONE_PARTS := test-alone-browsers test-alone-others
CHECK_PARTS := check-contracts check-units check-rooms check-types check-javascript check-form

# Where no byte code may be written, each of the programs that tests start would compile all of it anew.
$(TEST_PARTS) $(ALONE_PARTS) $(CHECK_PARTS): export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup run cluster test bench profile soak faults check format lock audit wheel clean \
	$(TEST_PARTS) $(ALONE_PARTS) $(CHECK_PARTS)

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(PYTHON_STAMP) $(BUNDLES) ## Build the environment in .venv/ and node_modules/; does only what has changed

# exec: make passes SIGTERM to its child only, and a shell in between would keep it for itself.
run: setup ## Start a web node and a worker, and keep both running; Ctrl-C stops both
	@exec $(BIN)/python -m chatapp.run

cluster: setup ## Start two web nodes behind nginx over PostgreSQL and Valkey; Ctrl-C stops and forgets them
	@exec $(BIN)/python -m cluster

test: setup ## Run every test: JavaScript, units, contracts, integration, browsers; three parts at a time
	@$(SIDE_BY_SIDE) $(TEST_PARTS) --then $(ALONE_PARTS)

test-javascript:
	$(NODE_TEST)

test-units:
	$(PYTEST) tests/unit $(BESIDE_OTHERS)

test-contracts:
	$(PYTEST) tests/contracts $(BESIDE_OTHERS)

test-integration:
	$(PYTEST) tests/integration -m "not slow and not alone" $(SLOWEST)

test-long-integration-a-k:
	$(PYTEST) tests/integration -m "slow and not alone" --ignore-glob "*/test_[l-z]*" $(SLOWEST)

test-long-integration-l-z:
	$(PYTEST) tests/integration -m "slow and not alone" --ignore-glob "*/test_[a-k]*" $(SLOWEST)

test-browsers-a-b:
	$(PYTEST) tests/e2e --ignore-glob "*/test_[c-z]*" $(BESIDE_OTHERS)

test-browsers-c-k:
	$(PYTEST) tests/e2e --ignore-glob "*/test_[a-bl-z]*" $(BESIDE_OTHERS)

test-browsers-l-z:
	$(PYTEST) tests/e2e --ignore-glob "*/test_[a-k]*" $(BESIDE_OTHERS)

test-alone-browsers:
	$(PYTEST) $(filter tests/e2e/%,$(MEASURING)) -m alone $(SLOWEST)

test-alone-others:
	$(PYTEST) $(filter-out tests/e2e/%,$(MEASURING)) -m alone $(SLOWEST)

bench: setup ## Measure beside peers, ≤ 10 minutes; make bench ONLY="W2 W6" BENCH="--runs 3 --json out.json"
	@$(BIN)/python -m bench $(ONLY) $(BENCH)

profile: setup ## See where the chat's time goes: profiles for speedscope in .cache/profile/; make profile ONLY=W4
	@$(BIN)/python -m bench $(or $(ONLY),W4) --seconds 10 --profiles .cache/profile

soak: setup ## Ten minutes of coming, talking and going: nothing may grow
	@$(BIN)/python -m bench SOAK

faults: setup ## Break everything on purpose, ≤ an hour; make faults ONLY="F6 F13" FAULTS="--json out.json"
	@$(BIN)/python -m faults $(ONLY) $(FAULTS)

check: setup ## Lint, types, import rules, JavaScript checks, fast tests with coverage
	@$(SIDE_BY_SIDE) $(CHECK_PARTS)

check-form:
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/lint-imports

check-types:
	$(BIN)/mypy
	npx --no-install tsc --project tsconfig.json
	npx --no-install tsc --project tests/js/tsconfig.json

check-javascript:
	npx --no-install eslint --cache --cache-strategy content --cache-location .cache/eslint/ .
	$(NODE_TEST)

# What rooms/ and kernel/ do is told by their own tests: to follow each line costs as much as those of all the rest.
check-rooms:
	$(PYTEST) $(OF_ROOMS) --cov --cov-report= --cov-fail-under=0 -m "not slow"
	$(BIN)/coverage report --include 'chatapp/kernel/*'
	$(BIN)/coverage report --include 'chatapp/rooms/*'

check-units:
	$(PYTEST) tests/unit $(OF_ROOMS:%=--ignore %) -m "not slow"

check-contracts:
	$(PYTEST) tests/contracts -m "not slow and not postgresql and not alone"

format: setup ## Put the code into its form
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)
	npx --no-install eslint --fix .

lock: setup ## Resolve the dependencies anew, within the bounds of pyproject.toml and package.json
	$(COMPILE) --upgrade --output-file requirements.lock pyproject.toml
	$(COMPILE) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	npm install --package-lock-only

audit: setup ## Ask the registries for known flaws of the locked dependencies (needs their advisories)
	$(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip --strict
	npm audit --omit=dev

wheel: setup ## Build the package, dist/chatapp-….whl: whoever installs it needs neither Node nor make
	$(BIN)/hatchling build --target wheel --directory $(PACKAGES)

clean: ## Remove what was built; instance/, where the chat's data lies, stays
	rm -rf .venv node_modules static/dist static/vendor/*.js dist .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find chatapp bench cluster faults tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON_STAMP): requirements-dev.lock
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: install it, or name it with make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) -V): name a newer one with make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r $<
	@touch $@

$(NODE_STAMP): package.json package-lock.json .npmrc
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "Node 18.18 or newer with npm is needed: install it first" >&2; exit 1; }
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 18 || (a === 18 && b >= 18) ? 0 : 1)' || { \
		echo "Node 18.18 or newer is needed, this is $$(node --version)" >&2; exit 1; }
	npm ci --no-fund --no-audit
	@touch $@

# The folders too: what was taken away is newer nowhere else.
$(BUNDLES): $(NODE_STAMP) bundle.js $(shell find static/js static/css static/look) $(wildcard static/icon*)
	node bundle.js
