/*
 * taken_out: whose data the configuration has taken out.
 */
#include <curl/curl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "tests/agent/stage.h"

#define NAS	"[replica nas]\ndatabase = app\npath = /nas\n"
#define OTHER	"[replica nas]\ndatabase = other\npath = /nas\n"
#define DRILL	"[drill]\nevery = 1d\n"

static void
read_config(struct config *c, const char *text)
{
	if (config_parse(c, "test.ini", text) == -1)
		fail_msg("%s", config_errors(c));
}

static const struct {
	const char	*text, *measure;
	bool		 on, found;
} rows[] = {
	{ "", "write_rate", true, false },
	{ "", "replica_up", false, true },
	{ NAS, "replica_up", true, true },
	{ NAS, "snapshot_age", true, true },
	{ OTHER, "replication_lag", false, true },
	{ NAS, "drill_age", false, false },
	{ DRILL, "drill_age", true, false },
	{ "[drill]\n", "drill_success", false, false },
	{ "", "fsync_time", true, false },
	{ "[agent]\ntrace = no\n", "fsync_time", false, false },
	{ "[agent]\ntrace = no\n", "busy_unslept", false, false },
	{ "[agent]\ntrace = no\n", "busy_retries", true, false },
};

static void
test_what_is_measured(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		enum measure_id m = (enum measure_id)
		    measure_find(rows[i].measure);
		struct config c;

		print_message("# %zu\n", i);
		read_config(&c, rows[i].text);
		assert_int_equal(configure_measures(&c, "app", m), rows[i].on);
		assert_int_equal(configure_is_found(m), rows[i].found);
		config_free(&c);
	}
}

/* The one rule of the stage, of another measure. */
static void
judge_replica(struct stage *s)
{
	const struct rule_text text = { .name = "crowd",
		.when = "replica_up < 1" };
	struct rule *rules = mem_new(1, sizeof *rules);
	struct err e;

	assert_int_equal(rule_parse(rules, &text, NULL, &e), 0);
	alerts_free(s->agent.alerts);
	s->agent.alerts = alerts_new(rules, 1, announce, &s->agent);
}

static void
look(struct stage *s, int64_t later_s, double up)
{
	struct alerts *as = s->agent.alerts;
	double values[MEASURE_COUNT] = { 0 };

	s->s += later_s;
	values[MEASURE_REPLICA_UP] = up;
	alerts_step(as, alerts_of(as, "app"), values, (struct now){
	    s->s * 1000, WALL + s->s * 1000 });
}

static void
change(struct stage *s, struct config *c, const char *from, const char *to)
{
	struct config old;

	read_config(&old, from);
	read_config(c, to);
	s->agent.config = c;
	taken_out_mark(&s->agent, &old);
	config_free(&old);
}

static void
test_a_replica_is_taken_out(void **state)
{
	struct stage *s = *state;
	struct config c;

	judge_replica(s);
	add(s, 0, false);
	look(s, 1, 0);
	must_hear(s, 0, "firing app crowd");
	change(s, &c, NAS, DRILL);
	look(s, 1, NAN);
	look(s, 119, NAN);
	must_hear(s, 0, "");
	look(s, 1, NAN);
	must_hear(s, 0, "resolved app crowd");
	config_free(&c);
}

/* Nor is it forgotten by a second reload, but by one that puts it back. */
static void
test_it_is_put_back(void **state)
{
	struct stage *s = *state;
	struct config c;

	judge_replica(s);
	add(s, 0, false);
	look(s, 1, 0);
	must_hear(s, 0, "firing app crowd");
	change(s, &c, NAS, "");
	assert_true(the_alert(s)->off);
	config_free(&c);
	change(s, &c, "", DRILL);
	assert_true(the_alert(s)->off);
	config_free(&c);
	change(s, &c, DRILL, NAS);
	assert_false(the_alert(s)->off);
	look(s, 1, NAN);
	look(s, 120, NAN);
	must_hear(s, 0, "no_data app crowd");
	config_free(&c);
}

/* Nobody has said that there is one: it may be Litestream that is down. */
static void
test_one_that_was_found(void **state)
{
	struct stage *s = *state;
	struct config c;

	judge_replica(s);
	add(s, 0, false);
	look(s, 1, 0);
	must_hear(s, 0, "firing app crowd");
	change(s, &c, "", "");
	look(s, 1, NAN);
	look(s, 120, NAN);
	must_hear(s, 0, "no_data app crowd");
	config_free(&c);
}

#define STAGE(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_measured),
		STAGE(test_a_replica_is_taken_out), STAGE(test_it_is_put_back),
		STAGE(test_one_that_was_found),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
