# mk/check.mk - everything that judges: tests, lint, mutants, formatting.
# SPDX-License-Identifier: MIT
.PHONY: test lint mutate format
TESTS ?= tests

# `make test` runs every target; `make test ARCH=x86_64` those of one architecture.
test: setup
	@$(MAKE) all
	@$(MAKE) iso ARCH=i386
	TEST_ARCH='$(if $(filter command line environment,$(origin ARCH)),$(ARCH))' $(PYTHON) -m pytest -n 2 $(TESTS)

lint: setup
	$(PYTHON) -m pytest tests/lint

# Minutes to an hour: applies each named bug to a copy of the tree and asks that a test notices.
mutate: setup
	tests/mutate/run $(MUTANTS)

# The layout that editors apply; the rules that count are tested by lint.
format:
	clang-format -i $(shell git ls-files '*.c' '*.h')
