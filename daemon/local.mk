# Everything of the daemon but main(), so that tests can link it.
noinst_LIBRARIES += libdaemon.a
libdaemon_a_SOURCES = \
	daemon/app.c daemon/app.h daemon/app_state.h \
	daemon/app_access.c daemon/app_access.h \
	daemon/app_audit.c daemon/app_audit.h \
	daemon/app_feeds.c \
	daemon/app_figure.c \
	daemon/app_api.c daemon/app_api.h \
	daemon/app_http.c daemon/app_http.h \
	daemon/app_stream.c daemon/app_stream.h \
	daemon/app_load.c \
	daemon/app_metrics.c daemon/app_metrics.h daemon/app_metrics_process.c daemon/app_metrics_state.c \
	daemon/app_pages.c daemon/app_pages.h \
	daemon/app_parts.c \
	daemon/app_programme.c \
	daemon/app_query.c \
	daemon/app_reload.c \
	daemon/app_readback.c daemon/app_readback.h \
	daemon/app_refill.c daemon/app_refill.h \
	daemon/app_rules.c \
	daemon/app_again.c \
	daemon/app_sequel.c \
	daemon/app_standby.c \
	daemon/app_status.c \
	daemon/app_submit.c \
	daemon/app_turn.c \
	daemon/app_watchdog.c daemon/app_watchdog.h \
	daemon/config.c daemon/config.h \
	daemon/config_http.c \
	daemon/config_log.c \
	daemon/config_option.h \
	daemon/config_reload.c \
	daemon/config_sockets.c \
	daemon/config_table.c \
	daemon/config_text.c daemon/config_text.h \
	daemon/config_types.c \
	daemon/pending.c daemon/pending.h

# Style, script and icon of the status page, as arrays.
page_assets = daemon/assets/page.css daemon/assets/page.js daemon/assets/icon.svg
nodist_libdaemon_a_SOURCES = daemon/assets.c
CLEANFILES += daemon/assets.c
EXTRA_DIST += daemon/assets/embed $(page_assets)
daemon/assets.c: daemon/assets/embed $(page_assets)
	$(AM_V_GEN)$(MKDIR_P) daemon && $(SHELL) $(srcdir)/daemon/assets/embed $(srcdir)/daemon/assets >$@.new && mv $@.new $@

# In link order: a library stands before those it needs.
DAEMON_LIBS = libdaemon.a librender.a libframeworks.a libengine.a libstore.a libnet.a libhttp.a libos.a libcommon.a \
	$(ZMQ_LIBS) $(HIREDIS_LIBS) $(EVENT_LIBS) $(CJSON_LIBS) $(MSGPACK_LIBS) $(LIBCONFIG_LIBS) $(CSV_LIBS) $(MATH_LIBS)

sbin_PROGRAMS += oversightd
oversightd_SOURCES = daemon/main.c
oversightd_CPPFLAGS = $(AM_CPPFLAGS) -DDEFAULT_CONFIG='"$(pkgsysconfdir)/oversightd.conf"'
oversightd_LDADD = $(DAEMON_LIBS)
