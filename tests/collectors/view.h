/*
 * view - one collector looks at one database, on a clock of the test's own.
 */
#ifndef TESTS_COLLECTORS_VIEW_H
#define TESTS_COLLECTORS_VIEW_H

#include "tests/collectors/app.h"

#include <math.h>

#include "base/batch.h"
#include "base/clock.h"
#include "collectors/collector.h"
#include "collectors/database.h"

#define WALL_MS	1700000000000	/* of the clock's zero */

static int64_t clock_ms = 1000000;

int64_t
mono_ms(void)
{
	return clock_ms;
}

int64_t
mono_us(void)
{
	return clock_ms * 1000;
}

int64_t
wall_ms(void)
{
	return WALL_MS + clock_ms;
}

void
clock_text(char text[CLOCK_TEXT_MAX], int64_t ms)
{
	(void)snprintf(text, CLOCK_TEXT_MAX, "%lld", (long long)ms);
}

struct view {
	struct place	*p;
	struct app	 app, other;
	struct database	*db;
	const struct collector *c;
	void		*state;
	struct batch	*b;	/* what the last sample said */
	int		 status;
};

static inline int
view_begin(void **state, const struct collector *c)
{
	struct view *v;

	NEW(v);
	setup((void **)&v->p);
	v->db = database_new("app", v->p->db, 1000);
	v->c = c;
	v->state = mem_new(1, c->state_size + 1);
	*state = v;
	return 0;
}

static inline int
view_end(void **state)
{
	struct view *v = *state;

	if (v->app.pid != 0)
		app_kill(&v->app);
	if (v->other.pid != 0)
		app_kill(&v->other);
	if (v->c->done != NULL)
		v->c->done(v->db, v->state);
	if (v->b != NULL)
		batch_free(v->b);
	database_free(v->db);
	free(v->state);
	teardown((void **)&v->p);
	free(v);
	return 0;
}

/* One sample, a second after the last. */
static inline void
sample(struct view *v)
{
	clock_ms += 1000;
	if (v->b != NULL)
		batch_free(v->b);
	v->b = batch_new("app");
	if (database_look(v->db, &v->p->e) == -1)
		fail_msg("%s", v->p->e.text);
	v->status = v->c->sample(v->db, v->state, v->b, &v->p->e);
}

static inline bool
is_of(const struct sample *s, const char *metric, const char *labels)
{
	return strcmp(s->metric->name, metric) == 0 && (labels == NULL ||
	    (s->labels != NULL && strstr(s->labels, labels) != NULL));
}

/* Of the sample whose labels have that in them; NAN: there is none. */
static inline double
value_of(const struct view *v, const char *metric, const char *labels)
{
	for (size_t i = 0; i < v->b->nsamples; i++)
		if (is_of(&v->b->samples[i], metric, labels))
			return v->b->samples[i].value;
	return (double)NAN;
}

#define value(v, metric)	value_of(v, metric, NULL)
#define ASSERT_VALUE(v, metric, want)	do {				\
	double is_ = value(v, metric), want_ = (want);			\
	if (!(is_ == want_))						\
		fail_msg("%s: %.9g, not %.9g", metric, is_, want_);	\
} while (0)

#endif
