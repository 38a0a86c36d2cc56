# Everything that a person or CI does with a checkout. Each target first sets up what it needs in .venv, which takes no time if nothing has
# changed. PYTHON=python3.12 names the Python to use; ARGS="…" goes to the command behind a target.

BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
CLIENTS := .venv/clients/.made
PAGE := frontend/dist/index.html
PAGE_SOURCES := $(shell find frontend django_backend/texts -name node_modules -prune -o -name dist -prune -o -type f -print)

# Without these, Dagster and dg report their use to their makers, and dg complains about an environment that is not activated.
export DAGSTER_DISABLE_TELEMETRY := 1
export VIRTUAL_ENV := $(CURDIR)/.venv

# Where this is set, each process that loads Dagster would compile it anew, and take twice as long to start.
unexport PYTHONDONTWRITEBYTECODE

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras \
	--annotation-style line --no-emit-index-url --custom-compile-command "make lock" $(ARGS)

STEPS := types mutation-sample lint format-check definitions locks dependencies changelog bandit licences matching

.DEFAULT_GOAL := help
ifndef SIDE_BY_SIDE
.NOTPARALLEL:
endif
.PHONY: help demo dev extract transform aggregate view_count serve-backend serve-frontend page test test-slow matrix lighthouse fuzz mutation \
	mutation-sample three-years chaos cluster-test minute-of-chaos check format-check lint types definitions locks dependencies changelog bandit licences \
	matching advisories security format lock release clean FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z_ -]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## run two weeks of invented music through the pipeline and show the charts; no account, no key
	@$(MAKE) --no-print-directory page || echo "the page could not be built; the demonstration goes on without it" >&2
	$(BIN)/tunemeld demo $(ARGS)

dev: $(RUNTIME) ## bring up everything together until Ctrl-C, in one log
	$(BIN)/tunemeld dev start $(ARGS)

extract: $(RUNTIME) ## fetch the services' playlists
	$(BIN)/tunemeld etl run extract $(ARGS)

transform aggregate: $(RUNTIME) ## find the recordings and their consensus; two names for the same target
	$(BIN)/tunemeld etl run transform $(ARGS)

view_count: $(RUNTIME) ## read today's counts
	$(BIN)/tunemeld etl run view_count $(ARGS)

serve-backend: $(RUNTIME) $(PAGE) ## serve the API and the built page
	$(BIN)/tunemeld api start $(ARGS)

serve-frontend: $(DEV) ## serve the page as you write it
	$(BIN)/tunemeld dev start --only page $(ARGS)

page: $(PAGE) ## build the page, if anything in it has changed

test: $(DEV) $(PAGE) ## run the page's tests, then Python's; ARGS="-k word" picks some of the latter
	$(BIN)/tunemeld dev test $(ARGS)

test-slow: $(DEV) $(PAGE) $(CLIENTS) ## run the tests that `make test` leaves out
	$(BIN)/pytest -q -n auto --dist loadscope -m slow --durations 15 $(ARGS)

matrix: $(DEV) $(PAGE) ## try all cases of which `make check` tries a sample: the page by width and hand, orders of sources
	$(BIN)/pytest -q -n auto --dist loadscope -p no:cacheprovider -m matrix $(ARGS)

lighthouse: $(DEV) $(PAGE) ## judge each page with Lighthouse, as on a phone
	scripts/frontend lighthouse
	$(BIN)/pytest -q -n 0 -p no:cacheprovider tests/page/test_lighthouse.py $(ARGS)

fuzz: $(DEV) ## try many mutated inputs on every parser; EXAMPLES=5000 sets how many
	FUZZ_EXAMPLES=$(or $(EXAMPLES),5000) $(BIN)/pytest -q -p no:cacheprovider tests/fuzz tests/django_backend/test_any_request.py $(ARGS)

mutation: $(DEV) ## change the domain's code in thousands of small ways, and count what its tests notice; ARGS names a part
	$(BIN)/python -m scripts.mutation $(ARGS)

three-years: $(DEV) ## simulate three years of runs in the database: what grows, and whether a day costs more; ARGS="--days 400" for less
	$(BIN)/python -m benchmarks.three_years --picture docs/images/three-years.svg $(ARGS)

mutation-sample: $(DEV) ## the same with the ranking alone, for about a minute of processor time
	$(BIN)/python -m scripts.mutation "tunemeld_pipeline.charts.ranking.*"

