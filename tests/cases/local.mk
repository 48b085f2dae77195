# Framework + updates + expected alerts as text, oversight-case(5), run by one program.
check_PROGRAMS += tests/cases/run_cases
TESTS += tests/cases/run_cases
tests_cases_run_cases_SOURCES = tests/cases/run_cases.c
tests_cases_run_cases_LDADD = libcases.a libframeworks.a libengine.a libcommon.a \
	$(LIBCONFIG_LIBS) $(CSV_LIBS) $(MATH_LIBS)
EXTRA_DIST += \
	tests/cases/README.md \
	tests/cases/scores.conf \
	tests/cases/small.conf \
	tests/cases/bands.case \
	tests/cases/decisions.case \
	tests/cases/drops.case \
	tests/cases/frameworks.case \
	tests/cases/freeze.case \
	tests/cases/periods.case \
	tests/cases/programmes.case \
	tests/cases/revisions.case \
	tests/cases/rules.case \
	tests/cases/scores.case \
	tests/cases/segments.case
