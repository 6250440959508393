/*
 * test_expo - both formats, letter by letter, and who gets which.
 *
 * Has a registry of its own: two small collectors that share a family.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/pages/expo.h"
#include "agent/store/store.h"
#include "base/buf.h"
#include "base/mem.h"

static const struct metric file_rows[] = {
	{ "sqlite_database_info", METRIC_INFO, NULL,
	    "Always 1; the \"path\" is here,\nand C:\\ too." },
	{ "sqlite_busy_retries_total", METRIC_COUNTER, "source=\"sampled\"",
	    "Waits." },
	{ "sqlite_database_size_bytes", METRIC_GAUGE, NULL, "Size." },
	{ "sqlite_never_seen", METRIC_GAUGE, NULL, "Nobody said it." },
};

static const struct metric other_rows[] = {
	{ "sqlite_busy_retries_total", METRIC_COUNTER, "source=\"kernel\"",
	    "Waits." },
	{ "sqlite_write_lock_held_seconds_total", METRIC_COUNTER, NULL,
	    "Held." },
	{ "sqlite_replica_up", METRIC_GAUGE, NULL, "Up." },
};

static const struct collector file = {
	.name = "file", COLLECTOR_METRICS(file_rows),
}, other = {
	.name = "other", COLLECTOR_METRICS(other_rows),
};

const struct collector *const collectors[] = { &file, &other, NULL };
const size_t collectors_count = 2;

static const char golden_text[] =
    "# HELP sqlite_up 1 when the last sample of this database succeeded, "
	"else 0.\n"
    "# TYPE sqlite_up gauge\n"
    "sqlite_up{db=\"app\"} 1\n"
    "sqlite_up{db=\"we\\\"ird\"} 0\n"
    "# HELP sqlite_database_info Always 1; the \"path\" is here,\\n"
	"and C:\\\\ too.\n"
    "# TYPE sqlite_database_info gauge\n"
    "sqlite_database_info{db=\"app\",path=\"/data/\\\"a\\\".db\"} 1\n"
    "# HELP sqlite_busy_retries_total Waits.\n"
    "# TYPE sqlite_busy_retries_total counter\n"
    "sqlite_busy_retries_total{db=\"app\",source=\"sampled\"} 12\n"
    "sqlite_busy_retries_total{db=\"we\\\"ird\",source=\"sampled\"} 3\n"
    "sqlite_busy_retries_total{db=\"app\",source=\"kernel\"} 34\n"
    "# HELP sqlite_database_size_bytes Size.\n"
    "# TYPE sqlite_database_size_bytes gauge\n"
    "sqlite_database_size_bytes{db=\"app\"} 10737418240\n"
    "# HELP sqlite_write_lock_held_seconds_total Held.\n"
    "# TYPE sqlite_write_lock_held_seconds_total counter\n"
    "sqlite_write_lock_held_seconds_total{db=\"app\"} 0.1\n"
    "# HELP sqlite_replica_up Up.\n"
    "# TYPE sqlite_replica_up gauge\n"
    "sqlite_replica_up{db=\"app\",replica=\"s3\"} 1\n"
    "sqlite_replica_up{db=\"app\",replica=\"file\"} 0\n";

static const char golden_openmetrics[] =
    "# TYPE sqlite_up gauge\n"
    "# HELP sqlite_up 1 when the last sample of this database succeeded, "
	"else 0.\n"
    "sqlite_up{db=\"app\"} 1.0\n"
    "sqlite_up{db=\"we\\\"ird\"} 0.0\n"
    "# TYPE sqlite_database info\n"
    "# HELP sqlite_database Always 1; the \\\"path\\\" is here,\\n"
	"and C:\\\\ too.\n"
    "sqlite_database_info{db=\"app\",path=\"/data/\\\"a\\\".db\"} 1.0\n"
    "# TYPE sqlite_busy_retries counter\n"
    "# HELP sqlite_busy_retries Waits.\n"
    "sqlite_busy_retries_total{db=\"app\",source=\"sampled\"} 12.0\n"
    "sqlite_busy_retries_total{db=\"we\\\"ird\",source=\"sampled\"} 3.0\n"
    "sqlite_busy_retries_total{db=\"app\",source=\"kernel\"} 34.0\n"
    "# TYPE sqlite_database_size_bytes gauge\n"
    "# UNIT sqlite_database_size_bytes bytes\n"
    "# HELP sqlite_database_size_bytes Size.\n"
    "sqlite_database_size_bytes{db=\"app\"} 10737418240.0\n"
    "# TYPE sqlite_write_lock_held_seconds counter\n"
    "# UNIT sqlite_write_lock_held_seconds seconds\n"
    "# HELP sqlite_write_lock_held_seconds Held.\n"
    "sqlite_write_lock_held_seconds_total{db=\"app\"} 0.1\n"
    "# TYPE sqlite_replica_up gauge\n"
    "# HELP sqlite_replica_up Up.\n"
    "sqlite_replica_up{db=\"app\",replica=\"s3\"} 1.0\n"
    "sqlite_replica_up{db=\"app\",replica=\"file\"} 0.0\n"
    "# EOF\n";

static struct store *
filled(void)
{
	struct store *st = store_new(NULL);
	struct batch *b = batch_new("app");
	struct buf path;

	store_watch(st, "we\"ird", "/x", 1000);
	store_watch(st, "app", "/y", 1000);
	store_watch(st, "not seen yet", "/z", 1000);
	buf_init(&path, 1024);
	batch_label(&path, "path", "/data/\"a\".db");
	batch_add_labelled(b, &file_rows[0], 1, path.data);
	buf_free(&path);
	batch_add(b, &file_rows[1], 12);
	batch_add(b, &file_rows[2], 10737418240.0);
	batch_add(b, &other_rows[0], 34);
	batch_add(b, &other_rows[1], 0.1);
	batch_add_labelled(b, &other_rows[2], 1, "replica=\"s3\"");
	batch_add_labelled(b, &other_rows[2], 0, "replica=\"file\"");
	batch_report(b, &file, 1, NULL);
	batch_report(b, &other, 1, NULL);
	store_apply(st, b);
	batch_free(b);
	b = batch_new("we\"ird");
	batch_add(b, &file_rows[1], 3);
	batch_add(b, &file_rows[2], 4096);
	batch_report(b, &file, 1, NULL);
	store_apply(st, b);
	batch_free(b);
	b = batch_new("we\"ird");
	b->down = mem_strdup("no such file");
	store_apply(st, b);
	batch_free(b);
	return st;
}

static void
check_golden(enum expo_format format, const char *want)
{
	struct store *st = filled();

	/* The second time says the same in the same order. */
	for (int i = 0; i < 2; i++) {
		struct buf out;
		struct expo x;

		buf_init(&out, 1 << 20);
		expo_begin(&x, &out, format);
		expo_store(&x, st);
		expo_end(&x);
		assert_true(buf_ok(&out));
		assert_string_equal(out.data, want);
		buf_free(&out);
	}
	store_free(st);
}

