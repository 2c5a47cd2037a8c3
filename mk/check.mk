# mk/check.mk - tests, lint, mutants, formatting.
# SPDX-License-Identifier: MIT
.PHONY: test test-build test-fresh test-systems fuzz lint mutate format
TESTS ?= tests
# As many jobs as processors, unless -j was given.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

# `make test` runs every target; `make test ARCH=x86_64` those of one architecture.
test: test-build
	@TEST_ARCH='$(if $(filter command line environment,$(origin ARCH)),$(ARCH))' $(PYTHON) -m pytest -n 2 $(TESTS)

# What the tests need, and no test: .ci/run ends with pytest's line even when a test fails.
test-build: setup
	@$(MAKE) $(JOBS) all
	@$(foreach a,$(PC_ARCHES),$(MAKE) iso ARCH=$(a) &&) true

# Both commands of README.md in a bare Debian root, from a clone of what is committed. Only root can make the root.
test-fresh:
	@git diff --quiet HEAD || echo 'test-fresh: what is not committed is not tested' >&2
	@tools/fresh-root tests/fresh

# Minutes, and Debian's archive: pagewalk on the kernels of Debian. `make bench` uses the first of them.
test-systems: setup
	$(PYTHON) -m pytest -o python_files=systems.py -o timeout=7200 tests/systems

lint: setup
	$(PYTHON) -m pytest tests/lint

# Minutes to an hour: applies each named bug to a copy of the tree; a test must detect it.
mutate: setup
	tests/mutate/run $(MUTANTS)

# The layout that editors apply; the rules that count are tested by lint.
format:
	clang-format -i $(shell git ls-files '*.c' '*.h')
