# What the daemon and the clients share.
noinst_LIBRARIES += libcommon.a
libcommon_a_SOURCES = \
	common/date.h \
	common/message.h \
	common/text.h
