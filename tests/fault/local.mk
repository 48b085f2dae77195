# Faults on purpose: the real daemon under kill -9, frozen and failing stores,
# broken feeds and stalling consumers.
#
#   make fault ROUNDS=n SEED=s   random rounds against an oracle, JOBS=n at a time; SEED repeats them
#   make fault-positions         kill -9 at every store operation in turn
#   make fault-emptied           Redis emptied, kill -9 or a lost answer at every command until all is written again
#   make fault-restarts          a restart after every message
#   make fault-takeover          two daemons on one store: KILLS=n FREEZES=n FAILOVERS=n
#   make fault-outage            the store away under load: DURATION=n RATE=n
#   make fault-consumers         consumers that sleep, die and come back: DURATION=n
#   make fault-disk              a full disk under the private store
fault_tests = tests/fault/test_fault.py

EXTRA_DIST += $(fault_tests) tests/fault/consumers.py tests/fault/disk.py tests/fault/emptied.py tests/fault/fault.py \
	tests/fault/faults.py tests/fault/gaps.py \
	tests/fault/oracle.py tests/fault/outage.py tests/fault/positions.py tests/fault/proxy.py tests/fault/restarts.py \
	tests/fault/round.py tests/fault/servers.py \
	tests/fault/stream.py tests/fault/takeover.py

if HAVE_PYTHON3
if HAVE_REDIS_SERVER
TESTS += $(fault_tests)
endif
endif

fault_run = $(AM_TESTS_ENVIRONMENT) $(PYTHON3) $(srcdir)/tests/fault
fault_programs = oversightd oversightctl

fault: $(fault_programs)
	$(fault_run)/fault.py
fault-positions: $(fault_programs)
	$(fault_run)/positions.py
fault-emptied: $(fault_programs)
	$(fault_run)/emptied.py
fault-restarts: $(fault_programs)
	$(fault_run)/restarts.py
fault-takeover: $(fault_programs)
	$(fault_run)/gaps.py
	KILLS= FREEZES= $(fault_run)/takeover.py
fault-outage: $(fault_programs)
	$(fault_run)/outage.py
fault-consumers: $(fault_programs)
	$(fault_run)/consumers.py
fault-disk: $(fault_programs)
	$(fault_run)/disk.py
.PHONY: fault fault-positions fault-emptied fault-restarts fault-takeover fault-outage fault-consumers fault-disk
