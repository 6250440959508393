/*
 * keeps - two rules, and what is told of their alerts, for the tests of what a
 * restart and a new configuration carry over.
 *
 * Included after cmocka.h.
 */
#ifndef TESTS_ALERTS_KEEPS_H
#define TESTS_ALERTS_KEEPS_H

#include <string.h>

#include "alerts/alerts.h"
#include "alerts/heard.h"
#include "base/mem.h"

#define WALL	1700000000000LL

/* What the callback was told, a letter each, and how it looked then. */
struct heard {
	char			 what[64];
	size_t			 n;
	bool			 mute;		/* what fires is muted */
	char			 rule[32], heard[64];	/* by whom */
	enum alert_state	 state;
	enum severity		 severity;
	enum measure_id		 measure;
	struct alert_record	 row;
};

static inline void
copy(char *to, size_t size, const char *from)
{
	assert_true(strlen(from) < size);
	memcpy(to, from, strlen(from) + 1);
}

static inline void
on_change(void *arg, const struct alert_set *set, struct alert *a,
    enum alert_change what)
{
	static const char letters[ALERT_CHANGES + 1] = ".FRLUAXD";
	struct heard *h = arg;

	assert_true(h->n < sizeof h->what - 1);
	h->what[h->n++] = letters[what];
	h->state = a->state;
	h->severity = alert_severity(a);
	h->measure = a->rule->measure;
	if (what == ALERT_FIRED)
		a->known = !h->mute;
	if (what == ALERT_FIRED && a->known) {
		heard_by(a, "ops");
		heard_by(a, "the night shift");
	}
	alerts_save(&h->row, set, a);
	copy(h->rule, sizeof h->rule, a->rule->name);
	copy(h->heard, sizeof h->heard, h->row.heard);
	h->row.rule = h->rule;
	h->row.db = "app";
}

static const struct rule readers = {
	.measure = MEASURE_READERS, .op = RULE_ABOVE, .limit = 10, .clear = 8,
	.severity = SEVERITY_WARNING, .has_worse = true, .worse = 20,
	.worse_clear = 16, .worse_severity = SEVERITY_CRITICAL,
	.repeat_ms = { 0, 3600000, 3600000 },
};

static const struct rule mean = {
	.measure = MEASURE_WRITE_RATE, .op = RULE_ABOVE, .limit = 10,
	.clear = 8, .severity = SEVERITY_INFO, .of = WINDOW_AVG,
	.over_ms = 3600000,
};

static inline struct rule
named(const struct rule *from, const char *name)
{
	struct rule r = *from;

	r.name = mem_strdup(name);
	r.enabled = true;
	return r;
}

/* Two rules: "crowd" over readers, "busy" over the mean of write_rate. */
static inline struct alerts *
make(struct heard *h)
{
	struct rule *rules = mem_new(2, sizeof *rules);

	rules[0] = named(&readers, "crowd");
	rules[0].receivers = mem_strdup("ops");
	rules[1] = named(&mean, "busy");
	return alerts_new(rules, 2, on_change, h);
}

/* Only one, of the name. */
static inline struct alerts *
make_one(struct heard *h, const struct rule *from, const char *name)
{
	struct rule *rules = mem_new(1, sizeof *rules);

	rules[0] = named(from, name);
	return alerts_new(rules, 1, on_change, h);
}

static inline struct now
at(int64_t s)
{
	return (struct now){ s * 1000, WALL + s * 1000 };
}

static inline void
step(struct alerts *as, double crowd, double rate, int64_t s)
{
	double values[MEASURE_COUNT] = { 0 };

	values[MEASURE_READERS] = crowd;
	values[MEASURE_WRITE_RATE] = rate;
	alerts_step(as, alerts_of(as, "app"), values, at(s));
}

static inline const struct alert *
first(struct alerts *as)
{
	return &alerts_of(as, "app")->alerts[0];
}

#endif
