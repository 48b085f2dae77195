# oversight-oncall. The pure part in a library of its own, so that its tests
# link nothing else; everything but main() in a second one.
noinst_LIBRARIES += liboncallcore.a liboncall.a
liboncallcore_a_SOURCES = \
	clients/oncall/address.c clients/oncall/address.h \
	clients/oncall/fold.c clients/oncall/fold.h \
	clients/oncall/lane.c clients/oncall/lane.h \
	clients/oncall/mail.c clients/oncall/mail.h \
	clients/oncall/notice.c clients/oncall/notice.h \
	clients/oncall/record.c clients/oncall/record.h \
	clients/oncall/route.c clients/oncall/route.h \
	clients/oncall/sign.c clients/oncall/sign.h \
	clients/oncall/template.c clients/oncall/template.h \
	clients/oncall/template_node.c clients/oncall/template_node.h \
	clients/oncall/values.c clients/oncall/values.h
liboncall_a_SOURCES = \
	clients/oncall/app.c clients/oncall/app.h \
	clients/oncall/child.c clients/oncall/child.h \
	clients/oncall/conf.c clients/oncall/conf.h \
	clients/oncall/conf_part.h \
	clients/oncall/conf_route.c \
	clients/oncall/conf_target.c \
	clients/oncall/dispatch.c clients/oncall/dispatch.h \
	clients/oncall/dispatch_load.c \
	clients/oncall/dispatch_note.c \
	clients/oncall/dispatch_send.c \
	clients/oncall/dispatch_state.h \
	clients/oncall/files.c clients/oncall/files.h \
	clients/oncall/follow_conf.c clients/oncall/follow_conf.h \
	clients/oncall/http.c clients/oncall/http.h \
	clients/oncall/send.c clients/oncall/send.h \
	clients/oncall/spool.c clients/oncall/spool.h \
	clients/oncall/syslog_line.c clients/oncall/syslog_line.h \
	clients/oncall/try.c

# The daemon's readers of settings, its loop and its way to speak to systemd.
ONCALL_LIBS = liboncall.a liboncallcore.a libclient.a libdaemon.a libframeworks.a libos.a libcommon.a \
	$(ZMQ_LIBS) $(CURL_LIBS) $(EVENT_LIBS) $(NETTLE_LIBS) $(CJSON_LIBS) $(LIBCONFIG_LIBS)

sbin_PROGRAMS += oversight-oncall
oversight_oncall_SOURCES = clients/oncall/main.c
oversight_oncall_CPPFLAGS = $(AM_CPPFLAGS) -DDEFAULT_CONFIG='"$(pkgsysconfdir)/oversight-oncall.conf"'
oversight_oncall_LDADD = $(ONCALL_LIBS)
