# Installed configuration. Lists: dist_pkgsysconf_DATA (/etc/oversightd),
# dist_frameworks_DATA, dist_imports_DATA, dist_example_DATA (/usr/share/oversightd/...).
# A file that is only for the source tree goes to EXTRA_DIST.
