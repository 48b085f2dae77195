# HTTP over evhttp. Users link with: libhttp.a libos.a libcommon.a $(EVENT_LIBS)
noinst_LIBRARIES += libhttp.a
libhttp_a_SOURCES = \
	daemon/http/call.c \
	daemon/http/http.h \
	daemon/http/http_private.h \
	daemon/http/pool.c \
	daemon/http/reply.c \
	daemon/http/route.c daemon/http/route.h \
	daemon/http/server.c \
	daemon/http/stream.c
