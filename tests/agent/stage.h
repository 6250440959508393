/*
 * stage - an agent that announces, and who hears it, for tests.
 *
 * Included after cmocka.h.  There is one rule, one database and no state.db:
 * what is told goes out from memory.
 */
#ifndef TESTS_AGENT_STAGE_H
#define TESTS_AGENT_STAGE_H

#include "agent/agent.h"
#include "agent/announce/announce.h"
#include "agent/announce/refresh.h"
#include "agent/announce/silencing.h"
#include "agent/config/config.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "alerts/alerts.h"
#include "tests/alerts/batch.h"

#define RECEIVERS	3
#define WALL		1700000000000LL

static const struct reply fine[] = { { REPLY, "200 OK", "" } };

/* An agent of which only what announce.c asks for is there, and three
 * receivers; the second is the fallback of the first. */
struct stage {
	struct agent	 agent;
	struct config	 config;	/* an empty one */
	struct world	*world;
	struct server	*servers[RECEIVERS];
	size_t		 had[RECEIVERS];	/* requests that were read */
	int64_t		 s;		/* of the test's clock */
};

static const char *const names[RECEIVERS] = { "ops", "spare", "night" };

static inline void
on_point(void *arg, const char *db, int measure, int64_t at_s,
    const struct point *p)
{
	(void)arg;
	(void)db;
	(void)measure;
	(void)at_s;
	(void)p;
}

/* One rule: more than 10 readers, told to these. */
static inline struct alerts *
rule_for(struct agent *a, const char *receivers)
{
	const struct rule_text text = {
		.name = "crowd", .when = "readers > 10", .clear = "10",
		.receivers = receivers,
	};
	struct rule *rules = mem_new(1, sizeof *rules);
	struct err e;

	if (rule_parse(rules, &text, NULL, &e) == -1)
		fail_msg("%s", e.text);
	return alerts_new(rules, 1, announce, a);
}

static inline void
add(struct stage *s, size_t i, bool reserve)
{
	struct receiver r = batch_at(names[i], s->servers[i]->port, 0);

	r.reserve = reserve;
	if (i == 0)
		r.fallback = mem_strdup(names[1]);
	outbox_add_receiver(s->world->outbox, &r);
}

static inline int
setup(void **state)
{
	struct stage *s;
	struct agent *a;

	NEW(s);
	a = &s->agent;
	s->world = world_new(10);
	config_init(&s->config);
	a->config = &s->config;
	a->loop = s->world->loop;
	a->outbox = s->world->outbox;
	a->histories = history_pool_new(on_point, NULL);
	a->store = store_new(a->histories);
	a->silences = silences_new();
	a->alerts = rule_for(a, NULL);
	a->base_url = mem_strdup("http://127.0.0.1:10925");
	err_set(&a->state_why, "there is none");
	for (size_t i = 0; i < RECEIVERS; i++)
		s->servers[i] = server_start(fine, 1);
	*state = s;
	return 0;
}

static inline int
teardown(void **state)
{
	struct stage *s = *state;
	struct agent *a = &s->agent;

	alerts_free(a->alerts);
	silences_free(a->silences);
	refresh_free(a);
	announce_free(a);
	store_free(a->store);
	history_pool_free(a->histories);
	free(a->base_url);
	config_free(&s->config);
	world_free(s->world);
	for (size_t i = 0; i < RECEIVERS; i++)
		server_free(s->servers[i]);
	free(s);
	return 0;
}

/* So many seconds later there are so many readers. */
static inline void
see(struct stage *s, int64_t later_s, double readers)
{
	struct alerts *as = s->agent.alerts;
	double values[MEASURE_COUNT] = { 0 };

	s->s += later_s;
	values[MEASURE_READERS] = readers;
	alerts_step(as, alerts_of(as, "app"), values, (struct now){
	    s->s * 1000, WALL + s->s * 1000 });
}

static inline const struct alert *
the_alert(const struct stage *s)
{
	return &alerts_first(s->agent.alerts)->alerts[0];
}

/* What the receiver is told next is this, and it is all; "": nothing. */
static inline void
must_hear(struct stage *s, size_t i, const char *want)
{
	struct server *server = s->servers[i];

	send_to(s->world, names[i], NOTIFY_FIRING, "marker");
	run(s->world, 0, server, s->had[i] + 1 + (*want != '\0'));
	if (*want != '\0')
		assert_said(server, s->had[i]++, want);
	assert_said(server, s->had[i]++, "firing marker lag");
}

static inline void
all_must_hear(struct stage *s, const char *want)
{
	for (size_t i = 0; i < RECEIVERS; i++)
		must_hear(s, i, want);
}

static inline void
add_all(struct stage *s)
{
	for (size_t i = 0; i < RECEIVERS; i++)
		add(s, i, false);
}

static inline void
silence(struct stage *s, bool on)
{
	const struct silence *made;
	char id[sizeof made->id];
	struct err e;

	if (on) {
		assert_int_equal(silencing_add(&s->agent, "db=app", "1h", "",
		    "", &made, &e), 0);
		return;
	}
	memcpy(id, silences_first(s->agent.silences)->id, sizeof id);
	assert_int_equal(silencing_end(&s->agent, id, &e), 0);
}

#endif
