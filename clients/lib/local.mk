# The consumer's protocol without I/O of its own, and a ZeroMQ transport.
# Users link with: libclient.a libcommon.a $(ZMQ_LIBS) $(CJSON_LIBS)
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES = \
	clients/lib/ask.c \
	clients/lib/channel.c clients/lib/channel.h \
	clients/lib/client.c \
	clients/lib/filter.c clients/lib/filter.h \
	clients/lib/follow.c clients/lib/follow.h \
	clients/lib/id.c \
	clients/lib/identity.c clients/lib/identity.h \
	clients/lib/oversight_client.h \
	clients/lib/parts.c clients/lib/parts.h \
	clients/lib/subscriber.c clients/lib/subscriber.h
