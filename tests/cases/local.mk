# Framework + updates + expected alerts as text, run by one program.
