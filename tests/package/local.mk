# The packages under a real systemd: needs root, a mirror and minutes, so it is
# a target of its own and no part of check.
EXTRA_DIST += tests/package/service

check-package: deb
	$(srcdir)/tests/package/service $(abs_builddir)/deb

.PHONY: check-package
