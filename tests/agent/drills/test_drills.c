/*
 * The agent's part of a drill: the child on the loop with programs that answer
 * well, badly and not at all; and by a clock of its own, the whole way from the
 * configuration to what is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "agent/config/config.h"
#include "agent/drills/drill_child.h"
#include "agent/drills/drills.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "base/batch.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "collectors/collector.h"
#include "litestream/drill.h"

#define DAY	INT64_C(86400000)

/* What the test adds to both clocks. */
static int64_t shift_ms;

static int64_t
read_ms(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + shift_ms;
}

int64_t
mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
mono_us(void)
{
	return mono_ms() * 1000;
}

int64_t
wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

void
clock_text(char text[CLOCK_TEXT_MAX], int64_t ms)
{
	(void)snprintf(text, CLOCK_TEXT_MAX, "%lld", (long long)ms);
}

struct stage {
	char		 dir[64];
	char		*program;	/* owned */
	struct agent	 agent;
	struct agent_flags flags;
	struct config	 config;
	struct drill	*drills;	/* owned; what a child told */
	char		*why;		/* owned */
	unsigned	 told;
	struct err	 e;
};

static void
no_history(void *arg, const char *db, int measure, int64_t at_s,
    const struct point *p)
{
	(void)arg;
	(void)db;
	(void)measure;
	(void)at_s;
	(void)p;
}

static int
enter(void **state)
{
	struct stage *s;

	NEW(s);
	shift_ms = 0;
	memcpy(s->dir, "/tmp/litegauge-drills-XXXXXX", 29);
	assert_non_null(mkdtemp(s->dir));
	s->program = mem_printf("%s/program", s->dir);
	s->agent.flags = &s->flags;
	s->agent.config = &s->config;
	s->agent.started_ms = wall_ms();
	s->agent.loop = loop_new(&s->e);
	s->agent.histories = history_pool_new(no_history, NULL);
	s->agent.store = store_new(s->agent.histories);
	s->agent.drills = drills_new(&s->agent, s->program);
	*state = s;
	return 0;
}

static int
leave(void **state)
{
	struct stage *s = *state;

	drills_free(s->agent.drills);
	store_free(s->agent.store);
	history_pool_free(s->agent.histories);
	loop_free(s->agent.loop);
	unlink(s->program);
	assert_int_equal(rmdir(s->dir), 0);
	drill_free(s->drills);
	free(s->why);
	free(s->program);
	free(s);
	return 0;
}

static void
write_program(struct stage *s, const char *body)
{
	FILE *f = fopen(s->program, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", body);
	fclose(f);
	assert_int_equal(chmod(s->program, 0700), 0);
}

static void
take(void *arg, struct drill *list, const char *why)
{
	struct stage *s = arg;

	drill_free(s->drills);
	free(s->why);
	s->drills = list;
	s->why = why != NULL ? mem_strdup(why) : NULL;
	s->told++;
	loop_stop(s->agent.loop);
}

#define LINE(db, replica, outcome, at)					\
	"echo '{\"outcome\":\"" outcome "\",\"db\":\"" db "\","		\
	"\"replica\":\"" replica "\",\"why\":null,\"schema\":\"" at "\"," \
	"\"at_ms\":" at ",\"passed_ms\":0,\"took_ms\":7,\"bytes\":1,"	\
	"\"behind_bytes\":0}'\n"

static const struct {
	const char	*body;
	int		 drills;
	const char	*why;		/* NULL: none */
} bodies[] = {
	{ LINE("app", "a", "pass", "1"), 1, NULL },
	{ LINE("app", "a", "pass", "1") LINE("app", "b", "fail", "2")
	  "exit 1", 2, NULL },
	{ LINE("other", "a", "pass", "1"), 0, "another database" },
	{ "exit 2", 0, "said nothing" },
	{ "echo 'litegauge: no such thing' >&2; exit 2", 0, "no such thing" },
	{ "echo '{\"outcome\":'", 0, "not JSON" },
	{ LINE("app", "a", "pass", "1") "kill -KILL $$", 1, "signal 9" },
	{ "yes | head -c 10000000", 0, "y" },
	{ LINE("app", "a", "pass", "1") "sleep 1000", 1, "too long" },
	{ "trap '' TERM; sleep 1000", 0, "too long" },
};

static void
test_child(void **state)
{
	struct stage *s = *state;
	char *argv[] = { s->program, NULL };

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		bool slow = strstr(bodies[i].body, "sleep") != NULL;
		int n = 0;

		write_program(s, bodies[i].body);
		assert_non_null(drill_child_start(s->agent.loop, s->program,
		    argv, "app", slow ? 2000 : 30000, take, s, &s->e));
		assert_int_equal(loop_run(s->agent.loop, &s->e), 0);
		for (struct drill *d = s->drills; d != NULL; d = d->next)
			n++;
		assert_int_equal(n, bodies[i].drills);
		if (bodies[i].why == NULL ? s->why != NULL : s->why == NULL ||
		    strstr(s->why, bodies[i].why) == NULL)
			fail_msg("case %zu: %s", i, s->why);
	}
	assert_null(drill_child_start(s->agent.loop, "/nowhere", argv, "app",
	    1000, take, s, &s->e));
	assert_non_null(strstr(s->e.text, "/nowhere"));
}

