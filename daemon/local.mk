# Everything of the daemon but main(), so that tests can link it.
noinst_LIBRARIES += libdaemon.a
libdaemon_a_SOURCES =

# In link order: a library stands before those it needs.
DAEMON_LIBS = libdaemon.a librender.a libframeworks.a libengine.a libstore.a libnet.a libos.a libcommon.a \
	$(ZMQ_LIBS) $(HIREDIS_LIBS) $(EVENT_LIBS) $(CJSON_LIBS) $(MSGPACK_LIBS) $(LIBCONFIG_LIBS) $(CSV_LIBS) $(MATH_LIBS)
