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

TESTS += tests/check-exit-status
EXTRA_DIST += tests/check-exit-status

TESTS += tests/check-completion
EXTRA_DIST += tests/check-completion

# The daemon under valgrind in some of the system tests: slow, for where the
# sanitizers do not reach (libraries, what is read before it was written).
VALGRIND_TESTS = \
	tests/unit/test_listeners \
	tests/unit/test_net \
	tests/unit/test_store_parts \
	tests/unit/test_wire \
	tests/system/test_restart.py \
	tests/system/test_feed.py \
	tests/system/test_reload.py
check-valgrind: $(sbin_PROGRAMS) $(bin_PROGRAMS) $(check_PROGRAMS)
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) sh $(srcdir)/tests/check-valgrind $(VALGRIND_TESTS)
.PHONY: check-valgrind
EXTRA_DIST += tests/check-valgrind tests/under-valgrind

# After make check of a build with --enable-coverage: what was covered.
coverage:
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/coverage.py $(COVERED)
.PHONY: coverage
EXTRA_DIST += tests/coverage.py
