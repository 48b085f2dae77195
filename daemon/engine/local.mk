# The pure core: knows itself, common/{date,text,message}.h, libc and libm.
noinst_LIBRARIES += libengine.a
libengine_a_SOURCES = \
	daemon/engine/alert.h \
	daemon/engine/engine.h \
	daemon/engine/framework.h \
	daemon/engine/ranking.h \
	daemon/engine/registry.h \
	daemon/engine/spc.h
