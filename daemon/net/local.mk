# Feeds, submission, publication, queries over ZeroMQ. Users link with: libnet.a libcommon.a $(ZMQ_LIBS)
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	daemon/net/counters.h \
	daemon/net/feed.c daemon/net/feed.h \
	daemon/net/hold.c daemon/net/hold.h \
	daemon/net/ingest.c daemon/net/ingest.h \
	daemon/net/keys.c daemon/net/keys.h \
	daemon/net/listeners.c daemon/net/listeners.h \
	daemon/net/publish.c daemon/net/publish.h \
	daemon/net/query.c daemon/net/query.h \
	daemon/net/quota.c daemon/net/quota.h \
	daemon/net/reply.c daemon/net/reply.h \
	daemon/net/router.c daemon/net/router.h \
	daemon/net/submit.c daemon/net/submit.h \
	daemon/net/zap.c daemon/net/zap.h \
	daemon/net/zap_decide.c daemon/net/zap_decide.h \
	daemon/net/zap_monitor.c daemon/net/zap_monitor.h \
	daemon/net/zap_test.c daemon/net/zap_test.h \
	daemon/net/zap_thread.c daemon/net/zap_thread.h \
	daemon/net/zwatch.c daemon/net/zwatch.h
