/*
 * notification - see notification.h; its words are in notification_text.c, its
 * JSON in notification_json.c.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "alerts/clean.h"
#include "alerts/notification.h"
#include "alerts/notification_text.h"
#include "base/buf.h"
#include "base/mem.h"

#define ID_RANDOM	24	/* characters of 5 bits: never twice */

static const char *const type_names[] = {
	[NOTIFY_FIRING]		= "alert.firing",
	[NOTIFY_RESOLVED]	= "alert.resolved",
	[NOTIFY_NO_DATA]	= "alert.no_data",
	[NOTIFY_FLAPPING]	= "alert.flapping",
	[NOTIFY_TEST]		= "alert.test",
	[NOTIFY_DIGEST]		= "agent.digest",
};

const char *
notification_type_name(enum notification_type t)
{
	return type_names[t];
}

static void
make_id(char id[NOTIFICATION_ID_MAX])
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned char bytes[ID_RANDOM];
	ssize_t got = getrandom(bytes, sizeof bytes, 0);

	assert(got == sizeof bytes);	/* so few cannot fail */
	memcpy(id, "msg_", 4);
	for (size_t i = 0; i < ID_RANDOM; i++)
		id[4 + i] = alphabet[bytes[i] & 31];
	id[4 + ID_RANDOM] = '\0';
}

/* The page, at the database: what is not plain in its name is escaped. */
static char *
make_url(const char *base, const char *db)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	struct buf b;
	char *raw, *url;

	buf_init(&b, NOTIFICATION_TEXT_MAX);
	buf_add(&b, base, clean_fit(base, NOTIFICATION_TEXT_MAX / 2));
	while (b.len > 0 && b.data[b.len - 1] == '/')
		b.data[--b.len] = '\0';
	buf_adds(&b, "/#");
	for (const char *c = db; *c != '\0'; c++)
		buf_addf(&b, strchr(plain, *c) != NULL ? "%c" : "%%%02X",
		    (unsigned char)*c);
	raw = buf_take(&b);
	url = clean_copy(raw, NOTIFICATION_TEXT_MAX);
	free(raw);
	return url;
}

static char *
own(const char *text)
{
	return clean_copy(text, NOTIFICATION_TEXT_MAX);
}

/* What both kinds share: who says it, when and where. */
static struct notification *
begin(enum notification_type type, const struct scene *s)
{
	struct notification *n;

	NEW(n);
	make_id(n->id);
	n->type = type;
	n->at_ms = s->wall_ms;
	n->db = own(s->db);
	n->host = own(s->host);
	n->url = make_url(s->base_url, n->db);
	return n;
}

static struct notification *
say(enum notification_type type, enum alert_change what, const struct alert *a,
    const struct scene *s)
{
	const struct measure *m = &measures[a->rule->measure];
	struct notification *n = begin(type, s);

	n->reminder = what == ALERT_REPEATED;
	n->begins = what == ALERT_FIRED;
	n->alert = own(a->rule->name);
	n->severity = own(severity_name(alert_severity(a)));
	if (alert_before(a, type == NOTIFY_RESOLVED) != NULL)
		n->before = own(alert_before(a, type == NOTIFY_RESOLVED));
	n->measure = own(m->name);
	n->unit = own(unit_name(m->unit));
	n->value = isfinite(a->value) ? a->value : NAN;
	n->threshold = alert_limit(a);
	n->since_ms = alert_past(a)->fired.wall_ms;
	notification_say(n, what, a, s);
	return n;
}

struct notification *
notification_new(enum alert_change what, const struct alert *a,
    const struct scene *s)
{
	static const enum notification_type types[ALERT_CHANGES] = {
		[ALERT_FIRED]	 = NOTIFY_FIRING,
		[ALERT_RESOLVED] = NOTIFY_RESOLVED,
		[ALERT_LOST]	 = NOTIFY_NO_DATA,
		[ALERT_RAISED]	 = NOTIFY_FIRING,
		[ALERT_REPEATED] = NOTIFY_FIRING,
		[ALERT_FLAPS]	 = NOTIFY_FLAPPING,
		[ALERT_DROPPED]	 = NOTIFY_RESOLVED,
	};
	enum notification_type type = types[what];

	if (what == ALERT_REPEATED && a->state == ALERT_NO_DATA)
		type = NOTIFY_NO_DATA;
	return what == ALERT_NOTHING ? NULL : say(type, what, a, s);
}

struct notification *
notification_digest(const char *summary, const char *cause,
    const char *next_step, const struct scene *s)
{
	struct notification *n = begin(NOTIFY_DIGEST, s);

	n->alert = own("digest");
	n->severity = own(severity_name(SEVERITY_INFO));
	n->measure = own("");
	n->unit = own("");
	n->value = NAN;
	n->since_ms = s->wall_ms;
	n->summary = own(summary);
	n->cause = own(cause);
	n->next_step = own(next_step);
	return n;
}

struct notification *
notification_test(enum notification_type type, const char *host,
    const char *base_url, int64_t wall_ms)
{
	static const enum alert_change changes[NOTIFY_TYPES] = {
		[NOTIFY_FIRING]	  = ALERT_FIRED,
		[NOTIFY_RESOLVED] = ALERT_RESOLVED,
		[NOTIFY_NO_DATA]  = ALERT_LOST,
		[NOTIFY_FLAPPING] = ALERT_FLAPS,
	};
	char name[] = "test";
	const struct rule rule = {
		.name = name, .measure = MEASURE_WRITE_RATE, .op = RULE_ABOVE,
		.limit = 50, .clear = 45, .for_ms = 300000,
		.severity = SEVERITY_INFO,
	};
	struct past past = { .fired = { 0, wall_ms - 720000 } };
	const struct alert alert = {
		.rule = &rule, .value = type == NOTIFY_RESOLVED ? 12 : 62,
		.since = { 720000, wall_ms }, .past = &past,
	};
	const struct scene scene = {
		.db = "test", .host = host, .base_url = base_url,
		.wall_ms = wall_ms,
	};

	if (type == NOTIFY_DIGEST)
		return notification_digest("This is a test of the digest; "
		    "nothing is wrong.", "Somebody ran `litegauge "
		    "test-notify`.", "Nothing has to be done.", &scene);
	return say(type, changes[type], &alert, &scene);
}

#define TEXT(field)	offsetof(struct notification, field)

static const size_t texts[] = {
	TEXT(alert), TEXT(db), TEXT(host), TEXT(severity), TEXT(before),
	TEXT(measure), TEXT(unit), TEXT(summary), TEXT(cause), TEXT(next_step),
	TEXT(url), TEXT(culprit_command),
};

static char **
text_at(struct notification *n, size_t i)
{
	return (void *)((char *)n + texts[i]);
}

struct notification *
notification_copy(const struct notification *from)
{
	struct notification *n;

	NEW(n);
	*n = *from;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		char **text = text_at(n, i);

		if (*text != NULL)
			*text = mem_strdup(*text);
	}
	return n;
}

void
notification_forget_before(struct notification *n)
{
	free(n->before);
	n->before = NULL;
}

void
notification_free(struct notification *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(*text_at(n, i));
	free(n);
}
