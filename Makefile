# run, test, prove, coverage, lint, bench, scan, snapshots. All they need is Python 3.11 or later with venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Compiled files are kept, whatever the machine's habit: every process of ours starts in half the time.
unexport PYTHONDONTWRITEBYTECODE
ALL := -n 2 --dist loadgroup --no-loadscope-reorder  # of tests/parallel.py

# What the search for secrets need not read: words, pictures, data, others' code. It goes by the forms
# of known secrets and by names: texts that merely look random are our digests, keys of tests and ids.
UNREAD := ':!locale' ':!static/vendor' ':!*.csv' ':!*.gz' ':!*.geojson' ':!*.dump' ':!*.xml' ':!*.svg' \
  ':!*.png' ':!*.xlsx' ':!*.ods' ':!package-lock.json' ':!threats/demo/*.json' ':!tools/bandit-known.json' ':!docs/api-changelog.md'

.PHONY: run test prove coverage lint bench snapshots messages scan

run: $(VENV)/runtime
	@exec $(BIN)/python manage.py portal --port $(PORT)

test: $(VENV)/tools
	@sh tests/install-tools.sh
	@$(BIN)/python -m pytest $(FRESH:%=--create-db) $(or $(ARGS),$(ALL))

coverage: $(VENV)/tools
	@rm -f .coverage
	@$(BIN)/python -m pytest --cov --cov-report= $(ALL)
	@$(BIN)/coverage json -q -o var/coverage.json
	@$(BIN)/python tools/coverage_floors.py var/coverage.json

lint: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python tools/house.py
	$(BIN)/mypy poc_portal missions records exchange threats strategies
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/bandit --quiet --configfile pyproject.toml --baseline tools/bandit-known.json \
	  --recursive poc_portal missions records exchange threats strategies tools manage.py
	@git ls-files -z $(UNREAD) | xargs -0 $(BIN)/detect-secrets-hook --no-verify --cores 2 \
	  --disable-plugin Base64HighEntropyString --disable-plugin HexHighEntropyString
	@if command -v npm >/dev/null; then \
	  $(MAKE) --no-print-directory node_modules/.installed && npm run --silent lint; \
	elif [ "$(CI)" = true ]; then echo "npm is missing: static/js cannot be linted."; exit 1; \
	else echo "No npm here: static/js was passed over. Node 20.19 or later has it."; fi

# The long proofs whole, with their figures; hours. make test samples them.
prove: $(VENV)/tools
	@sh tests/install-tools.sh
	@$(BIN)/python -m pytest --prove $(FRESH:%=--create-db) $(ARGS)

# What must not change, measured into a directory and compared: make snapshots TO=a AGAINST=b
snapshots: $(VENV)/tools
	@$(BIN)/python -m tests.snapshots $(TO) $(AGAINST:%=--against %)

messages: $(VENV)/tools
	@command -v msgmerge >/dev/null || { echo "GNU gettext is needed (Debian's package gettext)."; exit 1; }
	@$(BIN)/python manage.py makemessages --all --no-obsolete --add-location=file --no-wrap \
	  --ignore=.venv --ignore=var --ignore=node_modules --ignore=tests
	@$(BIN)/python tools/french.py
	@$(BIN)/python manage.py compilemessages --ignore=.venv --ignore=var --ignore=node_modules

# Of a portal that runs: make scan AT=http://127.0.0.1:8000/ ARGS="--password …"
scan: $(VENV)/python
	@$(BIN)/python tools/scan.py $(or $(AT),http://127.0.0.1:$(PORT)/) $(ARGS)

bench: $(VENV)/tools
	@$(BIN)/python -m tests.benchmarks $(ARGS)

$(VENV)/python: 
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime: requirements.txt | $(VENV)/python
	@echo "Installing the portal's libraries …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/tools: requirements-dev.txt $(VENV)/runtime
	@echo "Installing test tools …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

node_modules/.installed: package-lock.json
	@echo "Installing what lints the scripts …"
	@npm ci --silent
	@touch $@
