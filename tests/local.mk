# Checks of the source tree itself.
TESTS += tests/check-options tests/check-layers
EXTRA_DIST += tests/check-options tests/check-layers
