# Installed configuration. Lists: pkgsysconf_files (/etc/oversightd), frameworks_files
# (/etc/oversightd/frameworks), templates_files (/etc/oversightd/oncall), all of which an operator may
# change: an installation leaves them as they are; dist_imports_DATA, dist_example_DATA
# (/usr/share/oversightd/...). A file that is only for the source tree goes to EXTRA_DIST.

pkgsysconf_files = conf/oversightd.conf conf/organisations.csv

frameworks_files = \
	conf/frameworks/nof-2022-23.conf \
	conf/frameworks/nof-2025-26-published.conf \
	conf/frameworks/nof-2025-26.conf \
	conf/frameworks/nof-2026-27.conf \
	conf/frameworks/sof-2016.conf \
	conf/frameworks/sof-2021-22.conf

dist_example_DATA += \
	conf/example/example.conf \
	conf/example/organisations.csv \
	conf/example/oversightd.conf \
	conf/example/01-baseline.csv \
	conf/example/02-quiet-month.csv \
	conf/example/03-peers-improve.csv \
	conf/example/04-leadership.csv \
	conf/example/05-drop.csv \
	conf/example/06-correction.csv \
	conf/example/07-second-drop.csv \
	conf/example/08-recovery.csv
EXTRA_DIST += conf/example/demo

# Mapping files of published figures, oversight-import(5).
dist_imports_DATA += \
	conf/imports/ae-2016-19.conf \
	conf/imports/ae-monthly.conf \
	conf/imports/ae-series.conf \
	conf/imports/cancer-monthly.conf \
	conf/imports/diagnostics-monthly.conf \
	conf/imports/nof-2025-26-measures.conf \
	conf/imports/nof-2025-26.conf \
	conf/imports/rtt-2024-25.conf \
	conf/imports/rtt-monthly.conf

# Rule tests of the frameworks, oversight-case(5).
EXTRA_DIST += \
	conf/frameworks/tests/nof-2022-23.case \
	conf/frameworks/tests/nof-2025-26-published.case \
	conf/frameworks/tests/nof-2025-26.case \
	conf/frameworks/tests/nof-2026-27.case \
	conf/frameworks/tests/sof-2016.case \
	conf/frameworks/tests/sof-2021-22.case

# oversight-oncall, and its templates.
pkgsysconf_files += conf/oversight-oncall.conf
templates_files = \
	conf/oncall/alertmanager.template \
	conf/oncall/cloudevents.template \
	conf/oncall/email.template \
	conf/oncall/pagerduty.template \
	conf/oncall/slack.template \
	conf/oncall/webhook.template

EXTRA_DIST += $(pkgsysconf_files) $(frameworks_files) $(templates_files) packaging/install-config

install_config = INSTALL_DATA='$(INSTALL_DATA)' $(abs_top_srcdir)/packaging/install-config
install_record = '$(DESTDIR)$(pkgsysconfdir)/.installed'

install-config:
	@cd $(srcdir) && $(install_config) install $(install_record) '$(DESTDIR)$(pkgsysconfdir)' $(pkgsysconf_files)
	@cd $(srcdir) && $(install_config) install $(install_record) '$(DESTDIR)$(frameworksdir)' $(frameworks_files)
	@cd $(srcdir) && $(install_config) install $(install_record) '$(DESTDIR)$(templatesdir)' $(templates_files)
uninstall-config:
	@cd $(srcdir) && $(install_config) uninstall $(install_record) '$(DESTDIR)$(pkgsysconfdir)' $(pkgsysconf_files)
	@cd $(srcdir) && $(install_config) uninstall $(install_record) '$(DESTDIR)$(frameworksdir)' $(frameworks_files)
	@cd $(srcdir) && $(install_config) uninstall $(install_record) '$(DESTDIR)$(templatesdir)' $(templates_files)
.PHONY: install-config uninstall-config

install-data-local: install-config
uninstall-local: uninstall-config

# For tests that ask where things go.
print-pkgsysconfdir:
	@echo '$(pkgsysconfdir)'
.PHONY: print-pkgsysconfdir
