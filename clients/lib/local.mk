# The consumer's protocol without I/O of its own, and a ZeroMQ transport.
client_sources = \
	clients/lib/ask.c \
	clients/lib/channel.c clients/lib/channel.h \
	clients/lib/client.c \
	clients/lib/filter.c clients/lib/filter.h \
	clients/lib/follow.c clients/lib/follow.h \
	clients/lib/id.c \
	clients/lib/identity.c clients/lib/identity.h \
	clients/lib/keys.c \
	clients/lib/names.c \
	clients/lib/oversight_client.h \
	clients/lib/parts.c clients/lib/parts.h \
	clients/lib/subscriber.c clients/lib/subscriber.h

# For our own programs and tests, which link with:
# libclient.a libcommon.a $(ZMQ_LIBS) $(CJSON_LIBS)
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = $(client_sources)

# For everybody else: the same and what it needs of common, with nothing to be
# seen from outside but what the header declares. Interface changes: see
# "Updating library version information" in the manual of libtool.
lib_LTLIBRARIES += liboversight.la
liboversight_la_SOURCES = $(client_sources) \
	clients/lib/last_words.c \
	common/alloc.c common/alloc.h \
	common/log.h \
	common/text.c common/text.h common/text_number.c \
	common/secret.c common/secret.h \
	common/zcurve.c common/zcurve.h \
	common/zendpoint.c common/zendpoint.h \
	common/zsock.c common/zsock.h
liboversight_la_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(HARDEN_CFLAGS) $(INSTRUMENT_CFLAGS)
liboversight_la_LDFLAGS = $(HARDEN_LDFLAGS) -no-undefined -version-info 0:0:0 -export-symbols-regex '^oversight_'
liboversight_la_LIBADD = $(ZMQ_LIBS) $(CJSON_LIBS)

include_HEADERS += clients/lib/oversight_client.h
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = clients/lib/oversight-client.pc

# A complete consumer, to read and to copy from; tests/system/test_library.py builds and runs it.
examplesdir = $(docdir)/examples
dist_examples_DATA = clients/examples/watch_alerts.c clients/python/consumer.py
