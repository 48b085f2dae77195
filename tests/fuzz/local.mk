# Fuzz targets: LLVMFuzzerTestOneInput() on decoders of what comes from outside.
# With CC=clang and --enable-fuzzers "make fuzz SECONDS=60" runs each; "make
# check" runs each over its seeds and over what once was a mistake, in found/.
fuzz_targets = config framework http import keys load registry request route stored subscription wire

# Dependencies of the libraries come with the targets' own.
EXTRA_DIST += tests/fuzz/run tests/fuzz/check-seeds tests/fuzz/targets \
	tests/fuzz/dict/config.dict \
	tests/fuzz/dict/framework.dict \
	tests/fuzz/dict/http.dict \
	tests/fuzz/dict/import.dict \
	tests/fuzz/dict/keys.dict \
	tests/fuzz/dict/load.dict \
	tests/fuzz/dict/registry.dict \
	tests/fuzz/dict/request.dict \
	tests/fuzz/dict/route.dict \
	tests/fuzz/dict/stored.dict \
	tests/fuzz/dict/subscription.dict \
	tests/fuzz/dict/wire.dict \
	tests/fuzz/found/import/condition-without-column \
	tests/fuzz/found/load/empty-verdict \
	tests/fuzz/found/stored/empty-item \
	tests/fuzz/seeds/http/asset \
	tests/fuzz/seeds/http/chunks \
	tests/fuzz/seeds/http/post \
	tests/fuzz/seeds/http/stream \
	tests/fuzz/seeds/http/two \
	tests/fuzz/seeds/import/columns \
	tests/fuzz/seeds/import/long \
	tests/fuzz/seeds/keys/curve \
	tests/fuzz/seeds/keys/file \
	tests/fuzz/seeds/keys/plain \
	tests/fuzz/seeds/load/loading \
	tests/fuzz/seeds/load/pages \
	tests/fuzz/seeds/load/state \
	tests/fuzz/seeds/request/alerts.json \
	tests/fuzz/seeds/request/decisions.json \
	tests/fuzz/seeds/request/figures.json \
	tests/fuzz/seeds/request/measure.json \
	tests/fuzz/seeds/request/organisation.json \
	tests/fuzz/seeds/request/registry.json \
	tests/fuzz/seeds/request/reload.json \
	tests/fuzz/seeds/request/reset.json \
	tests/fuzz/seeds/request/series.json \
	tests/fuzz/seeds/request/snapshot.json \
	tests/fuzz/seeds/request/verdicts.json \
	tests/fuzz/seeds/route/address \
	tests/fuzz/seeds/route/page \
	tests/fuzz/seeds/stored/default \
	tests/fuzz/seeds/stored/figure \
	tests/fuzz/seeds/stored/heartbeat \
	tests/fuzz/seeds/stored/null \
	tests/fuzz/seeds/stored/programme \
	tests/fuzz/seeds/stored/verdict \
	tests/fuzz/seeds/stored/word \
	tests/fuzz/seeds/subscription/some \
	tests/fuzz/seeds/wire/many.json \
	tests/fuzz/seeds/wire/many.msgpack \
	tests/fuzz/seeds/wire/one.json \
	tests/fuzz/seeds/wire/one.msgpack

TESTS += tests/fuzz/check-seeds

check_PROGRAMS += tests/fuzz/replay_config
tests_fuzz_replay_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/replay.c
tests_fuzz_replay_config_LDADD = $(DAEMON_LIBS)

check_PROGRAMS += tests/fuzz/replay_framework
tests_fuzz_replay_framework_SOURCES = tests/fuzz/fuzz_framework.c tests/fuzz/replay.c
tests_fuzz_replay_framework_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) -lm

check_PROGRAMS += tests/fuzz/replay_http
tests_fuzz_replay_http_SOURCES = tests/fuzz/fuzz_http.c tests/fuzz/replay.c
tests_fuzz_replay_http_LDADD = libhttp.a libos.a libcommon.a $(EVENT_LIBS) -lm

check_PROGRAMS += tests/fuzz/replay_import
tests_fuzz_replay_import_SOURCES = tests/fuzz/fuzz_import.c tests/fuzz/replay.c
tests_fuzz_replay_import_LDADD = $(CTL_LIBS)

check_PROGRAMS += tests/fuzz/replay_keys
tests_fuzz_replay_keys_SOURCES = tests/fuzz/fuzz_keys.c tests/fuzz/replay.c
tests_fuzz_replay_keys_LDADD = libnet.a libcommon.a $(ZMQ_LIBS) -lm

check_PROGRAMS += tests/fuzz/replay_load
tests_fuzz_replay_load_SOURCES = tests/fuzz/fuzz_load.c tests/fuzz/replay.c tests/redis_replies.h
tests_fuzz_replay_load_LDADD = libstore.a libcommon.a $(HIREDIS_LIBS) -lm

