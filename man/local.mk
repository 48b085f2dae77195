# Manual pages, mdoc. The section follows from the name.
dist_man_MANS += \
	man/oversight-case.5 \
	man/oversight-client.3 \
	man/oversight-framework.5 \
	man/oversight-import.5 \
	man/oversight-metrics.7 \
	man/oversight-oncall.8 \
	man/oversight-oncall.conf.5 \
	man/oversight-protocol.7 \
	man/oversight-redis.7 \
	man/oversightctl.1 \
	man/oversightd.conf.5 \
	man/oversightd.8
