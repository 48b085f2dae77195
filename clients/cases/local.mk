# Rule tests as text: what "oversightctl test" and the tests of the engine play.
noinst_LIBRARIES += libcases.a
libcases_a_SOURCES = \
	clients/cases/case_file.c clients/cases/case_file.h \
	clients/cases/cases.c clients/cases/cases.h \
	clients/cases/compare.c clients/cases/compare.h \
	clients/cases/compare_alerts.c \
	clients/cases/compare_board.c \
	clients/cases/compare_ranking.c \
	clients/cases/play.c clients/cases/play.h \
	clients/cases/programmes.c clients/cases/programmes.h \
	clients/cases/rules.c clients/cases/rules.h \
	clients/cases/scores.c clients/cases/scores.h \
	clients/cases/step.c \
	clients/cases/words.c clients/cases/words.h
