# Feeds, submission, publication, queries over ZeroMQ. Users link with: libnet.a libcommon.a $(ZMQ_LIBS)
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES =
