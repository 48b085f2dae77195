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

TESTS += tests/check-completion
EXTRA_DIST += tests/check-completion
