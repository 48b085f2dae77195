# What the daemon and the clients share.
noinst_LIBRARIES += libcommon.a
libcommon_a_SOURCES = \
	common/alloc.c common/alloc.h \
	common/buf.c common/buf.h \
	common/date.c common/date.h \
	common/heartbeat.c common/heartbeat.h \
	common/log.c common/log.h \
	common/message.c common/message.h \
	common/problems.c common/problems.h \
	common/text.c common/text.h \
	common/zendpoint.c common/zendpoint.h \
	common/zsock.c common/zsock.h
