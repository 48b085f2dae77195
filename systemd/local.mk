# The service, and the user it runs as. Where systemd keeps units is its own to
# say; a prefix other than /usr keeps them below it.
systemdsystemunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d

nodist_systemdsystemunit_DATA = systemd/oversightd.service systemd/oversightd@.service \
	systemd/oversight-oncall.service
EXTRA_DIST += systemd/oversightd.service.in systemd/oversightd.sysusers systemd/oversightd.tmpfiles \
	systemd/oversight-oncall.service.in systemd/oversight-oncall.sysusers
CLEANFILES += $(nodist_systemdsystemunit_DATA)

# What is written for an installation in /usr and /etc, for one elsewhere.
fill_names = sed -e 's|/etc/oversightd|$(pkgsysconfdir)|g' -e 's|/usr/share/oversightd|$(pkgdatadir)|g'
fill_unit = sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@bindir[@]|$(bindir)|g' \
	-e 's|@pkgsysconfdir[@]|$(pkgsysconfdir)|g'

systemd/oversightd.service: systemd/oversightd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(fill_unit) -e 's|@config[@]|oversightd|' -e 's|@folder[@]|oversightd|g' \
		-e 's|@title[@]||' $(srcdir)/systemd/oversightd.service.in >$@

# oversightd@NAME reads NAME.conf and keeps its state in oversightd-NAME, for
# several daemons on one machine.
systemd/oversightd@.service: systemd/oversightd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(fill_unit) -e 's|@config[@]|%i|' -e 's|@folder[@]|oversightd-%i|g' \
		-e 's|@title[@]| (%i)|' $(srcdir)/systemd/oversightd.service.in >$@

systemd/oversight-oncall.service: systemd/oversight-oncall.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && $(fill_unit) $(srcdir)/systemd/oversight-oncall.service.in >$@

install-data-hook: install-systemd install-names
uninstall-hook: uninstall-systemd

install-names: install-man
	@for page in $(dist_man_MANS); do \
		there="$(DESTDIR)$(mandir)/man$${page##*.}/$$(basename $$page)"; \
		$(fill_names) $(srcdir)/$$page >"$$there" || exit 1; \
	done

install-systemd:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) $(srcdir)/systemd/oversightd.sysusers '$(DESTDIR)$(sysusersdir)/oversightd.conf'
	$(INSTALL_DATA) $(srcdir)/systemd/oversight-oncall.sysusers '$(DESTDIR)$(sysusersdir)/oversight-oncall.conf'
	$(fill_names) $(srcdir)/systemd/oversightd.tmpfiles >'$(DESTDIR)$(tmpfilesdir)/oversightd.conf'
	chmod 644 '$(DESTDIR)$(tmpfilesdir)/oversightd.conf'

uninstall-systemd:
	rm -f '$(DESTDIR)$(sysusersdir)/oversightd.conf' '$(DESTDIR)$(tmpfilesdir)/oversightd.conf' \
		'$(DESTDIR)$(sysusersdir)/oversight-oncall.conf'

.PHONY: install-names install-systemd uninstall-systemd
