# Benchmarks: built on demand, never part of make check. See README.md here.
EXTRA_PROGRAMS = tests/bench/bench_engine
CLEANFILES += tests/bench/bench_engine
tests_bench_bench_engine_SOURCES = \
	tests/bench/bench_engine.c \
	tests/bench/bench_tally.c \
	tests/bench/bench_tally.h \
	tests/bench/bench_world.c \
	tests/bench/bench_world.h
tests_bench_bench_engine_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) -lm

EXTRA_DIST += tests/bench/README.md tests/bench/engine-workloads tests/bench/profile

# The engine's workloads: a line of JSON each.
bench-engine: tests/bench/bench_engine$(EXEEXT)
	BENCH=tests/bench/bench_engine$(EXEEXT) CONF=$(srcdir)/conf $(SHELL) $(srcdir)/tests/bench/engine-workloads

# Where the instructions go: a summary by function.
profile: tests/bench/bench_engine$(EXEEXT)
	BENCH=tests/bench/bench_engine$(EXEEXT) $(SHELL) $(srcdir)/tests/bench/profile

.PHONY: bench-engine profile
