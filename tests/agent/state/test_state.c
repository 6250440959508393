/*
 * What is put into state.db is there again, all of a transaction or none of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "alerts/alerts.h"
#include "alerts/silence.h"
#include "tests/agent/place.h"

static void
list_alert(void *arg, const struct alert_record *a)
{
	buf_addf(arg, "%s %s %d %d %lld %lld %g\n", a->rule, a->db,
	    (int)a->state, a->announced, (long long)a->since_ms,
	    (long long)a->fired_ms, isnan(a->value) ? -1 : a->value);
}

static void
list_outbox(void *arg, const char *id, const char *receiver, const char *json,
    int64_t at_ms, bool handed)
{
	buf_addf(arg, "%s %s %s %lld%s\n", id, receiver, json,
	    (long long)at_ms, handed ? " handed" : "");
}

static void
list_history(void *arg, const char *db, const char *measure, int64_t at_s,
    const float p[3])
{
	buf_addf(arg, "%s %s %lld %g %g %g\n", db, measure, (long long)at_s,
	    isnan(p[0]) ? -1 : (double)p[0], (double)p[1], (double)p[2]);
}

/* All of one table must be this text. */
static void
assert_rows(struct state *s, char which, const char *want)
{
	struct buf b;
	struct err e = { "" };
	int rc = -1;

	buf_init(&b, 65536);
	if (which == 'a')
		rc = state_each_alert(s, list_alert, &b, &e);
	else if (which == 'o')
		rc = state_each_outbox(s, list_outbox, &b, &e);
	else if (which == 'h')
		rc = state_each_history(s, 0, list_history, &b, &e);
	assert_string_equal(e.text, "");
	assert_int_equal(rc, 0);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

static void
test_alerts(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);
	struct alert_record a = {
		.rule = "size", .db = "app", .state = ALERT_FIRING,
		.announced = true, .since_ms = 20, .fired_ms = 10, .value = 5,
	};
	const struct alert_record b = {
		.rule = "lag", .db = "x'y\"", .state = ALERT_NO_DATA,
		.announced = true, .since_ms = 3, .value = (double)NAN,
	};

	assert_int_equal(state_put_alert(s, &a, &p->e), 0);
	assert_int_equal(state_put_alert(s, &b, &p->e), 0);
	a.state = ALERT_PENDING;
	assert_int_equal(state_put_alert(s, &a, &p->e), 0);
	state_close(s);
	s = must_open(p);
	assert_rows(s, 'a', "lag x'y\" 3 1 3 0 -1\nsize app 1 1 20 10 5\n");
	assert_int_equal(state_drop_alert(s, "lag", "x'y\"", &p->e), 0);
	assert_int_equal(state_drop_alert(s, "lag", "gone", &p->e), 0);
	assert_rows(s, 'a', "size app 1 1 20 10 5\n");
	state_close(s);
}

static void
test_outbox(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);

	assert_int_equal(state_put_outbox(s, "m2", "ops", "{2}", 7, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "m1", "ops", "{1}", 7, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "m0", "ops", "{0}", 6, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "m2", "dev", "{2}", 7, &p->e), 0);
	/* Twice is once: the keeper may run a job again. */
	assert_int_equal(state_put_outbox(s, "m2", "ops", "{x}", 7, &p->e), 0);
	state_close(s);
	s = must_open(p);
	assert_rows(s, 'o', "m0 ops {0} 6\nm2 ops {x} 7\nm1 ops {1} 7\n"
	    "m2 dev {2} 7\n");
	assert_int_equal(state_drop_outbox(s, "m2", "ops", &p->e), 0);
	assert_rows(s, 'o', "m0 ops {0} 6\nm1 ops {1} 7\nm2 dev {2} 7\n");
	state_close(s);
}

/* Who handed a message over and who got it know so after a restart. */
static void
test_handed(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);

	assert_int_equal(state_put_outbox(s, "m", "ops", "{}", 1, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "m", "dev", "{}", 1, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "n", "ops", "{}", 1, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "m", "spare", "{}", 2, &p->e), 0);
	assert_int_equal(state_hand_outbox(s, "m", "ops", "spare", &p->e), 0);
	/* The keeper may do it again. */
	assert_int_equal(state_put_outbox(s, "m", "spare", "{}", 2, &p->e), 0);
	state_close(s);
	s = must_open(p);
	assert_rows(s, 'o', "m ops {} 1 handed\nm dev {} 1\nn ops {} 1\n"
	    "m spare {} 2 handed\n");
	state_close(s);
}

static void
list_silence(void *arg, struct silence *x)
{
	buf_addf(arg, "%s %s %s %s %s %s %lld %lld\n", x->id,
	    x->db ? x->db : "-", x->rule ? x->rule : "-",
	    x->severity ? x->severity : "-", x->why, x->who,
	    (long long)x->from_ms, (long long)x->until_ms);
	silence_done(x);
}

