# Everything from nothing: Python 3.11 or 3.12, make and a shell are enough.

VENV := .venv
PY := $(VENV)/bin/python
ENVIRONMENT := lumiku_web/local_stack/environment.py

# The first Python that really runs (a version manager's shim may not) and fits; PYTHON=/path/to/python wins.
define find_python
for candidate in "$(PYTHON)" "$(PY)" python3.12 python3.11 python3 python; do \
	if [ -n "$$candidate" ] && "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' >/dev/null 2>&1; \
	then python=$$candidate; break; fi; \
done; \
if [ -z "$$python" ]; then \
	echo "Lumiku needs Python 3.11 or 3.12, and none was found: install one, or say where it is with PYTHON=/path/to/python3.12" >&2; exit 1; \
fi
endef

.DEFAULT_GOAL := help
.PHONY: help run test check coverage mutants chaos bench entities lock setup setup-dev clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 - \2/p' $(MAKEFILE_LIST)

run: setup ## start everything and print the address; Ctrl-C stops it
	@exec $(PY) -m lumiku_web.local_stack run

setup: ## only make the environment that `make run` needs
	@$(find_python); exec "$$python" $(ENVIRONMENT) install requirements.txt

setup-dev: ## the same with the tools of the tests
	@$(find_python); exec "$$python" $(ENVIRONMENT) install requirements.txt requirements-dev.txt

# Four runs side by side: what waits for processes, pages and the database leaves the two cores to the others. Where all want
# them, the pages, which take longest, and the processes, which have deadlines, go first. What all but the last say comes at the
# end. 5 is pytest's "none was chosen".
# Without Chromium the end-to-end tests are left out, unless LUMIKU_REQUIRE_CHROMIUM=1 makes that an error.
PROCESSES := tests/integration/worker tests/integration/local_stack tests/chaos
DOMAIN := tests/integration/domain
test: setup-dev ## all tests; more for pytest with ARGS="-k ledger"
	@browser=; for candidate in "$$LUMIKU_TEST_CHROMIUM" chromium chromium-browser google-chrome; do \
		if [ -n "$$candidate" ] && command -v "$$candidate" >/dev/null 2>&1; then browser=$$(command -v "$$candidate"); break; fi; \
	done; \
	if [ -n "$$browser" ]; then export LUMIKU_TEST_CHROMIUM="$$browser"; \
	elif [ "$$LUMIKU_REQUIRE_CHROMIUM" = 1 ]; then echo "Chromium is required (LUMIKU_REQUIRE_CHROMIUM=1), and none was found." >&2; exit 1; \
	else echo "!!! NO CHROMIUM FOUND: the end-to-end tests are LEFT OUT. Install chromium, or set LUMIKU_TEST_CHROMIUM. !!!"; fi; \
	said=$$(mktemp -d); pages=5; \
	if [ -n "$$browser" ]; then $(PY) -m pytest tests/e2e $(ARGS) >"$$said/e2e" 2>&1 & e2e=$$!; fi; \
	$(PY) -m pytest $(PROCESSES) $(ARGS) >"$$said/processes" 2>&1 & others=$$!; \
	nice -n 5 $(PY) -m pytest $(DOMAIN) $(ARGS) >"$$said/domain" 2>&1 & domain=$$!; \
	nice -n 5 $(PY) -m pytest tests --ignore=tests/benchmarks --ignore=tests/e2e $(PROCESSES:%=--ignore=%) $(DOMAIN:%=--ignore=%) $(ARGS); all=$$?; \
	wait $$domain; domain=$$?; cat "$$said/domain"; \
	wait $$others; others=$$?; cat "$$said/processes"; \
	if [ -n "$$browser" ]; then wait $$e2e; pages=$$?; cat "$$said/e2e"; fi; \
	rm -rf "$$said"; \
	for ends in $$all $$domain $$others $$pages; do case $$ends in 0) ran=1;; 5) ;; *) exit 1;; esac; done; \
	if [ -z "$$ran" ]; then echo "No test was chosen." >&2; exit 1; fi

# The types are checked beside the tests: a core for each.
check: setup-dev ## format, lint, types, layers, fast tests
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports
	@$(VENV)/bin/pyright & types=$$!; $(PY) -m pytest tests/unit tests/architecture $(ARGS); tests=$$?; wait $$types && exit $$tests

# The processes that tests start are measured too. The local stack has no part in what is measured here.
coverage: setup-dev ## the tests once more, traced: 90 % of the branches of domain, adapters and workers, each
	@$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest tests/unit tests/contracts tests/integration --ignore=tests/integration/local_stack $(ARGS)
	@$(PY) -m coverage combine --quiet
	@$(PY) -m tests.architecture.branches

mutants: setup-dev ## break each guarantee once, and see its tests fail; some of them with ONLY=Q1,T3
	@$(PY) -m tests.mutants

# The seed is said at the start and in every failure. The short form of it is one of the tests.
chaos: setup-dev ## order 500 pictures while everything is killed; an earlier run's with SEED=7, more or fewer with ITEMS=1000
	@SEED="$(SEED)" ITEMS="$(or $(ITEMS),500)" $(PY) -m pytest tests/chaos $(ARGS)

bench: setup-dev ## the performance bars; some of them with ONLY=P1,P4
	$(PY) -m tests.benchmarks

entities: setup-dev ## draw docs/entities.md from the tables
	$(PY) -m tests.architecture.entities

lock: ## compile requirements*.txt from requirements*.in
	@$(find_python); exec "$$python" $(ENVIRONMENT) lock

clean: ## remove what was made (environment, pages, caches); your data in .lumiku stay
	rm -rf $(VENV) .web .mutants .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
