# The pure core: knows itself, common/{date,text,message}.h, libc and libm.
noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	daemon/engine/alert.h \
	daemon/engine/bands.c \
	daemon/engine/bands.h \
	daemon/engine/engine.h \
	daemon/engine/framework.c \
	daemon/engine/framework.h \
	daemon/engine/ranking.c \
	daemon/engine/ranking.h \
	daemon/engine/ranking_node.c \
	daemon/engine/ranking_tree.c \
	daemon/engine/ranking_tree.h \
	daemon/engine/registry.c \
	daemon/engine/registry.h \
	daemon/engine/score.h \
	daemon/engine/spc.h
