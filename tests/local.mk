# Checks of the source tree itself.
TESTS += tests/check-options tests/check-log tests/check-layers tests/check-manuals tests/check-count tests/check-command-line
EXTRA_DIST += tests/check-options tests/check-log tests/check-layers tests/check-manuals tests/check-count \
	tests/check-command-line tests/count

TESTS += tests/check-framework-keys
EXTRA_DIST += tests/check-framework-keys

TESTS += tests/check-cases
EXTRA_DIST += tests/check-cases

TESTS += tests/check-library
EXTRA_DIST += tests/check-library

TESTS += tests/check-hardening tests/check-units tests/check-sbom tests/check-packages
EXTRA_DIST += tests/check-hardening tests/check-units tests/check-sbom tests/check-packages

TESTS += tests/check-install
EXTRA_DIST += tests/check-install

TESTS += tests/check-exit-status
EXTRA_DIST += tests/check-exit-status

TESTS += tests/check-completion
EXTRA_DIST += tests/check-completion

# All tests under valgrind, for what the sanitizers do not see (libraries, what
# is read before it was written). It takes half an hour: VALGRIND_TESTS names fewer.
VALGRIND_TESTS = $(TESTS)
check-valgrind: $(sbin_PROGRAMS) $(bin_PROGRAMS) $(check_PROGRAMS)
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/check-valgrind $(VALGRIND_TESTS)
.PHONY: check-valgrind
EXTRA_DIST += tests/check-valgrind tests/under-valgrind tests/valgrind-exceptions tests/valgrind.supp

# After make check of a build with --enable-coverage: what was covered.
coverage:
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/coverage.py $(COVERED)
.PHONY: coverage
EXTRA_DIST += tests/coverage.py
