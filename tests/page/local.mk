# Charts and the status page, as people see them.
page_tests = tests/page/test_browser.py tests/page/test_charts.py tests/page/test_page.py

EXTRA_DIST += tests/page/browser.py tests/page/markup.py tests/page/reference.py $(page_tests)

if HAVE_PYTHON3
if HAVE_REDIS_SERVER
TESTS += $(page_tests)
endif
endif

# These alone.
.PHONY: check-page
check-page:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='tests/unit/test_chart $(page_tests)'

check_PROGRAMS += tests/unit/test_chart
TESTS += tests/unit/test_chart
tests_unit_test_chart_SOURCES = tests/unit/test_chart.c
tests_unit_test_chart_LDADD = libcommon.a $(CMOCKA_LIBS) $(MATH_LIBS)