static void
text_is_exact(void **state)
{
	(void)state;
	check_golden(EXPO_TEXT, golden_text);
}

static void
openmetrics_is_exact(void **state)
{
	(void)state;
	check_golden(EXPO_OPENMETRICS, golden_openmetrics);
}

static const struct {
	double value;
	const char *text, *openmetrics;
} numbers[] = {
	{ 0, "0", "0.0" },
	{ -0.0, "0", "0.0" },
	{ 1, "1", "1.0" },
	{ -1, "-1", "-1.0" },
	{ 0.1, "0.1", "0.1" },
	{ 1.0 / 3, "0.3333333333333333", "0.3333333333333333" },
	{ 1700000000.123, "1700000000.123", "1700000000.123" },
	{ 999999999999999, "999999999999999", "999999999999999.0" },
	{ 9007199254740992, "9007199254740992", "9007199254740992.0" },
	{ 1e15, "1e+15", "1e+15" },
	{ 1e300, "1e+300", "1e+300" },
	{ 5e-324, "4.94065645841247e-324", "4.94065645841247e-324" },
	{ NAN, "NaN", "NaN" },
	{ INFINITY, "+Inf", "+Inf" },
	{ -INFINITY, "-Inf", "-Inf" },
};

static void
check_number(double value, enum expo_format format, const char *want)
{
	static const struct metric m = { "m", METRIC_GAUGE, NULL, "M." };
	struct buf out;
	struct expo x;

	buf_init(&out, 1024);
	expo_begin(&x, &out, format);
	expo_family(&x, &m);
	expo_sample(&x, NULL, NULL, value);
	assert_memory_equal(strstr(out.data, "\nm ") + 3, want, strlen(want));
	assert_int_equal(out.data[out.len - 1], '\n');
	assert_int_equal(strlen(strstr(out.data, "\nm ")), 4 + strlen(want));
	buf_free(&out);
}

