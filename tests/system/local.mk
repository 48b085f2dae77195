# The real daemon, clients and Redis. Scripts ending in .py run under $(PYTHON3):
# they find builddir, srcdir and REDIS_SERVER in the environment and reference
# figures in OVERSIGHT_SHARED (default: shared beside the source tree).
system_tests = \
	tests/system/test_audit.py \
	tests/system/test_bad_input.py \
	tests/system/test_board.py \
	tests/system/test_commands.py \
	tests/system/test_consumers.py \
	tests/system/test_ctl.py \
	tests/system/test_demo.py \
	tests/system/test_feed.py \
	tests/system/test_feed_command.py \
	tests/system/test_http.py \
	tests/system/test_http_limits.py \
	tests/system/test_imports.py \
	tests/system/test_metrics.py \
	tests/system/test_limits.py \
	tests/system/test_log.py \
	tests/system/test_official.py \
	tests/system/test_programmes.py \
	tests/system/test_real_figures.py \
	tests/system/test_redis_outage.py \
	tests/system/test_refill.py \
	tests/system/test_reload.py \
	tests/system/test_restart.py \
	tests/system/test_standby.py \
	tests/system/test_rules.py \
	tests/system/test_security.py \
	tests/system/test_sentinel.py \
	tests/system/test_steps.py \
	tests/system/test_subscriber.py \
	tests/system/test_watchdog.py \
	tests/system/test_why.py \
	tests/system/test_words.py

EXTRA_DIST += tests/system/checks.py tests/system/harness.py tests/system/web.py tests/system/notified.py clients/python/consumer.py $(system_tests)

if HAVE_PYTHON3
if HAVE_REDIS_SERVER
TESTS += $(system_tests)
endif
endif

# Junk on every port and half-open connections by the ten thousand.
flood:
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) HALF_OPEN_CONNECTIONS=10000 $(PYTHON3) $(srcdir)/tests/system/test_limits.py
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) JUNK_CONNECTIONS=1500 $(PYTHON3) $(srcdir)/tests/system/test_security.py
.PHONY: flood
