# What goes with a release: the Debian packages, and the bill of materials that
# the build writes.
EXTRA_DIST += \
	packaging/deb \
	packaging/sbom \
	packaging/debian/changelog \
	packaging/debian/control \
	packaging/debian/copyright \
	packaging/debian/liboversight-dev.install \
	packaging/debian/liboversight-dev.lintian-overrides \
	packaging/debian/liboversight0.install \
	packaging/debian/liboversight0.lintian-overrides \
	packaging/debian/not-installed \
	packaging/debian/oversight-oncall.install \
	packaging/debian/oversight-oncall.lintian-overrides \
	packaging/debian/oversight-oncall.postrm \
	packaging/debian/oversight-tools.install \
	packaging/debian/oversight-tools.lintian-overrides \
	packaging/debian/oversightd.docs \
	packaging/debian/oversightd.install \
	packaging/debian/oversightd.lintian-overrides \
	packaging/debian/oversightd.postrm \
	packaging/debian/rules \
	packaging/debian/source/format

# Standing with the documentation, as distributors expect it.
nodist_doc_DATA = oversightd.spdx.json
CLEANFILES += oversightd.spdx.json

oversightd.spdx.json: packaging/sbom $(sbin_PROGRAMS) $(bin_PROGRAMS)
	$(AM_V_GEN)$(srcdir)/packaging/sbom $(PACKAGE_VERSION) $(sbin_PROGRAMS) $(bin_PROGRAMS) >$@.tmp && mv $@.tmp $@

deb: dist
	$(srcdir)/packaging/deb $(distdir).tar.xz $(PACKAGE_VERSION) $(abs_builddir)/deb

.PHONY: deb
