# Framework and registry files -> the engine's records.
noinst_LIBRARIES += libframeworks.a
libframeworks_a_SOURCES =
