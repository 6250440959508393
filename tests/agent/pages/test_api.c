/*
 * test_api - the JSON under /api/v1/, fetched and taken apart.
 *
 * Has a registry of its own: two small collectors.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <jansson.h>

#include "agent/store/history.h"
#include "base/clock.h"
#include "collectors/collector.h"
#include "tests/agent/server.h"

enum { SIZE, INFO };
static const struct metric file_rows[] = {
	{ "sqlite_database_size_bytes", METRIC_GAUGE, NULL, "Size." },
	{ "sqlite_database_info", METRIC_INFO, NULL, "Info." },
};

static const struct metric lock_rows[] = {
	{ "sqlite_readers", METRIC_GAUGE, NULL, "Readers." },
};

static const struct collector file = {
	.name = "file", COLLECTOR_METRICS(file_rows),
}, locks = {
	.name = "locks", COLLECTOR_METRICS(lock_rows),
};

const struct collector *const collectors[] = { &file, &locks, NULL };
const size_t collectors_count = 2;

#define WEIRD	"we\"ird <b>\xff\n"

static struct server server;
static struct history_pool *pool;

static void
finished(void *arg, const char *db, int measure, int64_t at_s,
    const struct point *p)
{
	(void)arg;
	(void)db;
	(void)measure;
	(void)at_s;
	(void)p;
}

static void
fill_app(struct store *st, int64_t wall, double size)
{
	struct batch *b = batch_new("app");
	struct buf labels;

	buf_init(&labels, 1024);
	batch_label(&labels, "path", "/data/\"a\\b\",c=\n.db");
	batch_label(&labels, "journal_mode", "wal");
	b->at_ms = wall;
	b->mono_ms = 1000 + wall % 1000000;
	b->interval_ms = 1000;
	b->culprits[HOLD_WRITER] = (struct culprit){
		.pid = 4242, .since_ms = 1700000000000, .command = "app \xff",
	};
	batch_add(b, &file_rows[SIZE], size);
	batch_add_labelled(b, &file_rows[INFO], 1, labels.data);
	batch_report(b, &file, 1500, NULL);
	batch_report(b, &locks, 7, "\"-shm\": Permission denied");
	store_apply(st, b);
	batch_free(b);
	buf_free(&labels);
}

static void
fill_down(struct store *st)
{
	struct batch *b = batch_new(WEIRD);

	b->at_ms = 1700000000000;
	b->down = mem_strdup("open: No such file \"or\" directory");
	store_apply(st, b);
	batch_free(b);
}

/* One rule, met by app at once. */
static struct rule *
make_rules(void)
{
	const struct rule_text text = {
		.name = "size", .when = "database_size > 1 GB", .for_ = "0s",
		.severity = "critical",
	};
	struct rule *r = mem_new(1, sizeof *r);
	struct err e;

	if (rule_parse(r, &text, NULL, &e) == -1)
		fail_msg("%s", e.text);
	return r;
}

static void
announce(void *arg, const struct alert_set *set, struct alert *al,
    enum alert_change what)
{
	(void)arg;
	(void)set;
	(void)al;
	(void)what;
}

static void
fill_alerts(struct agent *a)
{
	struct watched *w = store_find(a->store, "app");

	w->alerts = alerts_of(a->alerts, "app");
	alerts_step(a->alerts, w->alerts, w->measures,
	    (struct now){ 1000, 1700000000000 });
	alerts_step(a->alerts, w->alerts, w->measures,
	    (struct now){ 2000, 1700000001000 });
	(void)alerts_of(a->alerts, WEIRD);
}

static int
start(void **state)
{
	struct store *st;

	(void)state;
	pool = history_pool_new(finished, NULL);
	server_init(&server, pool, NULL, 0);
	alerts_free(server.agent.alerts);
	server.agent.alerts = alerts_new(make_rules(), 1, announce, NULL);
	st = server.agent.store;
	store_watch(st, "app", "/data/app.db", 1000);
	store_watch(st, WEIRD, "/data/\xfe.db", 1000);
	store_watch(st, "unseen", "/data/unseen.db", 5000);
	for (int i = 60; i >= 0; i--)
		fill_app(st, wall_ms() - i * 1000, 2e9 + i);
	fill_down(st);
	fill_alerts(&server.agent);
	server_start(&server);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	server_stop(&server);
	history_pool_free(pool);
	return 0;
}