chaos: $(DEV) ## break everything under load, and see what is left of the promises; SEED=1 MINUTES=10
	$(BIN)/python -m chaos --seed $(or $(SEED),1) --minutes $(or $(MINUTES),10) $(ARGS)

cluster-test: $(DEV) ## play two workers' hosts with Postgres, pgbouncer, Redis and MongoDB on this machine; ARGS="warm --genres 24" plays a part
	$(BIN)/python -m cluster $(ARGS)

minute-of-chaos: $(DEV)
	$(BIN)/python -m chaos --seed 1 --minutes 1

# The steps without servers go side by side: each of them keeps one processor busy.
check: $(DEV) $(PAGE) $(CLIENTS) ## all that CI checks
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target SIDE_BY_SIDE=1 $(STEPS)
	@$(MAKE) --no-print-directory minute-of-chaos
	$(BIN)/tunemeld dev test -m "not matrix" $(ARGS)

format-check: $(DEV) ## is the code formatted?
	$(BIN)/ruff format --check --quiet .
	scripts/frontend format-check

lint: $(DEV) ## is the code free of the linters' findings?
	$(BIN)/tunemeld dev lint

types: $(DEV) ## do the types hold?
	$(BIN)/mypy
	scripts/frontend types

definitions: $(DEV) ## does Dagster load the project?
	$(BIN)/dg check defs

locks: $(DEV) ## do the locked versions satisfy pyproject.toml and one another?
	$(BIN)/python -m pip check

dependencies: $(DEV) ## is each package that the code uses declared, and each declared one used?
	$(BIN)/deptry .

changelog: $(DEV) ## is each fragment in changelog.d of a known type, and not empty?
	@! grep -L '[^[:space:]]' changelog.d/*.md | sed 's/$$/ is empty/' | grep .
	$(BIN)/towncrier build --draft --version next >/dev/null

bandit: $(DEV) ## is the code free of bandit's findings?
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml tunemeld_pipeline django_backend scripts

licences: $(DEV) ## is the licence of each package one that we may use? ARGS=--write lists them in docs/licences.md
	$(BIN)/python -m scripts.licences $(ARGS)

matching: $(DEV) ## is every labelled pair judged as labelled? prints precision and recall by label, beside those of a simple rule
	$(BIN)/tunemeld match evaluate tests/charts/matching/pairs.jsonl --hide-isrc --least-precision 1 --least-recall 1

advisories: $(DEV) ## is any vulnerability known in a locked package? needs a package index that has advisories
	$(BIN)/python -m scripts.advisories

security: bandit licences matching advisories ## the three above

format: $(DEV) ## format the code and fix what the linter can fix
	$(BIN)/tunemeld dev format

lock: $(DEV) ## rebuild the lock files, keeping versions that still fit; ARGS=--upgrade takes the newest
	$(LOCK) --group uv --output-file requirements/uv.txt
	$(LOCK) --group node --output-file requirements/node.txt
	$(LOCK) --group clients --output-file requirements/clients.txt
	$(LOCK) pyproject.toml --group build --extra mongod --output-file requirements/runtime.txt
	$(LOCK) pyproject.toml --group build --extra mongod --extra cluster --extra dev --constraints requirements/runtime.txt \
		--output-file requirements/dev.txt
	$(LOCK) pyproject.toml --group build --extra cluster --constraints requirements/dev.txt --output-file requirements/cluster.txt

release: $(DEV) $(PAGE) ## version, changelog, wheel, source archive, SBOM, commit and tag; VERSION=1.2.3
	scripts/release $(VERSION)

clean: ## stop the local servers, remove .venv and all caches; the data in .tunemeld stay
	-if [ -x $(BIN)/tunemeld ]; then $(BIN)/tunemeld db stop; fi
	rm -rf mutants frontend/node_modules tests/lighthouse/node_modules frontend/dist .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements/runtime.txt requirements/uv.txt pyproject.toml scripts/setup
	scripts/setup runtime

$(DEV): requirements/dev.txt requirements/uv.txt pyproject.toml scripts/setup
	scripts/setup dev

$(PAGE): $(PAGE_SOURCES) scripts/frontend requirements/node.txt | $(RUNTIME)
	scripts/frontend build

$(CLIENTS): requirements/clients.txt scripts/clients | $(DEV)
	scripts/clients

# Make cannot see a change of Python, so the target always runs to check.
ifdef PYTHON
$(RUNTIME) $(DEV): FORCE
endif
FORCE:
