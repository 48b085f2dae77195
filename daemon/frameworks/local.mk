# Framework and registry files -> the engine's records.
noinst_LIBRARIES += libframeworks.a
libframeworks_a_SOURCES = \
	daemon/frameworks/framework_file.c daemon/frameworks/framework_file.h \
	daemon/frameworks/loader.h \
	daemon/frameworks/measures.c \
	daemon/frameworks/nearest.c daemon/frameworks/nearest.h \
	daemon/frameworks/organisation_row.c daemon/frameworks/organisation_row.h \
	daemon/frameworks/parts.c \
	daemon/frameworks/peers.c \
	daemon/frameworks/registry_file.c daemon/frameworks/registry_file.h \
	daemon/frameworks/scores.c \
	daemon/frameworks/scoring.c \
	daemon/frameworks/settings.c daemon/frameworks/settings.h \
	daemon/frameworks/signals.c \
	daemon/frameworks/source.c daemon/frameworks/source.h \
	daemon/frameworks/together.c \
	daemon/frameworks/triggers.c