/* The answer, which must have that status and be JSON. */
static json_t *
get(const char *target, unsigned status)
{
	char *answer = server_request(&server, "GET", target, "", NULL);
	json_error_t je;
	json_t *j;

	if (answer_status(answer) != status)
		fail_msg("%s: %.400s", target, answer);
	assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
	j = json_loads(answer_body(answer), 0, &je);
	if (j == NULL)
		fail_msg("%s: %s: %s", target, je.text, answer_body(answer));
	assert_string_equal(json_string_value(json_object_get(j, "status")),
	    status == 200 ? "success" : "error");
	free(answer);
	return j;
}

static const char *
text(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static double
number(const json_t *j, const char *key)
{
	return json_number_value(json_object_get(j, key));
}

static void
a_database_is_told_whole(void **state)
{
	json_t *all = get("/api/v1/databases", 200), *j, *part;

	(void)state;
	part = json_object_get(all, "data");
	assert_int_equal(json_array_size(part), 3);
	j = json_array_get(part, 0);
	assert_string_equal(text(j, "name"), "app");
	assert_string_equal(text(j, "path"), "/data/app.db");
	assert_true(json_is_true(json_object_get(j, "up")));
	assert_true(json_is_null(json_object_get(j, "reason")));
	assert_int_equal(strlen(text(j, "at")), 24);
	assert_true(number(j, "interval") == 1);
	part = json_object_get(j, "measures");
	assert_int_equal(json_object_size(part), MEASURE_COUNT);
	part = json_object_get(part, "database_size");
	assert_true(number(part, "value") == 2e9);
	assert_string_equal(text(part, "unit"), "bytes");
	part = json_object_get(json_object_get(j, "measures"), "readers");
	assert_true(json_is_null(json_object_get(part, "value")));
	assert_true(json_is_null(json_object_get(j, "busy_source")));
	json_decref(all);
}

static void
who_holds_is_named(void **state)
{
	json_t *all = get("/api/v1/databases?db=app", 200), *j, *part;

	(void)state;
	part = json_object_get(all, "data");
	assert_int_equal(json_array_size(part), 1);
	j = json_object_get(json_array_get(part, 0), "culprits");
	part = json_object_get(j, "writer");
	assert_true(number(part, "pid") == 4242);
	assert_string_equal(text(part, "command"), "app \xef\xbf\xbd");
	assert_string_equal(text(part, "since"), "2023-11-14T22:13:20.000Z");
	assert_true(json_is_null(json_object_get(j, "checkpoint")));
	assert_true(json_is_null(json_object_get(j, "oldest_reader")));
	json_decref(all);
}

static void
collectors_and_info_are_there(void **state)
{
	json_t *all = get("/api/v1/databases?db=app", 200), *j, *part;

	(void)state;
	j = json_array_get(json_object_get(all, "data"), 0);
	part = json_object_get(json_object_get(j, "collectors"), "file");
	assert_true(json_is_true(json_object_get(part, "ok")));
	assert_true(number(part, "duration") == 0.0015);
	part = json_object_get(json_object_get(j, "collectors"), "locks");
	assert_true(json_is_false(json_object_get(part, "ok")));
	assert_string_equal(text(part, "why"), "\"-shm\": Permission denied");
	part = json_array_get(json_object_get(j, "info"), 0);
	assert_string_equal(text(part, "metric"), "sqlite_database_info");
	part = json_object_get(part, "labels");
	assert_string_equal(text(part, "path"), "/data/\"a\\b\",c=\n.db");
	assert_string_equal(text(part, "journal_mode"), "wal");
	json_decref(all);
}

static void
down_and_unseen_differ(void **state)
{
	json_t *all = get("/api/v1/databases", 200), *j;

	(void)state;
	j = json_array_get(json_object_get(all, "data"), 1);
	assert_string_equal(text(j, "name"), "unseen");
	assert_true(json_is_null(json_object_get(j, "up")));
	assert_true(json_is_null(json_object_get(j, "at")));
	assert_true(number(j, "interval") == 5);
	j = json_array_get(json_object_get(all, "data"), 2);
	assert_string_equal(text(j, "name"), "we\"ird <b>\xef\xbf\xbd\n");
	assert_true(json_is_false(json_object_get(j, "up")));
	assert_string_equal(text(j, "reason"),
	    "open: No such file \"or\" directory");
	json_decref(all);
}

static void
alerts_and_their_rules(void **state)
{
	json_t *all = get("/api/v1/alerts", 200), *part, *j;

	(void)state;
	part = json_object_get(json_object_get(all, "data"), "rules");
	assert_int_equal(json_array_size(part), 1);
	j = json_array_get(part, 0);
	assert_string_equal(text(j, "name"), "size");
	assert_string_equal(text(j, "measure"), "database_size");
	assert_non_null(strstr(text(j, "text"), "database_size above 1"));
	part = json_object_get(json_object_get(all, "data"), "alerts");
	assert_int_equal(json_array_size(part), 2);
	j = json_array_get(part, 0);
	assert_string_equal(text(j, "db"), "app");
	assert_string_equal(text(j, "state"), "firing");
	assert_string_equal(text(j, "severity"), "critical");
	assert_string_equal(text(j, "unit"), "bytes");
	assert_true(number(j, "value") == 2e9);
	assert_true(number(j, "threshold") == 1e9);
	assert_int_equal(strncmp(text(j, "since"), "2023-11-14T22:13:2", 18),
	    0);
	j = json_array_get(part, 1);
	assert_true(json_is_null(json_object_get(j, "value")));
	json_decref(all);
	all = get("/api/v1/alerts?db=unseen", 200);
	part = json_object_get(json_object_get(all, "data"), "alerts");
	assert_int_equal(json_array_size(part), 0);
	json_decref(all);
}

static void
a_history_has_points_in_step(void **state)
{
	json_t *all = get("/api/v1/history?db=app&measure=database_size", 200);
	json_t *data = json_object_get(all, "data"), *points, *p;
	double step = number(data, "step"), last = 0;
	size_t i, seen = 0;

	(void)state;
	points = json_object_get(data, "points");
	assert_string_equal(text(data, "db"), "app");
	assert_string_equal(text(data, "measure"), "database_size");
	assert_string_equal(text(data, "unit"), "bytes");
	assert_true(step >= HISTORY_FINE_S);
	assert_true(json_array_size(points) > 0);
	json_array_foreach(points, i, p) {
		double at = json_number_value(json_array_get(p, 0));

		assert_int_equal(json_array_size(p), 4);
		assert_true(i == 0 || at == last + step);
		last = at;
		seen += json_is_real(json_array_get(p, 1));
	}
	assert_true(seen > 0);
	json_decref(all);
}

#define HISTORY	"/api/v1/history"
#define GOOD	HISTORY "?db=app&measure=write_rate"

static const struct {
	const char	*target;
	unsigned	 status;
	const char	*has;		/* in the sentence */
} questions[] = {
	{ HISTORY, 400, "db and measure" },
	{ HISTORY "?db=app", 400, "db and measure" },
	{ HISTORY "?measure=write_rate", 400, "db and measure" },
	{ HISTORY "?db=nope&measure=write_rate", 404, "No database" },
	{ HISTORY "?db=app&measure=nope", 404, "no measure" },
	{ HISTORY "?db=app&measure=", 404, "no measure" },
	{ GOOD, 200, NULL },
	{ GOOD "&from=1700000000&to=1700003600", 200, NULL },
	{ GOOD "&from=2023-11-14T22:13:20Z&to=2023-11-14T23:13:20Z", 200,
	    NULL },
	{ GOOD "&from=2023-11-14T22:13:20%2B01:00&to=1700003600", 200, NULL },
	{ GOOD "&step=30s", 200, NULL },
	{ GOOD "&from=yesterday", 400, "from: \"yesterday\" is no time" },
	{ GOOD "&from=", 400, "from: \"\" is no time" },
	{ GOOD "&from", 200, NULL },	/* no value is not a value */
	{ GOOD "&from=2&to=1", 400, "later" },
	{ GOOD "&step=7", 400, "multiple of 10" },
	{ GOOD "&step=soon", 400, "step: " },
	{ GOOD "&from=0&to=1700000000&step=10", 400, "points" },
	{ GOOD "&from=%ff%fe", 400, "is no time" },
	{ "/api/v1/databases?db=nope", 404, "No database" },
	{ "/api/v1/alerts?db=nope", 404, "No database" },
	{ "/api/v1/databases?db=app&db=nope", 200, NULL },
};

static void
questions_and_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		json_t *j = get(questions[i].target, questions[i].status);
		const char *error = text(j, "error");

		if ((error == NULL) != (questions[i].has == NULL) ||
		    (error != NULL && strstr(error, questions[i].has) == NULL))
			fail_msg("%s: %s", questions[i].target, error);
		json_decref(j);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_is_told_whole),
		cmocka_unit_test(who_holds_is_named),
		cmocka_unit_test(collectors_and_info_are_there),
		cmocka_unit_test(down_and_unseen_differ),
		cmocka_unit_test(alerts_and_their_rules),
		cmocka_unit_test(a_history_has_points_in_step),
		cmocka_unit_test(questions_and_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, start, stop);
}