check_PROGRAMS += tests/fuzz/replay_registry
tests_fuzz_replay_registry_SOURCES = tests/fuzz/fuzz_registry.c tests/fuzz/replay.c
tests_fuzz_replay_registry_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) -lm

check_PROGRAMS += tests/fuzz/replay_request
tests_fuzz_replay_request_SOURCES = tests/fuzz/fuzz_request.c tests/fuzz/replay.c
tests_fuzz_replay_request_LDADD = librender.a libengine.a libcommon.a -lm

check_PROGRAMS += tests/fuzz/replay_route
tests_fuzz_replay_route_SOURCES = tests/fuzz/fuzz_route.c tests/fuzz/replay.c
tests_fuzz_replay_route_LDADD = libhttp.a libos.a libcommon.a $(EVENT_LIBS) -lm

check_PROGRAMS += tests/fuzz/replay_stored
tests_fuzz_replay_stored_SOURCES = tests/fuzz/fuzz_stored.c tests/fuzz/replay.c
tests_fuzz_replay_stored_LDADD = $(DAEMON_LIBS)

check_PROGRAMS += tests/fuzz/replay_subscription
tests_fuzz_replay_subscription_SOURCES = tests/fuzz/fuzz_subscription.c tests/fuzz/replay.c
tests_fuzz_replay_subscription_LDADD = libnet.a libcommon.a $(ZMQ_LIBS) -lm

check_PROGRAMS += tests/fuzz/replay_wire
tests_fuzz_replay_wire_SOURCES = tests/fuzz/fuzz_wire.c tests/fuzz/replay.c
tests_fuzz_replay_wire_LDADD = libcommon.a $(MSGPACK_LIBS) -lm

fuzzers =
if FUZZERS
fuzzers += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c
tests_fuzz_fuzz_config_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_framework
tests_fuzz_fuzz_framework_SOURCES = tests/fuzz/fuzz_framework.c
tests_fuzz_fuzz_framework_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) -lm
tests_fuzz_fuzz_framework_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_http
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c
tests_fuzz_fuzz_http_LDADD = libhttp.a libos.a libcommon.a $(EVENT_LIBS) -lm
tests_fuzz_fuzz_http_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_import
tests_fuzz_fuzz_import_SOURCES = tests/fuzz/fuzz_import.c
tests_fuzz_fuzz_import_LDADD = $(CTL_LIBS)
tests_fuzz_fuzz_import_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_keys
tests_fuzz_fuzz_keys_SOURCES = tests/fuzz/fuzz_keys.c
tests_fuzz_fuzz_keys_LDADD = libnet.a libcommon.a $(ZMQ_LIBS) -lm
tests_fuzz_fuzz_keys_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_load
tests_fuzz_fuzz_load_SOURCES = tests/fuzz/fuzz_load.c tests/redis_replies.h
tests_fuzz_fuzz_load_LDADD = libstore.a libcommon.a $(HIREDIS_LIBS) -lm
tests_fuzz_fuzz_load_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_registry
tests_fuzz_fuzz_registry_SOURCES = tests/fuzz/fuzz_registry.c
tests_fuzz_fuzz_registry_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) -lm
tests_fuzz_fuzz_registry_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_request
tests_fuzz_fuzz_request_SOURCES = tests/fuzz/fuzz_request.c
tests_fuzz_fuzz_request_LDADD = librender.a libengine.a libcommon.a -lm
tests_fuzz_fuzz_request_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_route
tests_fuzz_fuzz_route_SOURCES = tests/fuzz/fuzz_route.c
tests_fuzz_fuzz_route_LDADD = libhttp.a libos.a libcommon.a $(EVENT_LIBS) -lm
tests_fuzz_fuzz_route_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_stored
tests_fuzz_fuzz_stored_SOURCES = tests/fuzz/fuzz_stored.c
tests_fuzz_fuzz_stored_LDADD = $(DAEMON_LIBS)
tests_fuzz_fuzz_stored_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_subscription
tests_fuzz_fuzz_subscription_SOURCES = tests/fuzz/fuzz_subscription.c
tests_fuzz_fuzz_subscription_LDADD = libnet.a libcommon.a $(ZMQ_LIBS) -lm
tests_fuzz_fuzz_subscription_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
fuzzers += tests/fuzz/fuzz_wire
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c
tests_fuzz_fuzz_wire_LDADD = libcommon.a $(MSGPACK_LIBS) -lm
tests_fuzz_fuzz_wire_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

endif
noinst_PROGRAMS += $(fuzzers)

SECONDS = 60
fuzz: $(fuzzers)
	@test -n '$(fuzzers)' || { echo 'the fuzzers are built with CC=clang and --enable-fuzzers' >&2; exit 1; }
	$(AM_V_at)srcdir=$(srcdir) SECONDS_EACH=$(SECONDS) JOBS=$(JOBS) sh $(srcdir)/tests/fuzz/run $(TARGETS)
.PHONY: fuzz
