# One cmocka program per module, linked with that layer and those below:
#   check_PROGRAMS += tests/unit/test_x
#   tests_unit_test_x_SOURCES = tests/unit/test_x.c
#   tests_unit_test_x_LDADD = libx.a libcommon.a $(CMOCKA_LIBS) ...
#   TESTS += tests/unit/test_x

check_PROGRAMS += tests/unit/test_log tests/unit/test_loop tests/unit/test_notify
TESTS += tests/unit/test_log tests/unit/test_loop tests/unit/test_notify
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_LDADD = libcommon.a $(CMOCKA_LIBS)
tests_unit_test_loop_SOURCES = tests/unit/test_loop.c
tests_unit_test_loop_LDADD = libos.a libcommon.a $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_notify_SOURCES = tests/unit/test_notify.c
tests_unit_test_notify_LDADD = libos.a libcommon.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ranking
TESTS += tests/unit/test_ranking
tests_unit_test_ranking_SOURCES = tests/unit/test_ranking.c tests/unit/seed.h tests/unit/twin.h
tests_unit_test_ranking_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_spc
TESTS += tests/unit/test_spc
tests_unit_test_spc_SOURCES = tests/unit/test_spc.c tests/unit/shared.h
tests_unit_test_spc_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm
