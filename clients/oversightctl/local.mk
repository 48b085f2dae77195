# The command line client: all but main() in a library, so that tests can link it.
noinst_LIBRARIES += libctl.a
libctl_a_SOURCES = \
	clients/oversightctl/alert_text.c clients/oversightctl/alert_text.h \
	clients/oversightctl/alerts.c \
	clients/oversightctl/audit.c \
	clients/oversightctl/audit_chain.c clients/oversightctl/audit_chain.h \
	clients/oversightctl/backtest.c \
	clients/oversightctl/board.c \
	clients/oversightctl/board_view.c clients/oversightctl/board_view.h \
	clients/oversightctl/board_watch.c clients/oversightctl/board_watch.h \
	clients/oversightctl/chart.c clients/oversightctl/chart.h \
	clients/oversightctl/check.c \
	clients/oversightctl/client_conf.c clients/oversightctl/client_conf.h \
	clients/oversightctl/command.c clients/oversightctl/command.h \
	clients/oversightctl/context.c clients/oversightctl/context.h \
	clients/oversightctl/csv_reader.c clients/oversightctl/csv_reader.h \
	clients/oversightctl/decide.c \
	clients/oversightctl/deliveries.c \
	clients/oversightctl/dry_run.c clients/oversightctl/dry_run.h \
	clients/oversightctl/evidence_text.c clients/oversightctl/evidence_text.h \
	clients/oversightctl/explain_text.c clients/oversightctl/explain_text.h \
	clients/oversightctl/failover.c \
	clients/oversightctl/feed.c \
	clients/oversightctl/feed_door.c clients/oversightctl/feed_door.h \
	clients/oversightctl/feed_input.c clients/oversightctl/feed_input.h \
	clients/oversightctl/feed_options.c clients/oversightctl/feed_options.h \
	clients/oversightctl/feed_server.c clients/oversightctl/feed_server.h \
	clients/oversightctl/figure_table.c clients/oversightctl/figure_table.h \
	clients/oversightctl/file.c clients/oversightctl/file.h \
	clients/oversightctl/freeze.c \
	clients/oversightctl/inputs.c clients/oversightctl/inputs.h \
	clients/oversightctl/keygen.c \
	clients/oversightctl/league.c \
	clients/oversightctl/mapping.h \
	clients/oversightctl/mapping_apply.c \
	clients/oversightctl/mapping_columns.c clients/oversightctl/mapping_columns.h \
	clients/oversightctl/mapping_data.c clients/oversightctl/mapping_data.h \
	clients/oversightctl/mapping_load.c \
	clients/oversightctl/mapping_settings.c clients/oversightctl/mapping_settings.h \
	clients/oversightctl/mismatches.c \
	clients/oversightctl/one_update.c clients/oversightctl/one_update.h \
	clients/oversightctl/period_format.c clients/oversightctl/period_format.h \
	clients/oversightctl/position.c clients/oversightctl/position.h \
	clients/oversightctl/programme.c \
	clients/oversightctl/progress.c clients/oversightctl/progress.h \
	clients/oversightctl/reload.c \
	clients/oversightctl/rules_files.c clients/oversightctl/rules_files.h \
	clients/oversightctl/screen.c clients/oversightctl/screen.h \
	clients/oversightctl/send.c \
	clients/oversightctl/sending.c clients/oversightctl/sending.h \
	clients/oversightctl/show.c \
	clients/oversightctl/source.c \
	clients/oversightctl/status.c \
	clients/oversightctl/style.c clients/oversightctl/style.h \
	clients/oversightctl/systems.c clients/oversightctl/systems.h \
	clients/oversightctl/table.c clients/oversightctl/table.h \
	clients/oversightctl/test.c \
	clients/oversightctl/updates.c clients/oversightctl/updates.h \
	clients/oversightctl/verify.c clients/oversightctl/verify.h \
	clients/oversightctl/verify_event.c \
	clients/oversightctl/verify_evidence.c \
	clients/oversightctl/verify_score.c \
	clients/oversightctl/verify_triggers.c \
	clients/oversightctl/twin.c clients/oversightctl/twin.h \
	clients/oversightctl/watch.c \
	clients/oversightctl/what_if.c \
	clients/oversightctl/why_not.c
libctl_a_CPPFLAGS = $(AM_CPPFLAGS) -DDEFAULT_CONFIG='"$(pkgsysconfdir)/oversightd.conf"' \
	-DDEFAULT_REGISTRY='"$(pkgsysconfdir)/organisations.csv"'

# check reads what the daemon reads, with the daemon's own loaders.
CTL_LIBS = libctl.a libclient.a libcases.a libdaemon.a librender.a libframeworks.a libengine.a libcommon.a \
	$(ZMQ_LIBS) $(CJSON_LIBS) $(MSGPACK_LIBS) $(LIBCONFIG_LIBS) $(CSV_LIBS) $(MATH_LIBS)

bin_PROGRAMS += oversightctl
oversightctl_SOURCES = clients/oversightctl/main.c
oversightctl_LDADD = $(CTL_LIBS)
