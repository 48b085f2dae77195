# What the daemon and the clients share.
noinst_LIBRARIES += libcommon.a
libcommon_a_SOURCES = \
	common/alloc.c common/alloc.h \
	common/buf.c common/buf.h \
	common/json_write.c common/json_write.h \
	common/reader.c common/reader.h common/reader_impl.h \
	common/reader_json.c common/reader_msgpack.c \
	common/scratch.c common/scratch.h \
	common/wire.c common/wire.h common/wire_encode.c \
	common/wire_fields.c common/wire_fields.h common/wire_item.c \
	common/wire_shape.c common/wire_shape.h \
	common/date.c common/date.h \
	common/chart.h \
	common/chart_mark.c \
	common/chart_scale.c common/chart_scale.h \
	common/chart_strip.c \
	common/chart_svg.c common/chart_svg.h \
	common/chart_text.c \
	common/chart_words.c \
	common/heartbeat.c common/heartbeat.h \
	common/log.c common/log.h \
	common/markup.c common/markup.h \
	common/log_level.c common/log_level.h \
	common/log_queue.c common/log_queue.h \
	common/message.c common/message.h \
	common/problems.c common/problems.h \
	common/secret.c common/secret.h \
	common/text.c common/text.h common/text_number.c \
	common/words.c common/words.h \
	common/zcurve.c common/zcurve.h \
	common/zendpoint.c common/zendpoint.h \
	common/zsock.c common/zsock.h
