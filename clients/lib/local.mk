# The consumer's protocol without I/O of its own, and a ZeroMQ transport.
noinst_LIBRARIES += libclient.a
libclient_a_SOURCES =
