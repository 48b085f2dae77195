# One cmocka program per module, linked with that layer and those below:
#   check_PROGRAMS += tests/unit/test_x
#   tests_unit_test_x_SOURCES = tests/unit/test_x.c
#   tests_unit_test_x_LDADD = libx.a libcommon.a $(CMOCKA_LIBS) ...
#   TESTS += tests/unit/test_x
