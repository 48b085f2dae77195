# Engine records -> JSON. Users link with: librender.a libengine.a libcommon.a $(CJSON_LIBS) $(MATH_LIBS)
noinst_LIBRARIES += librender.a
librender_a_SOURCES =
