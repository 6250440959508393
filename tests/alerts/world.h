/*
 * world - a loop, curl and an outbox for a test, and patience with an end.
 *
 * Included after cmocka.h.  Pieces of a test run until so many messages have
 * left the outbox and so many requests have arrived, never for a time.
 */
#ifndef TESTS_ALERTS_WORLD_H
#define TESTS_ALERTS_WORLD_H

#include "alerts/outbox.h"
#include "alerts/post.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/wire.h"
#include "tests/alerts/sample.h"
#include "tests/alerts/server.h"

#define MAX_ENDS	64
#define PATIENCE_MS	10000
#define SECRET_PATH	"s3cr3t-path"

struct ended {
	char		 id[NOTIFICATION_ID_MAX];
	char		 receiver[16];
	enum outbox_end	 end;
};

struct world {
	struct loop	*loop;
	struct wire	*wire;
	struct post	*post;
	struct outbox	*outbox;
	struct ended	 ended[MAX_ENDS];
	size_t		 nended, want;
	char		 given[MAX_ENDS][NOTIFICATION_ID_MAX];	/* in all */
	size_t		 ngiven;
	bool		 keeps;		/* nothing is given */
	struct server	*watched;	/* stop when it has seen want_seen */
	size_t		 want_seen;
	struct loop_timer tick, patience;
	bool		 impatient;
};

static inline void
on_finished(void *arg, const char *id, const char *receiver,
    enum outbox_end end)
{
	struct world *w = arg;

	assert_non_null(receiver);
	if (w->nended < MAX_ENDS) {
		struct ended *e = &w->ended[w->nended];

		memcpy(e->id, id, strlen(id) + 1);
		(void)snprintf(e->receiver, sizeof e->receiver, "%s", receiver);
		e->end = end;
	}
	w->nended++;
}

/* As the agent does it, but for the disk. */
static inline bool
on_hand(void *arg, const char *receiver, const char *fallback,
    const struct notification *n)
{
	struct world *w = arg;

	assert_string_not_equal(receiver, fallback);
	if (w->keeps)
		return false;
	assert_true(w->ngiven < MAX_ENDS);
	memcpy(w->given[w->ngiven++], n->id, sizeof n->id);
	(void)outbox_send_kept(w->outbox, fallback, notification_copy(n),
	    true);
	return true;
}

static inline void
on_patience(void *arg)
{
	struct world *w = arg;

	w->impatient = true;
	loop_stop(w->loop);
}

static inline void
on_tick(void *arg)
{
	struct world *w = arg;

	if (w->nended >= w->want && (w->watched == NULL ||
	    server_count(w->watched) >= w->want_seen))
		loop_stop(w->loop);
	else
		loop_timer_set(w->loop, &w->tick, mono_ms() + 2);
}

static inline struct world *
world_new(int64_t pace_ms)
{
	struct world *w;
	struct err e;

	NEW(w);
	w->tick = (struct loop_timer){ .fn = on_tick, .arg = w };
	w->patience = (struct loop_timer){ .fn = on_patience, .arg = w };
	w->loop = loop_new(&e);
	assert_non_null(w->loop);
	w->wire = wire_new(w->loop);
	assert_non_null(w->wire);
	w->post = post_new(w->wire);
	w->outbox = outbox_new(w->loop, w->post, on_finished, w);
	outbox_set_pace(w->outbox, pace_ms);
	outbox_set_hand(w->outbox, on_hand);
	return w;
}

static inline void
world_free(struct world *w)
{
	outbox_free(w->outbox);
	post_free(w->post);
	wire_free(w->wire);
	loop_free(w->loop);
	free(w);
}

/* Run until so many items have ended and the server has seen so many. */
static inline void
run(struct world *w, size_t ended, struct server *s, size_t seen)
{
	struct err e;

	w->want = ended;
	w->watched = s;
	w->want_seen = seen;
	loop_timer_set(w->loop, &w->tick, mono_ms());
	loop_timer_set(w->loop, &w->patience, mono_ms() + PATIENCE_MS);
	assert_int_equal(loop_run(w->loop, &e), 0);
	loop_timer_clear(w->loop, &w->tick);
	loop_timer_clear(w->loop, &w->patience);
	if (w->impatient)
		fail_msg("%zu of %zu ended", w->nended, ended);
}

/* A receiver on loopback, for a test to make more of. */
static inline struct receiver
receiver_at(const char *name, int port)
{
	return (struct receiver){
		.name = mem_strdup(name),
		.type = receiver_type_find("webhook"),
		.texts[RECEIVER_URL] = mem_printf("http://127.0.0.1:%d/"
		    SECRET_PATH, port),
	};
}

static inline void
add_receiver(struct world *w, const char *name, int port)
{
	struct receiver r = receiver_at(name, port);

	outbox_add_receiver(w->outbox, &r);
}

static inline struct notification *
make_alert(enum notification_type type, const char *db, const char *alert_name)
{
	char *name = mem_strdup(alert_name);
	const struct rule rule = {
		.name = name, .measure = MEASURE_CHECKPOINT_LAG, .limit = 300,
	};
	const struct alert alert = { .rule = &rule, .value = 400 };
	struct notification *n = sample_of(type, &alert, db, NULL, wall_ms());

	free(name);
	return n;
}

static inline struct notification *
make(enum notification_type type, const char *db)
{
	return make_alert(type, db, "lag");
}

static inline void
send_alert(struct world *w, const char *receiver, enum notification_type type,
    const char *db, const char *alert)
{
	assert_int_equal(outbox_send(w->outbox, receiver,
	    make_alert(type, db, alert)), 0);
}

static inline void
send_to(struct world *w, const char *receiver, enum notification_type type,
    const char *db)
{
	send_alert(w, receiver, type, db, "lag");
}

static inline struct outbox_stats
stats_of(const struct world *w, size_t i)
{
	struct outbox_stats s;

	outbox_stats(w->outbox, i, &s);
	return s;
}

static inline void
assert_ends(const struct world *w, const enum outbox_end *ends, size_t n)
{
	assert_int_equal(w->nended, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(w->ended[i].end, ends[i]);
}

#endif
