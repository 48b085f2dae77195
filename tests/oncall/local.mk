# oversight-oncall against a small publisher, an HTTP server that misbehaves as
# told, a sendmail stand-in before a real SMTP server, and a real Alertmanager.
#
#   make oncall-kills ROUNDS=n SEED=s    kill -9 at n random moments; SEED repeats a run
oncall_tests = \
	tests/oncall/test_oncall_burst.py \
	tests/oncall/test_oncall_command.py \
	tests/oncall/test_oncall_http.py \
	tests/oncall/test_oncall_kills.py \
	tests/oncall/test_oncall_local.py \
	tests/oncall/test_oncall_state.py
# With a real daemon, which needs Redis.
oncall_daemon_tests = tests/oncall/test_oncall_alertmanager.py

TESTS += tests/check-oncall-options
EXTRA_DIST += tests/check-oncall-options $(oncall_tests) $(oncall_daemon_tests) tests/oncall/fakes.py

if HAVE_PYTHON3
TESTS += $(oncall_tests)
if HAVE_REDIS_SERVER
TESTS += $(oncall_daemon_tests)
endif
endif

oncall-kills: oversight-oncall oversightd oversightctl
	$(AM_TESTS_ENVIRONMENT) ONCALL_ROUNDS="$${ROUNDS:-200}" ONCALL_SEED="$${SEED:-0}" \
		$(PYTHON3) $(srcdir)/tests/oncall/test_oncall_kills.py
.PHONY: oncall-kills

# The pure part, with nothing else linked but what it stands on.
check_PROGRAMS += tests/unit/test_oncall tests/unit/test_oncall_template
TESTS += tests/unit/test_oncall tests/unit/test_oncall_template
tests_unit_test_oncall_SOURCES = tests/unit/test_oncall.c
tests_unit_test_oncall_LDADD = liboncallcore.a libframeworks.a libcommon.a $(CJSON_LIBS) $(NETTLE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_oncall_template_SOURCES = tests/unit/test_oncall_template.c
tests_unit_test_oncall_template_LDADD = liboncallcore.a libframeworks.a libcommon.a $(CJSON_LIBS) $(CMOCKA_LIBS)
