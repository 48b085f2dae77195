# Framework + updates + expected alerts as text, run by one program.
EXTRA_DIST += tests/cases/small.conf
