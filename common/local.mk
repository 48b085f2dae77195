# What the daemon and the clients share.
noinst_LIBRARIES += libcommon.a
libcommon_a_SOURCES = \
	common/alloc.c common/alloc.h \
	common/log.c common/log.h \
	common/buf.c common/buf.h \
	common/date.c common/date.h \
	common/message.c common/message.h \
	common/text.c common/text.h
