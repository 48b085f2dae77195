# One cmocka program per module, linked with that layer and those below:
#   check_PROGRAMS += tests/unit/test_x
#   tests_unit_test_x_SOURCES = tests/unit/test_x.c
#   tests_unit_test_x_LDADD = libx.a libcommon.a $(CMOCKA_LIBS) ...
#   TESTS += tests/unit/test_x

check_PROGRAMS += tests/unit/test_log tests/unit/test_loop tests/unit/test_notify
TESTS += tests/unit/test_log tests/unit/test_loop tests/unit/test_notify
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_LDADD = libcommon.a $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_quota
TESTS += tests/unit/test_quota
tests_unit_test_quota_SOURCES = tests/unit/test_quota.c
tests_unit_test_quota_LDADD = libnet.a libos.a libcommon.a $(ZMQ_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_listeners
TESTS += tests/unit/test_listeners
tests_unit_test_listeners_SOURCES = tests/unit/test_listeners.c
tests_unit_test_listeners_LDADD = libnet.a libcommon.a $(ZMQ_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_watchdog
TESTS += tests/unit/test_watchdog
tests_unit_test_watchdog_SOURCES = tests/unit/test_watchdog.c
tests_unit_test_watchdog_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_status
TESTS += tests/unit/test_status
tests_unit_test_status_SOURCES = tests/unit/test_status.c
tests_unit_test_status_LDADD = $(DAEMON_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/test_log_queue
TESTS += tests/unit/test_log_queue
tests_unit_test_log_queue_SOURCES = tests/unit/test_log_queue.c
tests_unit_test_log_queue_LDADD = libcommon.a $(CMOCKA_LIBS)
tests_unit_test_log_queue_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=syslog -Wl,--wrap=__syslog_chk
tests_unit_test_loop_SOURCES = tests/unit/test_loop.c
tests_unit_test_loop_LDADD = libos.a libcommon.a $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_notify_SOURCES = tests/unit/test_notify.c
tests_unit_test_notify_LDADD = libos.a libcommon.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ranking
TESTS += tests/unit/test_ranking
tests_unit_test_ranking_SOURCES = tests/unit/test_ranking.c tests/unit/seed.h tests/unit/twin.h tests/unit/twin_compare.h
tests_unit_test_ranking_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_ranking_forms
TESTS += tests/unit/test_ranking_forms
tests_unit_test_ranking_forms_SOURCES = tests/unit/test_ranking_forms.c tests/unit/seed.h tests/unit/twin.h tests/unit/twin_compare.h
tests_unit_test_ranking_forms_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_spc
TESTS += tests/unit/test_spc
tests_unit_test_spc_SOURCES = tests/unit/test_spc.c tests/unit/shared.h
tests_unit_test_spc_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_config
TESTS += tests/unit/test_config
tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_LDADD = libdaemon.a libcommon.a $(LIBCONFIG_LIBS) $(ZMQ_LIBS) $(CMOCKA_LIBS) $(MATH_LIBS)

check_PROGRAMS += tests/unit/test_bands
TESTS += tests/unit/test_bands
tests_unit_test_bands_SOURCES = tests/unit/test_bands.c tests/unit/seed.h
tests_unit_test_bands_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_names
TESTS += tests/unit/test_names
tests_unit_test_names_SOURCES = tests/unit/test_names.c
tests_unit_test_names_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_registry
TESTS += tests/unit/test_registry
tests_unit_test_registry_SOURCES = tests/unit/test_registry.c
tests_unit_test_registry_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_framework
TESTS += tests/unit/test_framework
tests_unit_test_framework_SOURCES = tests/unit/test_framework.c
tests_unit_test_framework_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_feed tests/unit/test_feed_random
TESTS += tests/unit/test_feed tests/unit/test_feed_random
tests_unit_test_feed_SOURCES = tests/unit/test_feed.c tests/unit/feed_app.h
tests_unit_test_feed_LDADD = libnet.a libcommon.a $(CMOCKA_LIBS)
tests_unit_test_feed_random_SOURCES = tests/unit/test_feed_random.c tests/unit/feed_app.h tests/unit/seed.h
tests_unit_test_feed_random_LDADD = libnet.a libcommon.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_drop
TESTS += tests/unit/test_drop
tests_unit_test_drop_SOURCES = tests/unit/test_drop.c
tests_unit_test_drop_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_engine_random
TESTS += tests/unit/test_engine_random
tests_unit_test_engine_random_SOURCES = tests/unit/test_engine_random.c tests/unit/engine_oracle.c \
	tests/unit/engine_oracle.h tests/unit/engine_oracle_judge.c tests/unit/engine_random.h \
	tests/unit/engine_random_compare.c tests/unit/engine_random_expect.c tests/unit/engine_random_rules.c \
	tests/unit/engine_random_rules.h tests/unit/audited.h tests/unit/seed.h
tests_unit_test_engine_random_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_audit
TESTS += tests/unit/test_audit
tests_unit_test_audit_SOURCES = tests/unit/test_audit.c
tests_unit_test_audit_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_engine_work
TESTS += tests/unit/test_engine_work
tests_unit_test_engine_work_SOURCES = tests/unit/test_engine_work.c tests/bench/bench_world.c tests/bench/bench_world.h tests/unit/audited.h
tests_unit_test_engine_work_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_engine_limits
TESTS += tests/unit/test_engine_limits
tests_unit_test_engine_limits_SOURCES = tests/unit/test_engine_limits.c
tests_unit_test_engine_limits_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_audit_chain
TESTS += tests/unit/test_audit_chain
tests_unit_test_audit_chain_SOURCES = tests/unit/test_audit_chain.c
tests_unit_test_audit_chain_LDADD = libctl.a libclient.a libcommon.a $(ZMQ_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_mismatch
TESTS += tests/unit/test_mismatch
tests_unit_test_mismatch_SOURCES = tests/unit/test_mismatch.c
tests_unit_test_mismatch_LDADD = librender.a libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) \
	$(CJSON_LIBS) $(MSGPACK_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_programme
TESTS += tests/unit/test_programme
tests_unit_test_programme_SOURCES = tests/unit/test_programme.c tests/unit/seed.h
tests_unit_test_programme_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_score
TESTS += tests/unit/test_score
tests_unit_test_score_SOURCES = tests/unit/test_score.c tests/unit/finance.h
tests_unit_test_score_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_score_reference
TESTS += tests/unit/test_score_reference
tests_unit_test_score_reference_SOURCES = tests/unit/test_score_reference.c tests/unit/finance.h tests/unit/shared.h
tests_unit_test_score_reference_LDADD = libengine.a libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_framework_file tests/unit/test_registry_file tests/unit/test_golden
TESTS += tests/unit/test_framework_file tests/unit/test_registry_file tests/unit/test_golden
tests_unit_test_framework_file_SOURCES = tests/unit/test_framework_file.c tests/unit/seed.h tests/unit/lsan_libconfig.h
tests_unit_test_framework_file_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_registry_file_SOURCES = tests/unit/test_registry_file.c tests/unit/seed.h
tests_unit_test_registry_file_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_golden_SOURCES = tests/unit/test_golden.c
tests_unit_test_golden_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm
EXTRA_DIST += tests/golden

check_PROGRAMS += tests/unit/test_date tests/unit/test_text
TESTS += tests/unit/test_date tests/unit/test_text
tests_unit_test_date_SOURCES = tests/unit/test_date.c
tests_unit_test_date_LDADD = libcommon.a $(CMOCKA_LIBS)
tests_unit_test_text_SOURCES = tests/unit/test_text.c tests/unit/seed.h
tests_unit_test_text_LDADD = libcommon.a $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_wire tests/unit/test_wire_random
TESTS += tests/unit/test_wire tests/unit/test_wire_random
tests_unit_test_wire_SOURCES = tests/unit/test_wire.c tests/unit/wire_twin.h
tests_unit_test_wire_LDADD = libcommon.a $(CJSON_LIBS) $(MSGPACK_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_wire_random_SOURCES = tests/unit/test_wire_random.c tests/unit/wire_twin.h tests/unit/seed.h
tests_unit_test_wire_random_LDADD = libcommon.a $(CJSON_LIBS) $(MSGPACK_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_store tests/unit/test_store_faults tests/unit/test_store_format tests/unit/test_store_refill tests/unit/test_store_epochs tests/unit/test_store_parts tests/unit/test_standby tests/unit/test_standby_emptied
TESTS += tests/unit/test_store tests/unit/test_store_faults tests/unit/test_store_format tests/unit/test_store_refill tests/unit/test_store_epochs tests/unit/test_store_parts tests/unit/test_standby tests/unit/test_standby_emptied
check_PROGRAMS += tests/unit/test_load
TESTS += tests/unit/test_load
tests_unit_test_load_SOURCES = tests/unit/test_load.c tests/redis_replies.h
tests_unit_test_load_LDADD = libstore.a libcommon.a $(HIREDIS_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_standby_emptied_SOURCES = tests/unit/test_standby_emptied.c tests/unit/standby_bench.h tests/unit/store_bench.h
tests_unit_test_standby_emptied_LDADD = libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_standby_SOURCES = tests/unit/test_standby.c tests/unit/standby_bench.h tests/unit/store_bench.h
tests_unit_test_standby_LDADD = libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_store_parts_SOURCES = tests/unit/test_store_parts.c
tests_unit_test_store_parts_LDADD = libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/store_bench.h
tests_unit_test_store_LDADD = libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_store_refill_SOURCES = tests/unit/test_store_refill.c tests/unit/store_bench.h
tests_unit_test_store_refill_LDADD = libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_store_epochs_SOURCES = tests/unit/test_store_epochs.c tests/unit/store_bench.h
tests_unit_test_store_epochs_LDADD = libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_store_format_SOURCES = tests/unit/test_store_format.c tests/unit/store_bench.h
tests_unit_test_store_format_LDADD = libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)
tests_unit_test_store_faults_SOURCES = tests/unit/test_store_faults.c tests/unit/store_bench.h tests/unit/seed.h
tests_unit_test_store_faults_LDADD = libstore.a libos.a libcommon.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_zsock tests/unit/test_zwatch tests/unit/test_net tests/unit/test_ingest
TESTS += tests/unit/test_zsock tests/unit/test_zwatch tests/unit/test_net tests/unit/test_ingest
tests_unit_test_zsock_SOURCES = tests/unit/test_zsock.c
tests_unit_test_zsock_LDADD = libcommon.a $(CMOCKA_LIBS) $(ZMQ_LIBS) $(CJSON_LIBS)
tests_unit_test_zwatch_SOURCES = tests/unit/test_zwatch.c tests/unit/net_bench.h
tests_unit_test_zwatch_LDADD = libnet.a libos.a libcommon.a $(CMOCKA_LIBS) $(ZMQ_LIBS) $(EVENT_LIBS)
tests_unit_test_net_SOURCES = tests/unit/test_net.c tests/unit/net_bench.h
tests_unit_test_net_LDADD = libnet.a libos.a libcommon.a $(CMOCKA_LIBS) $(ZMQ_LIBS) $(EVENT_LIBS)
tests_unit_test_ingest_SOURCES = tests/unit/test_ingest.c tests/unit/net_bench.h
tests_unit_test_ingest_LDADD = libnet.a libos.a libcommon.a $(CMOCKA_LIBS) $(ZMQ_LIBS) $(EVENT_LIBS) $(CJSON_LIBS)

check_PROGRAMS += tests/unit/test_event tests/unit/test_request
TESTS += tests/unit/test_event tests/unit/test_request
tests_unit_test_event_SOURCES = tests/unit/test_event.c
tests_unit_test_event_LDADD = librender.a libengine.a libcommon.a $(CJSON_LIBS) $(CMOCKA_LIBS) -lm
tests_unit_test_request_SOURCES = tests/unit/test_request.c
tests_unit_test_request_LDADD = librender.a libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) \
	$(CJSON_LIBS) $(MSGPACK_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_channel
TESTS += tests/unit/test_channel
tests_unit_test_channel_SOURCES = tests/unit/test_channel.c
tests_unit_test_channel_LDADD = libclient.a libcommon.a $(ZMQ_LIBS) $(CJSON_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_follow tests/unit/test_follow_random
TESTS += tests/unit/test_follow tests/unit/test_follow_random
tests_unit_test_follow_SOURCES = tests/unit/test_follow.c
tests_unit_test_follow_LDADD = libclient.a libcommon.a $(CMOCKA_LIBS)
tests_unit_test_follow_random_SOURCES = tests/unit/test_follow_random.c tests/unit/seed.h
tests_unit_test_follow_random_LDADD = libclient.a libcommon.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_csv_reader tests/unit/test_period_format tests/unit/test_mapping
TESTS += tests/unit/test_csv_reader tests/unit/test_period_format tests/unit/test_mapping
tests_unit_test_csv_reader_SOURCES = tests/unit/test_csv_reader.c
tests_unit_test_csv_reader_LDADD = libctl.a libcommon.a $(CSV_LIBS) $(CMOCKA_LIBS)
tests_unit_test_period_format_SOURCES = tests/unit/test_period_format.c
tests_unit_test_period_format_LDADD = libctl.a libcommon.a $(CMOCKA_LIBS)
tests_unit_test_mapping_SOURCES = tests/unit/test_mapping.c tests/unit/lsan_libconfig.h
tests_unit_test_mapping_LDADD = libctl.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) $(MATH_LIBS)

check_PROGRAMS += tests/unit/test_replay_2025_26
TESTS += tests/unit/test_replay_2025_26
tests_unit_test_replay_2025_26_SOURCES = tests/unit/test_replay_2025_26.c tests/unit/shared.h
tests_unit_test_replay_2025_26_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_headroom
TESTS += tests/unit/test_headroom
tests_unit_test_headroom_SOURCES = tests/unit/test_headroom.c tests/unit/seed.h
tests_unit_test_headroom_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_score_random
TESTS += tests/unit/test_score_random
tests_unit_test_score_random_SOURCES = tests/unit/test_score_random.c tests/unit/score_oracle.c \
	tests/unit/audited.h tests/unit/score_oracle.h tests/unit/score_rules.h tests/unit/seed.h
tests_unit_test_score_random_LDADD = libframeworks.a libengine.a libcommon.a $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) -lm

check_PROGRAMS += tests/unit/test_verify
TESTS += tests/unit/test_verify
tests_unit_test_verify_SOURCES = tests/unit/test_verify.c
tests_unit_test_verify_LDADD = libctl.a libcases.a librender.a libframeworks.a libengine.a libcommon.a \
	$(CJSON_LIBS) $(LIBCONFIG_LIBS) $(CSV_LIBS) $(CMOCKA_LIBS) $(MATH_LIBS)

check_PROGRAMS += tests/unit/test_keys tests/unit/test_zap
TESTS += tests/unit/test_keys tests/unit/test_zap
tests_unit_test_keys_SOURCES = tests/unit/test_keys.c
tests_unit_test_keys_LDADD = libnet.a libcommon.a $(CMOCKA_LIBS) $(ZMQ_LIBS)
tests_unit_test_zap_SOURCES = tests/unit/test_zap.c tests/unit/net_bench.h
tests_unit_test_zap_LDADD = libnet.a libos.a libcommon.a $(CMOCKA_LIBS) $(ZMQ_LIBS) $(EVENT_LIBS)

check_PROGRAMS += tests/unit/test_http
TESTS += tests/unit/test_http
tests_unit_test_http_SOURCES = tests/unit/test_http.c
tests_unit_test_http_LDADD = libhttp.a libcommon.a $(CMOCKA_LIBS) $(MATH_LIBS)

check_PROGRAMS += tests/unit/test_metrics
TESTS += tests/unit/test_metrics
tests_unit_test_metrics_SOURCES = tests/unit/test_metrics.c
tests_unit_test_metrics_LDADD = librender.a libcommon.a $(CMOCKA_LIBS) $(MATH_LIBS)

check_PROGRAMS += tests/unit/test_pending
TESTS += tests/unit/test_pending
tests_unit_test_pending_SOURCES = tests/unit/test_pending.c tests/unit/seed.h
tests_unit_test_pending_LDADD = libdaemon.a libcommon.a $(CMOCKA_LIBS) $(MATH_LIBS)
