# Checks of the source tree itself.
TESTS += tests/check-options
EXTRA_DIST += tests/check-options
