# Checks of the source tree itself.
TESTS += tests/check-options tests/check-layers tests/check-manuals tests/check-count
EXTRA_DIST += tests/check-options tests/check-layers tests/check-manuals tests/check-count tests/count

TESTS += tests/check-framework-keys
EXTRA_DIST += tests/check-framework-keys
