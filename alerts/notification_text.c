/*
 * notification_text - see notification_text.h.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/buf.h"
#include "agent/mem.h"
#include "alerts/clean.h"
#include "alerts/notification_text.h"

#define DB_SHOWN	100	/* bytes of a name within a sentence */
#define READER_LONG_MS	2000	/* a shorter read holds nobody up */

/* What the holder of each lock holds, after "has held". */
static const char *const held[] = {
	[HOLD_WRITER]		= "the write lock",
	[HOLD_CHECKPOINT]	= "the checkpoint lock",
	[HOLD_READER]		= "the oldest read mark",
};

/* A text that is ready to be sent, of what was appended. */
static char *
finish(struct buf *b)
{
	char *text = buf_take(b), *clean;

	clean = clean_copy(text, NOTIFICATION_TEXT_MAX);
	free(text);
	return clean;
}

static void
begin(struct buf *b, const struct notification *n)
{
	buf_init(b, 4 * NOTIFICATION_TEXT_MAX);
	buf_addf(b, "%.*s: ", (int)clean_fit(n->db, DB_SHOWN), n->db);
}

static void
add_quantity(struct buf *b, const struct alert *a, double value)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(b, unit_print(text, measures[a->rule->measure].unit, value));
}

static void
add_limit(struct buf *b, const struct alert *a)
{
	buf_adds(b, a->rule->op == RULE_ABOVE ? "above " : "below ");
	add_quantity(b, a, alert_limit(a));
}

static void
add_duration(struct buf *b, int64_t ms)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(b, unit_print(text, UNIT_SECONDS,
	    ms > 0 ? (double)(ms < 10000 ? ms : ms / 1000 * 1000) / 1000 : 0));
}

/* "app: write_rate is 62.0/s, above 50.0/s for 5m." */
static void
say_firing(struct buf *b, const struct notification *n, const struct alert *a)
{
	buf_addf(b, "%s is ", n->measure);
	add_quantity(b, a, a->value);
	buf_adds(b, ", ");
	add_limit(b, a);
	if (a->rule->for_ms > 0) {
		buf_adds(b, " for ");
		add_duration(b, a->rule->for_ms);
	}
	buf_adds(b, ".");
}

/* "app: write_rate is 12.0/s again, no longer above 50.0/s; the alert lasted
 * 12m." */
static void
say_resolved(struct buf *b, const struct notification *n,
    const struct alert *a)
{
	buf_addf(b, "%s is ", n->measure);
	add_quantity(b, a, a->value);
	buf_adds(b, " again, no longer ");
	add_limit(b, a);
	buf_adds(b, "; the alert lasted ");
	add_duration(b, a->since.mono_ms - a->fired.mono_ms);
	buf_adds(b, ".");
}

/* "app: write_rate has had no value for 2m; it was 62.0/s when last seen, and
 * the alert is still open." */
static void
say_no_data(struct buf *b, const struct notification *n, const struct alert *a)
{
	buf_addf(b, "%s has had no value for ", n->measure);
	add_duration(b, ALERT_BLIND_MS);
	buf_adds(b, "; it was ");
	add_quantity(b, a, a->value);
	buf_adds(b, " when last seen, and the alert is still open.");
}

/* "app: write_rate goes above 50.0/s and back again and again, 5 times within
 * 1h; nothing more is said until it has been calm for 30m." */
static void
say_flapping(struct buf *b, const struct notification *n,
    const struct alert *a)
{
	buf_addf(b, "%s goes ", n->measure);
	add_limit(b, a);
	buf_addf(b, " and back again and again, %d times within ",
	    ALERT_FIRES);
	add_duration(b, ALERT_FLAP_MS);
	buf_adds(b, "; nothing more is said of it until it has been calm for ");
	add_duration(b, ALERT_CALM_MS);
	buf_adds(b, ".");
}

static void
say_test(struct buf *b, const struct notification *n, const struct alert *a)
{
	(void)a;
	buf_addf(b, "this is a test message from litegauge on %.*s; nothing is "
	    "wrong.", (int)clean_fit(n->host, DB_SHOWN), n->host);
}

/* What each kind of message says; NULL: what the measure says. */
static const struct speech {
	void		(*fact)(struct buf *, const struct notification *,
			    const struct alert *);
	const char	*cause, *next_step;
} speeches[] = {
	[NOTIFY_FIRING] = { say_firing, NULL, NULL },
	[NOTIFY_RESOLVED] = { say_resolved,
	    "The value has come back by itself or because somebody acted; "
	    "which of the two cannot be seen from outside.",
	    "Nothing has to be done now; if it comes back often, follow the "
	    "advice of the message that said it was firing." },
	[NOTIFY_NO_DATA] = { say_no_data,
	    "The database, its disk or its replica is likely out of reach, or "
	    "the database is not open in any process now.",
	    "Look at the reason on the agent's page; the alert stays as it "
	    "was until there is a value again." },
	[NOTIFY_FLAPPING] = { say_flapping,
	    "The value lies close to the limit, or something starts and stops "
	    "in turn.",
	    "Give the rule a longer `for` or `keep`, or a `clear` farther from "
	    "the limit, if this is what you want to be told of." },
	[NOTIFY_TEST] = { say_test,
	    "Somebody ran `litegauge test-notify`.",
	    "Nothing has to be done: that you read this is the proof." },
};

