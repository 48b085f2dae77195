# Framework + updates + expected alerts as text (README.md), run by one program.
check_PROGRAMS += tests/cases/run_cases
TESTS += tests/cases/run_cases
tests_cases_run_cases_SOURCES = \
	tests/cases/case_file.c tests/cases/case_file.h \
	tests/cases/compare.c \
	tests/cases/play.c tests/cases/play.h \
	tests/cases/rules.c tests/cases/rules.h \
	tests/cases/run_cases.c \
	tests/cases/step.c
tests_cases_run_cases_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) -lm
EXTRA_DIST += \
	tests/cases/README.md \
	tests/cases/small.conf \
	tests/cases/bands.case \
	tests/cases/decisions.case \
	tests/cases/drops.case \
	tests/cases/periods.case \
	tests/cases/revisions.case \
	tests/cases/rules.case \
	tests/cases/segments.case