/* At a shutdown it is ended, and nobody is told. */
static void
test_shutdown(void **state)
{
	struct stage *s = *state;
	char *argv[] = { s->program, NULL };

	write_program(s, "sleep 1000");
	drill_child_free(drill_child_start(s->agent.loop, s->program, argv,
	    "app", 30000, take, s, &s->e));
	assert_int_equal(s->told, 0);
}

/* The database and a replica of it, as the collector tells of one. */
static void
see_replica(struct stage *s, const char *db)
{
	const struct metric *info = NULL;
	struct batch *b = batch_new(db);

	for (size_t i = 0; i < collectors_count; i++)
		for (size_t j = 0; j < collectors[i]->nmetrics; j++)
			if (strcmp(collectors[i]->metrics[j].name,
			    "sqlite_replica_info") == 0)
				info = &collectors[i]->metrics[j];
	assert_non_null(info);
	(void)store_watch(s->agent.store, db, "/x", 1000);
	batch_add_labelled(b, info, 1, "replica=\"a\"");
	for (size_t i = 0; i < collectors_count; i++)
		batch_report(b, collectors[i], 1, NULL);
	(void)store_apply(s->agent.store, b);
	batch_free(b);
}

static void
stop_loop(void *arg)
{
	loop_stop(arg);
}

static const struct drill *
last_of(struct stage *s, const char *db)
{
	return drills_of(s->agent.drills, db);
}

static void
run_for(struct stage *s, int64_t ms)
{
	struct loop_timer t = { .fn = stop_loop, .arg = s->agent.loop };

	loop_timer_set(s->agent.loop, &t, mono_ms() + ms);
	assert_int_equal(loop_run(s->agent.loop, &s->e), 0);
}

/* Time passes, and a tick comes. */
static void
pass(struct stage *s, int64_t ms)
{
	shift_ms += ms;
	drills_tick(s->agent.drills);
	run_for(s, 100);
}

/* Then a drill is made, which comes to this sooner or later. */
static void
pass_and_drill(struct stage *s, int64_t ms, enum drill_outcome outcome)
{
	const struct drill *d = NULL;

	pass(s, ms);
	for (int i = 0; i < 1000 && (d == NULL || d->outcome != outcome); i++) {
		run_for(s, 10);
		d = last_of(s, "app");
	}
	assert_non_null(d);
	assert_int_equal(d->outcome, outcome);
}

static void
test_schedule(void **state)
{
	struct stage *s = *state;

	assert_int_equal(config_parse(&s->config, "x.ini",
	    "[database app]\npath = /x\n[drill]\nevery = 7d\ndb = a*\n"), 0);
	see_replica(s, "app");
	see_replica(s, "bpp");
	write_program(s, "for db; do :; done\n"
	    "[ \"$db\" = app ] || exit 9\n" LINE("app", "a", "pass", "1"));
	pass(s, 0);
	assert_null(last_of(s, "app"));		/* not at once */
	pass(s, 4 * 60000);
	assert_null(last_of(s, "app"));
	pass_and_drill(s, 90 * 60000, DRILL_PASS);
	assert_int_equal(last_of(s, "app")->passed_ms, 1);
	assert_null(last_of(s, "bpp"));		/* the pattern leaves it out */

	/* Not again before a week is over; then one that cannot be tried. */
	write_program(s, LINE("app", "a", "inconclusive", "5"));
	pass(s, 6 * DAY);
	assert_int_equal(last_of(s, "app")->at_ms, 1);
	pass_and_drill(s, DAY, DRILL_INCONCLUSIVE);
	assert_int_equal(last_of(s, "app")->passed_ms, 1);
	assert_int_equal(last_of(s, "app")->told_ms, 1);

	/* That is tried again in an hour, with another replica by now. */
	write_program(s, LINE("app", "b", "fail", "9"));
	pass_and_drill(s, 3700000, DRILL_FAIL);
	assert_string_equal(last_of(s, "app")->replica, "b");
	assert_null(last_of(s, "app")->next);

	drills_forget(s->agent.drills, "app");
	assert_null(last_of(s, "app"));
	config_free(&s->config);
}

/* Off: nothing is begun and nothing is told. */
static void
test_off(void **state)
{
	struct stage *s = *state;

	assert_int_equal(config_parse(&s->config, "x.ini",
	    "[database app]\npath = /x\n[drill]\ntimeout = 1m\n"), 0);
	see_replica(s, "app");
	write_program(s, LINE("app", "a", "pass", "1"));
	pass(s, 400 * DAY);
	assert_null(last_of(s, "app"));
	config_free(&s->config);
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, enter, leave)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_child), STORY(test_shutdown), STORY(test_schedule),
		STORY(test_off),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