/* Litestream holds a read mark by design: that is never the fault. */
static bool
is_litestream(const struct culprit *c)
{
	size_t n = strcspn(c->command, " ");
	const char *name = memrchr(c->command, '/', n);

	name = name != NULL ? name + 1 : c->command;
	return strncmp(name, "litestream", strlen("litestream")) == 0;
}

static void
say_litestream(struct notification *n, const struct culprit *c)
{
	n->cause = mem_printf("The oldest read mark is the one that Litestream "
	    "(PID %lld) always holds, which is normal: likely nobody has "
	    "checkpointed.", (long long)c->pid);
	n->next_step = mem_strdup("Check that the Litestream process is "
	    "healthy and makes its checkpoints; a restart of it is safe.");
}

static void
add_holder(struct buf *b, const struct culprit *c)
{
	char *command = clean_copy(c->command, sizeof c->command);

	if (c->pid == 0)
		buf_adds(b, "a process in another PID namespace");
	else if (c->pid < 0)
		buf_adds(b, "a process that the kernel does not name");
	else
		buf_addf(b, "PID %lld", (long long)c->pid);
	if (*command != '\0')
		buf_addf(b, " (%s)", command);
	free(command);
}

/* "Writers wait for each other: PID 9001 (rake) has held the write lock for
 * 6.2s." */
static void
say_culprit(struct notification *n, const struct measure *m,
    const struct culprit *c)
{
	struct buf b;

	buf_init(&b, 4 * NOTIFICATION_TEXT_MAX);
	buf_add(&b, m->cause, strlen(m->cause) - 1);	/* its full stop */
	buf_adds(&b, ": ");
	add_holder(&b, c);
	buf_addf(&b, " has held %s for ", held[m->culprit]);
	add_duration(&b, n->at_ms - c->since_ms);
	buf_adds(&b, ".");
	n->cause = finish(&b);
	if (c->pid <= 0)
		return;
	n->has_culprit = true;
	n->culprit_pid = c->pid;
	n->culprit_command = clean_copy(c->command, NOTIFICATION_TEXT_MAX);
}

static const struct culprit *
find_culprit(const struct notification *n, const struct measure *m,
    const struct culprit *culprits)
{
	const struct culprit *c;

	if (n->type != NOTIFY_FIRING || culprits == NULL ||
	    m->culprit == HOLD_COUNT || culprits[m->culprit].since_ms == 0)
		return NULL;
	c = &culprits[m->culprit];
	if (m->culprit == HOLD_READER && m->how != HOW_AGE &&
	    n->at_ms - c->since_ms < READER_LONG_MS)
		return NULL;
	return c;
}

void
notification_say(struct notification *n, const struct alert *a,
    const struct scene *scene)
{
	const struct measure *m = &measures[a->rule->measure];
	const struct culprit *c = find_culprit(n, m, scene->culprits);
	const struct speech *s = &speeches[n->type];
	struct buf b;

	begin(&b, n);
	s->fact(&b, n, a);
	n->summary = finish(&b);
	if (c != NULL && m->culprit == HOLD_READER && is_litestream(c))
		say_litestream(n, c);
	else if (c != NULL)
		say_culprit(n, m, c);
	if (n->cause == NULL)
		n->cause = mem_strdup(s->cause != NULL ? s->cause : m->cause);
	if (n->next_step == NULL)
		n->next_step = mem_strdup(s->next_step != NULL ? s->next_step :
		    m->next_step);
}

/* "app: write_rate is not watched any more; the alert write-rate lasted
 * 12m." */
void
notification_say_dropped(struct notification *n, const struct alert *a)
{
	struct buf b;

	begin(&b, n);
	buf_addf(&b, "%s is not watched any more; the alert %.*s lasted ",
	    n->measure, (int)clean_fit(n->alert, DB_SHOWN), n->alert);
	add_duration(&b, a->since.mono_ms - a->fired.mono_ms);
	buf_adds(&b, ".");
	free(n->summary);
	free(n->cause);
	free(n->next_step);
	n->summary = finish(&b);
	n->cause = mem_strdup("The rule or the database was taken out of the "
	    "configuration, or the file of a pattern is gone.");
	n->next_step = mem_strdup("Nothing has to be done if that was meant: "
	    "the trouble itself may go on, unseen.");
}