static void
test_silences(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);
	char db[] = "a'b", rule[] = "write-*", none[] = "", who[] = "root";
	struct silence a = {
		.id = "s1", .db = db, .why = none, .who = who,
		.from_ms = 20, .until_ms = 90,
	};
	const struct silence b = {
		.id = "s2", .rule = rule, .severity = who, .why = who,
		.who = none, .from_ms = 10, .until_ms = 80,
	};
	struct buf rows;

	assert_int_equal(state_put_silence(s, &a, &p->e), 0);
	assert_int_equal(state_put_silence(s, &b, &p->e), 0);
	a.until_ms = 95;
	assert_int_equal(state_put_silence(s, &a, &p->e), 0);
	state_close(s);
	s = must_open(p);
	buf_init(&rows, 4096);
	assert_int_equal(state_each_silence(s, list_silence, &rows, &p->e), 0);
	assert_string_equal(rows.data, "s2 - write-* root root  10 80\n"
	    "s1 a'b - -  root 20 95\n");
	buf_free(&rows);
	assert_int_equal(state_drop_silence(s, "s2", &p->e), 0);
	assert_int_equal(state_drop_silence(s, "s2", &p->e), 0);
	buf_init(&rows, 4096);
	assert_int_equal(state_each_silence(s, list_silence, &rows, &p->e), 0);
	assert_string_equal(rows.data, "s1 a'b - -  root 20 95\n");
	buf_free(&rows);
	state_close(s);
}

static void
put_point(struct place *p, struct state *s, const char *db, int64_t at_s,
    float mean)
{
	const float point[3] = { mean, 1, 9 };

	assert_int_equal(state_put_history(s, db, "write_rate", at_s, point,
	    &p->e), 0);
}

static void
test_history(void **state)
{
	const int64_t day = 86400, month = STATE_HISTORY_DAYS * day;
	struct place *p = *state;
	struct state *s = must_open(p);

	put_point(p, s, "gone", 300, 2);
	put_point(p, s, "b", month + 600, NAN);
	put_point(p, s, "a", month + 300, 3);
	put_point(p, s, "a", 600, 4);
	put_point(p, s, "a", 600, 5);
	assert_rows(s, 'h', "gone write_rate 300 2 1 9\n"
	    "a write_rate 600 5 1 9\n"
	    "a write_rate 2592300 3 1 9\nb write_rate 2592600 -1 1 9\n");
	assert_int_equal(state_prune(s, month + day + 700, &p->e), 0);
	assert_rows(s, 'h', "a write_rate 2592300 3 1 9\n"
	    "b write_rate 2592600 -1 1 9\n");
	put_point(p, s, "gone", month + 900, 6);	/* comes back */
	state_close(s);
	s = must_open(p);
	assert_rows(s, 'h', "a write_rate 2592300 3 1 9\n"
	    "b write_rate 2592600 -1 1 9\ngone write_rate 2592900 6 1 9\n");
	state_close(s);
}

static void
test_transaction(void **state)
{
	struct place *p = *state;
	struct state *s = must_open(p);

	assert_int_equal(state_begin(s, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "1", "r", "{}", 1, &p->e), 0);
	assert_int_equal(state_begin(s, &p->e), -1);
	state_rollback(s);
	state_rollback(s);	/* none is begun: no harm */
	assert_rows(s, 'o', "");
	assert_int_equal(state_commit(s, &p->e), -1);
	assert_int_equal(state_begin(s, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "2", "r", "{}", 2, &p->e), 0);
	assert_int_equal(state_put_outbox(s, "3", "r", "{}", 3, &p->e), 0);
	assert_int_equal(state_commit(s, &p->e), 0);
	assert_int_equal(state_begin(s, &p->e), 0);
	assert_int_equal(state_drop_outbox(s, "2", "r", &p->e), 0);
	state_close(s);		/* in the middle of one */
	s = must_open(p);
	assert_rows(s, 'o', "2 r {} 2\n3 r {} 3\n");
	state_close(s);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
test_modes(void **state)
{
	struct place *p = *state;
	mode_t before = umask(0);
	struct state *s = must_open(p);
	char *name = mem_printf("%s/deep/er", p->dir);

	assert_int_equal(mode_of(name), 0700);
	free(name);
	assert_int_equal(mode_of(p->path), 0600);
	name = mem_printf("%s-wal", p->path);
	assert_int_equal(mode_of(name), 0600);
	free(name);
	umask(before);
	state_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_alerts), STORY(test_outbox), STORY(test_handed),
		STORY(test_history), STORY(test_silences),
		STORY(test_transaction), STORY(test_modes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
