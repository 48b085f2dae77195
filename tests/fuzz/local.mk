# Fuzz targets: LLVMFuzzerTestOneInput() on pure decoders.
# Run one as: fuzz_wire CORPUS tests/fuzz/seeds/wire

EXTRA_DIST += \
	tests/fuzz/seeds/http/asset \
	tests/fuzz/seeds/http/chunks \
	tests/fuzz/seeds/http/post \
	tests/fuzz/seeds/http/stream \
	tests/fuzz/seeds/http/two \
	tests/fuzz/seeds/keys/curve \
	tests/fuzz/seeds/keys/file \
	tests/fuzz/seeds/keys/plain \
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
	tests/fuzz/seeds/wire/many.json \
	tests/fuzz/seeds/wire/many.msgpack \
	tests/fuzz/seeds/wire/one.json \
	tests/fuzz/seeds/wire/one.msgpack

if FUZZERS
noinst_PROGRAMS += tests/fuzz/fuzz_wire tests/fuzz/fuzz_request
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c
tests_fuzz_fuzz_wire_LDADD = libcommon.a $(MSGPACK_LIBS) -lm
tests_fuzz_fuzz_wire_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_request_SOURCES = tests/fuzz/fuzz_request.c
tests_fuzz_fuzz_request_LDADD = librender.a libengine.a libcommon.a -lm
tests_fuzz_fuzz_request_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
noinst_PROGRAMS += tests/fuzz/fuzz_http
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c
tests_fuzz_fuzz_http_LDADD = libhttp.a libos.a libcommon.a $(EVENT_LIBS) -lm
tests_fuzz_fuzz_http_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
noinst_PROGRAMS += tests/fuzz/fuzz_keys
tests_fuzz_fuzz_keys_SOURCES = tests/fuzz/fuzz_keys.c
tests_fuzz_fuzz_keys_LDADD = libnet.a libcommon.a $(ZMQ_LIBS) -lm
tests_fuzz_fuzz_keys_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
endif
