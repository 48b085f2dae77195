# The real daemon, clients and Redis. Scripts ending in .py run under $(PYTHON3):
#   TESTS += tests/system/test_x.py      EXTRA_DIST += tests/system/test_x.py
# They find builddir, srcdir and REDIS_SERVER in the environment.
