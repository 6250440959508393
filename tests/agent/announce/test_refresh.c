/*
 * refresh: what is open goes again to who wants to hear it, and what is over
 * does for a while.
 */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "agent/announce/refresh.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "alerts/heard.h"
#include "tests/alerts/batch.h"

#define MINUTE_MS	60000

static const struct reply fine[] = { { REPLY, "200 OK", "" } };

static const struct rule_text texts[] = {
	{ .name = "busy", .when = "write_rate > 50/s" },
	{ .name = "down", .when = "up < 1" },
	{ .name = "theirs", .when = "readers > 5", .receivers = "others" },
};

/* An agent of which only what refresh.c asks for is there. */
struct scene_of {
	struct agent	 agent;
	struct world	*world;
	struct server	*server;
	struct receiver_type type;
	struct alert_set *set;		/* of the database app */
};

static void
on_point(void *arg, const char *db, int measure, int64_t at_s,
    const struct point *p)
{
	(void)arg;
	(void)db;
	(void)measure;
	(void)at_s;
	(void)p;
}

static void
on_change(void *arg, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	(void)arg;
	(void)set;
	(void)a;
	(void)what;
}

static struct alerts *
all_rules(void)
{
	const size_t n = sizeof texts / sizeof *texts;
	struct rule *rules = mem_new(n, sizeof *rules);
	struct err e;

	for (size_t i = 0; i < n; i++)
		if (rule_parse(&rules[i], &texts[i], NULL, &e) == -1)
			fail_msg("%s", e.text);
	return alerts_new(rules, n, on_change, NULL);
}

static void
add(struct scene_of *s, bool no_resolved)
{
	struct receiver r = batch_at("am", s->server->port, 0);

	s->type = batch_type;
	s->type.refresh_ms = MINUTE_MS;
	r.type = &s->type;
	r.no_resolved = no_resolved;
	outbox_add_receiver(s->world->outbox, &r);
}

static int
setup(void **state)
{
	struct scene_of *s;

	NEW(s);
	s->server = server_start(fine, 1);
	s->world = world_new(10);
	s->agent.outbox = s->world->outbox;
	s->agent.histories = history_pool_new(on_point, NULL);
	s->agent.store = store_new(s->agent.histories);
	s->agent.alerts = all_rules();
	s->agent.base_url = mem_strdup("http://127.0.0.1:10925");
	s->set = alerts_of(s->agent.alerts, "app");
	add(s, false);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct scene_of *s = *state;

	refresh_free(&s->agent);
	alerts_free(s->agent.alerts);
	store_free(s->agent.store);
	history_pool_free(s->agent.histories);
	free(s->agent.base_url);
	world_free(s->world);
	server_free(s->server);
	free(s);
	return 0;
}

static void
fires(struct scene_of *s, size_t i)
{
	struct alert *a = &s->set->alerts[i];

	a->state = ALERT_FIRING;
	a->announced = a->known = true;
	heard_by(a, i == 2 ? "others" : "am");
	a->value = 99;
}

/* In so many minutes from now the receiver must hear this; "": nothing. */
static void
must_say(struct scene_of *s, int minutes, const char *want)
{
	size_t had = server_count(s->server);

	refresh_tick(&s->agent, mono_ms() + (int64_t)minutes * MINUTE_MS);
	if (*want == '\0') {	/* this would come after it */
		send_to(s->world, "am", NOTIFY_FIRING, "marker");
		want = "firing marker lag";
	}
	run(s->world, 0, s->server, had + 1);
	assert_said(s->server, had, want);
}

static void
test_open(void **state)
{
	struct scene_of *s = *state;

	fires(s, 0);
	fires(s, 1);
	fires(s, 2);		/* this receiver has not heard of it */
	s->set->alerts[1].state = ALERT_NO_DATA;
	must_say(s, 0, "firing app busy, no_data app down");
	/* Not again before its time, then again. */
	must_say(s, 0, "");
	must_say(s, 1, "firing app busy, no_data app down");
}

/* What nobody was told, or is to be told, is not. */
static void
test_quiet(void **state)
{
	struct scene_of *s = *state;

	s->set->alerts[0].state = ALERT_PENDING;
	fires(s, 1);
	s->set->alerts[1].silenced = true;
	must_say(s, 0, "");
	s->set->alerts[1].silenced = false;
	s->set->alerts[1].known = false;
	must_say(s, 1, "");
	s->set->alerts[1].known = true;
	must_say(s, 2, "firing app down");
}

static void
note(struct scene_of *s, const char *alert)
{
	struct notification *n = make_alert(NOTIFY_RESOLVED, "app", alert);

	refresh_note(&s->agent, n);
	notification_free(n);
}

static void
test_ended(void **state)
{
	struct scene_of *s = *state;

	note(s, "busy");
	note(s, "down");
	note(s, "theirs");
	note(s, "of-a-rule-that-is-gone");
	fires(s, 1);		/* again, since */
	must_say(s, 0, "firing app down, resolved app busy");
	s->set->alerts[1].announced = false;
	must_say(s, 4, "resolved app busy, resolved app down");
	must_say(s, 6, "");
}

/* Who wants no good news gets none this way either. */
static void
test_no_resolved(void **state)
{
	struct scene_of *s = *state;

	add(s, true);
	note(s, "busy");
	fires(s, 1);
	must_say(s, 0, "firing app down");
}

#define STORY(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_open), STORY(test_quiet), STORY(test_ended),
		STORY(test_no_resolved),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
