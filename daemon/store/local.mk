# State in Redis. Users link with: libstore.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS)
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES =
