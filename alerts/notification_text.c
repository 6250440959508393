/*
 * notification_text - see notification_text.h.
 */
#include <stdlib.h>
#include <string.h>

#include "alerts/clean.h"
#include "alerts/message_text.h"
#include "alerts/notification_text.h"
#include "base/buf.h"
#include "base/culprit.h"
#include "base/mem.h"

#define READER_LONG_MS	2000	/* a shorter read holds nobody up */

/* What the holder of each lock holds, after "has held". */
static const char *const held[] = {
	[HOLD_WRITER]		= "the write lock",
	[HOLD_CHECKPOINT]	= "the checkpoint lock",
	[HOLD_READER]		= "the oldest read mark",
};

/* What each story says beside its fact; NULL: what a diagnosis or the measure
 * says, for the trouble is there now. */
static const struct speech {
	const char	*cause, *next_step;
} speeches[STORY_COUNT] = {
	[STORY_RESOLVED] = {
	    "The value has come back by itself or because somebody acted; "
	    "which of the two cannot be seen from outside.",
	    "Nothing has to be done now; if it comes back often, follow the "
	    "advice of the message that said it was firing." },
	[STORY_CALM] = {
	    "Whatever started and stopped in turn has likely come to rest.",
	    "Nothing has to be done now; if it begins again, give the rule a "
	    "longer `for` or `keep`." },
	[STORY_UNWATCHED] = {
	    "It was taken out of the configuration, or its file is gone from "
	    "where a pattern finds it.",
	    "If that was not meant, put it back: nobody watches it now." },
	[STORY_UNRULED] = {
	    "The rule, or what it looked at, was changed, turned off or taken "
	    "out of the configuration; the value itself was not seen to come "
	    "back.",
	    "If that was not meant, put it back: nobody watches it now." },
	[STORY_NO_DATA] = {
	    "The database, its disk or its replica is likely out of reach, or "
	    "the database is not open in any process now.",
	    "Look at the reason on the agent's page; the alert stays as it "
	    "was until there is a value again, or its rule is turned off." },
	[STORY_FLAPS] = {
	    "The value lies close to the limit, or something starts and stops "
	    "in turn.",
	    "Give the rule a longer `for` or `keep`, or a `clear` farther from "
	    "the limit, if this is what you want to be told of." },
	[STORY_TEST] = {
	    "Somebody ran `litegauge test-notify`.",
	    "Nothing has to be done: that you read this is the proof." },
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
say_litestream(struct notification *n, const struct culprit *c)
{
	n->cause = mem_printf("The oldest read mark is the one that Litestream "
	    "(PID %lld) always holds, which is normal: likely nobody has "
	    "checkpointed.", (long long)c->pid);
	n->next_step = mem_strdup("Check that the Litestream process is "
	    "healthy and makes its checkpoints; a restart of it is safe.");
}

/* "Writers wait for each other: PID 9001 (rake) has held the write lock for
 * 6.2s." */
static void
say_culprit(struct notification *n, const struct measure *m,
    const struct culprit *c)
{
	char who[CULPRIT_TEXT_MAX];
	struct buf b;

	buf_init(&b, 4 * NOTIFICATION_TEXT_MAX);
	buf_add(&b, m->cause, strlen(m->cause) - 1);	/* its full stop */
	buf_addf(&b, ": %s has held %s for ", culprit_text(who, c),
	    held[m->culprit]);
	fact_duration(&b, n->at_ms - c->since_ms);
	buf_adds(&b, ".");
	n->cause = finish(&b);
}

static void
name_culprit(struct notification *n, const struct culprit *c)
{
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

	if (culprits == NULL || m->culprit == HOLD_COUNT ||
	    culprits[m->culprit].since_ms == 0)
		return NULL;
	c = &culprits[m->culprit];
	if (m->culprit == HOLD_READER && m->how != HOW_AGE &&
	    n->at_ms - c->since_ms < READER_LONG_MS)
		return NULL;
	return c;
}

/* "The last look at it failed: open: No such file or directory." */
static void
say_down(struct notification *n, const char *why)
{
	struct buf b;

	buf_init(&b, 4 * NOTIFICATION_TEXT_MAX);
	buf_addf(&b, "The last look at the database failed: %.*s.",
	    (int)clean_fit(why, NOTIFICATION_TEXT_MAX / 2), why);
	n->cause = finish(&b);
}

/* What a measure and a diagnosis know of is trouble on the usual side.  Of
 * "write_rate < 1/m" they would say that the app writes much. */
static bool
is_unusual(const struct rule *r)
{
	return (r->op == RULE_BELOW) != measures[r->measure].falling;
}

static void
say_unusual(struct notification *n, const struct rule *r)
{
	n->cause = mem_strdup(r->op == RULE_BELOW ?
	    "There is less of it than the rule asks for: the app is likely "
	    "idle, has stopped, or works on another file." :
	    "There is more of it than the rule asks for, which is no trouble "
	    "by itself: why it is one here, whoever wrote the rule knows.");
	n->next_step = mem_strdup(r->op == RULE_BELOW ?
	    "Look whether the app runs, and whether this is the file that it "
	    "uses." :
	    "Ask whoever wrote the rule, and let its `message` say it.");
}

/* Who is in the way, and what that means; a diagnosis knows more than a
 * measure, so its cause goes first. */
static void
say_cause(struct notification *n, const struct measure *m,
    const struct scene *scene)
{
	const struct culprit *c = find_culprit(n, m, scene->culprits);
	bool normal = c != NULL && m->culprit == HOLD_READER &&
	    culprit_is_litestream(c);

	if (c != NULL && !normal)
		name_culprit(n, c);
	if (scene->cause != NULL) {
		n->cause = clean_copy(scene->cause, NOTIFICATION_TEXT_MAX);
		n->next_step = clean_copy(scene->next_step,
		    NOTIFICATION_TEXT_MAX);
	} else if (normal) {
		say_litestream(n, c);
	} else if (c != NULL) {
		say_culprit(n, m, c);
	}
}

/* The user's own word for what to do takes the place of ours. */
static void
say_message(struct notification *n, const struct alert *a)
{
	struct buf b;

	buf_init(&b, 16 * NOTIFICATION_TEXT_MAX);
	message_fill(&b, a->rule->message, n, a);
	free(n->next_step);
	n->next_step = finish(&b);
}

void
notification_say(struct notification *n, enum alert_change what,
    const struct alert *a, const struct scene *scene)
{
	const struct measure *m = &measures[a->rule->measure];
	const struct telling t = { n, what, a, scene };
	enum story story = story_of(&t);
	const struct speech *s = &speeches[story];
	bool trouble = s->cause == NULL;
	struct buf b;

	buf_init(&b, 4 * NOTIFICATION_TEXT_MAX);
	fact_say(&b, story, &t);
	n->summary = finish(&b);
	if (scene->down != NULL && (story == STORY_NO_DATA ||
	    (trouble && a->rule->measure == MEASURE_UP)))
		say_down(n, scene->down);
	else if (trouble && is_unusual(a->rule))
		say_unusual(n, a->rule);
	else if (trouble)
		say_cause(n, m, scene);
	if (n->cause == NULL)
		n->cause = mem_strdup(trouble ? m->cause : s->cause);
	if (n->next_step == NULL)
		n->next_step = mem_strdup(trouble ? m->next_step :
		    s->next_step);
	if (trouble && a->rule->message != NULL)
		say_message(n, a);
}
