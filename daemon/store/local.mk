# State in Redis. Users link with: libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS)
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	daemon/store/address.c daemon/store/address.h \
	daemon/store/alert_id.c \
	daemon/store/alerts.c daemon/store/alerts.h \
	daemon/store/bytes.c daemon/store/bytes.h \
	daemon/store/epoch_file.c daemon/store/epoch_file.h \
	daemon/store/fields.c daemon/store/fields.h \
	daemon/store/flight.c daemon/store/flight.h \
	daemon/store/hand_out.c daemon/store/hand_out.h \
	daemon/store/lease.c daemon/store/lease.h \
	daemon/store/library.c daemon/store/library.h \
	daemon/store/load.c daemon/store/load.h \
	daemon/store/private_files.c daemon/store/private_files.h \
	daemon/store/private_server.c daemon/store/private_server.h \
	daemon/store/readback.c \
	daemon/store/redis_link.c daemon/store/redis_link.h \
	daemon/store/sentinel.c daemon/store/sentinel.h \
	daemon/store/session.c daemon/store/session.h \
	daemon/store/standby.c daemon/store/standby.h \
	daemon/store/step.c daemon/store/step.h \
	daemon/store/store.c daemon/store/store.h \
	daemon/store/store_private.h \
	daemon/store/store_states.c \
	daemon/store/trouble.c daemon/store/trouble.h
