# Event loop, signals, service manager. Users link with: libos.a libcommon.a $(EVENT_LIBS)
noinst_LIBRARIES += libos.a
libos_a_SOURCES = \
	daemon/os/list.h \
	daemon/os/loop.c daemon/os/loop.h \
	daemon/os/notify.c daemon/os/notify.h
