# Engine records -> JSON. Users link with: librender.a libengine.a libcommon.a $(CJSON_LIBS) $(MATH_LIBS)
noinst_LIBRARIES += librender.a
librender_a_SOURCES = \
	daemon/render/answer.c daemon/render/answer_impl.h \
	daemon/render/board.c \
	daemon/render/chart.c daemon/render/chart.h \
	daemon/render/check.c daemon/render/check.h daemon/render/check_mix.h \
	daemon/render/check_text.c \
	daemon/render/event.c daemon/render/event.h \
	daemon/render/event_topic.c daemon/render/event_topic.h \
	daemon/render/explain.c \
	daemon/render/evidence.c daemon/render/evidence.h \
	daemon/render/ground.c daemon/render/ground.h \
	daemon/render/export.c \
	daemon/render/league.c \
	daemon/render/metrics.c daemon/render/metrics.h \
	daemon/render/mismatches.c \
	daemon/render/moves.c daemon/render/moves.h \
	daemon/render/page.c daemon/render/page.h daemon/render/page_impl.h \
	daemon/render/page_alerts.c \
	daemon/render/page_board.c \
	daemon/render/page_evidence.c \
	daemon/render/page_health.c \
	daemon/render/page_history.c daemon/render/page_history.h \
	daemon/render/page_measures.c \
	daemon/render/page_organisation.c \
	daemon/render/page_systems.c \
	daemon/render/parts.c daemon/render/parts.h \
	daemon/render/reply.c daemon/render/reply.h \
	daemon/render/request.c daemon/render/request.h \
	daemon/render/status.c daemon/render/status.h \
	daemon/render/systems.c \
	daemon/render/why_not.c
