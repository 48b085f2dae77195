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

# Everything built anew, with GCC: once to note which ways the engine and the
# decoder take, and once more by those notes and across files. What was not
# run is made as without notes. Fat objects, so that tests can be linked with
# CFLAGS=-fno-lto, in a tenth of the time.
pgo_notes = $(abs_builddir)/pgo-notes
# Across files GCC warns of what cannot be.
pgo_quiet = -Wno-missing-profile -Wno-error -Wno-maybe-uninitialized -Wno-stringop-overflow
pgo:
	@$(CC) --version | grep -q 'Free Software Foundation' || { echo "make pgo needs GCC: CC is $(CC)" >&2; exit 1; }
	$(MAKE) clean
	{ $(MAKE) CFLAGS='$(CFLAGS) -fprofile-generate=$(pgo_notes)' tests/bench/bench_engine$(EXEEXT) && \
		BENCH=tests/bench/bench_engine$(EXEEXT) CONF=$(srcdir)/conf $(SHELL) $(srcdir)/tests/bench/train; } || \
		{ $(MAKE) clean; exit 1; } # nothing that takes notes may stay
	$(MAKE) clean pgo_notes=
	$(MAKE) CFLAGS='$(CFLAGS) -flto=auto -ffat-lto-objects -fprofile-use=$(pgo_notes) -fprofile-partial-training $(pgo_quiet)' all \
		tests/bench/bench_engine$(EXEEXT)
	touch '$(pgo_notes)/made'

clean-local: clean-pgo
clean-pgo:
	test -z '$(pgo_notes)' || rm -rf '$(pgo_notes)'

EXTRA_DIST += tests/bench/train
.PHONY: pgo clean-pgo

# The whole daemon, and its bare counterparts.
bench_load = tests/bench/load.c tests/bench/load.h
bench_libs = libcommon.a $(ZMQ_LIBS) $(HIREDIS_LIBS) -lm
bench_programs = \
	tests/bench/bare_reader$(EXEEXT) \
	tests/bench/bare_receiver$(EXEEXT) \
	tests/bench/bare_writer$(EXEEXT) \
	tests/bench/feed_sender$(EXEEXT) \
	tests/bench/latency$(EXEEXT) \
	tests/bench/submitter$(EXEEXT)
EXTRA_PROGRAMS += \
	tests/bench/bare_reader \
	tests/bench/bare_receiver \
	tests/bench/bare_writer \
	tests/bench/feed_sender \
	tests/bench/latency \
	tests/bench/submitter
CLEANFILES += $(bench_programs)
tests_bench_bare_reader_SOURCES = tests/bench/bare_reader.c $(bench_load)
tests_bench_bare_reader_LDADD = $(bench_libs)
tests_bench_bare_receiver_SOURCES = tests/bench/bare_receiver.c $(bench_load)
tests_bench_bare_receiver_LDADD = $(bench_libs)
tests_bench_bare_writer_SOURCES = tests/bench/bare_writer.c $(bench_load)
tests_bench_bare_writer_LDADD = $(bench_libs)
tests_bench_feed_sender_SOURCES = tests/bench/feed_sender.c $(bench_load)
tests_bench_feed_sender_LDADD = $(bench_libs)
tests_bench_latency_SOURCES = tests/bench/latency.c $(bench_load)
tests_bench_latency_LDADD = $(bench_libs) -lpthread
tests_bench_submitter_SOURCES = tests/bench/submitter.c $(bench_load)
tests_bench_submitter_LDADD = $(bench_libs)
EXTRA_DIST += tests/bench/country.py tests/bench/whole.py

bench-whole: $(bench_programs) oversightd$(EXEEXT)
	BENCH=tests/bench DAEMON=./oversightd$(EXEEXT) REDIS_SERVER='$(REDIS_SERVER)' $(PYTHON3) $(srcdir)/tests/bench/whole.py

# Everything: about ten minutes on a quiet machine.
bench: bench-whole bench-engine

.PHONY: bench bench-whole

# The same job by others: what is not installed is skipped.
bench_peer_programs = \
	tests/bench/figures$(EXEEXT) \
	tests/bench/submitter$(EXEEXT) \
	tests/bench/turns$(EXEEXT)
EXTRA_PROGRAMS += \
	tests/bench/figures \
	tests/bench/turns
CLEANFILES += tests/bench/figures$(EXEEXT) tests/bench/turns$(EXEEXT)
tests_bench_figures_SOURCES = tests/bench/figures.c $(bench_load)
tests_bench_figures_LDADD = $(bench_libs)
tests_bench_turns_SOURCES = tests/bench/turns.c $(bench_load)
tests_bench_turns_LDADD = $(bench_libs) -lpthread
EXTRA_DIST += \
	tests/bench/peers.py \
	tests/bench/peers/apply.sql \
	tests/bench/peers/bottom.lua \
	tests/bench/peers/full.sql \
	tests/bench/peers/postgres.py \
	tests/bench/peers/prometheus.py \
	tests/bench/peers/row_triggers.sql \
	tests/bench/peers/rules.yml \
	tests/bench/peers/sorted_sets.py \
	tests/bench/peers/statement_triggers.sql \
	tests/bench/peers/tables.sql

bench-peers: $(bench_peer_programs) oversightd$(EXEEXT)
	BENCH=tests/bench DAEMON=./oversightd$(EXEEXT) REDIS_SERVER='$(REDIS_SERVER)' $(PYTHON3) $(srcdir)/tests/bench/peers.py

.PHONY: bench-peers