static void
numbers_are_short_and_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		check_number(numbers[i].value, EXPO_TEXT, numbers[i].text);
		check_number(numbers[i].value, EXPO_OPENMETRICS,
		    numbers[i].openmetrics);
	}
}

#define OM	"application/openmetrics-text"

static const struct {
	const char *what, *accept;
	enum expo_format want;
} headers[] = {
	{ "no header", NULL, EXPO_TEXT },
	{ "an empty one", "", EXPO_TEXT },
	{ "curl", "*/*", EXPO_TEXT },
	{ "a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,"
	    "image/webp,*/*;q=0.8", EXPO_TEXT },
	{ "Prometheus 3", OM ";version=1.0.0;escaping=allow-utf-8;q=0.5,"
	    OM ";version=0.0.1;q=0.4,text/plain;version=1.0.0;"
	    "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,"
	    "*/*;q=0.1", EXPO_OPENMETRICS },
	{ "Prometheus 2", OM ";version=1.0.0,"
	    OM ";version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
	    "*/*;q=0.1", EXPO_OPENMETRICS },
	{ "Prometheus 2 without OpenMetrics",
	    "text/plain;version=0.0.4;q=1,*/*;q=0.1", EXPO_TEXT },
	{ "protobuf first", "application/vnd.google.protobuf;"
	    "proto=io.prometheus.client.MetricFamily;encoding=delimited,"
	    OM ";version=1.0.0;q=0.8,text/plain;q=0.5", EXPO_OPENMETRICS },
	{ "any version", OM, EXPO_OPENMETRICS },
	{ "a version to come", OM ";version=2.0.0", EXPO_TEXT },
	{ "a version to come, or this one",
	    OM ";version=2.0.0,text/plain;q=0.1," OM ";q=0.2",
	    EXPO_OPENMETRICS },
	{ "a quoted version", OM "; version=\"1.0.0\"", EXPO_OPENMETRICS },
	{ "capitals and blanks", "Application/OpenMetrics-Text ; Version=1.0.0"
	    " ; Q=0.9 , text/plain ; q=0.3", EXPO_OPENMETRICS },
	{ "text is preferred", OM ";q=0.4,text/plain;q=0.5", EXPO_TEXT },
	{ "equal: the first of them", "text/plain," OM, EXPO_TEXT },
	{ "equal: the first again", OM ",text/plain", EXPO_OPENMETRICS },
	{ "a name beats a wildcard", "*/*," OM, EXPO_OPENMETRICS },
	{ "a better wildcard wins", "*/*;q=0.9," OM ";q=0.8", EXPO_TEXT },
	{ "refused", OM ";q=0", EXPO_TEXT },
	{ "refused, in digits", OM ";q=0.000,text/plain;q=0.001", EXPO_TEXT },
	{ "text refused", "text/plain;q=0," OM ";q=0.1", EXPO_OPENMETRICS },
	{ "half a wildcard", "application/*", EXPO_OPENMETRICS },
	{ "the other half", "text/*;q=0.5,application/*;q=0.4", EXPO_TEXT },
	{ "q makes no sense", OM ";q=high,text/plain;q=0.1", EXPO_TEXT },
	{ "q is too much", OM ";q=1.5,text/plain;q=0.1", EXPO_TEXT },
	{ "q below 0", OM ";q=-1,text/plain;q=0.1", EXPO_TEXT },
	{ "commas only", ",,, ,", EXPO_TEXT },
	{ "loose ends", ";;=;,=;q=,;" OM, EXPO_TEXT },
	{ "a longer name", OM "-not", EXPO_TEXT },
};

static void
negotiation(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		if (expo_negotiate(headers[i].accept) != headers[i].want)
			fail_msg("%s", headers[i].what);
	assert_string_equal(expo_content_type(EXPO_TEXT),
	    "text/plain; version=0.0.4; charset=utf-8");
	assert_string_equal(expo_content_type(EXPO_OPENMETRICS),
	    "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_exact),
		cmocka_unit_test(openmetrics_is_exact),
		cmocka_unit_test(numbers_are_short_and_whole),
		cmocka_unit_test(negotiation),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
