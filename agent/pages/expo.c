/*
 * expo - see expo.h.
 *
 * The formats want all samples of a family together, so the walk goes by
 * families outside and databases inside.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/pages/accept.h"
#include "agent/pages/expo.h"
#include "agent/store/store.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define NUMBER_MAX	40	/* characters of one */
#define NAMES_MAX	(16u << 20)	/* of all databases */
#define WHOLE_MAX	1e15	/* whole numbers below are written in full */

static const struct metric up = {
	"sqlite_up", METRIC_GAUGE, NULL,
	"1 when the last sample of this database succeeded, else 0.",
};

/* A kind in each format: its type and what its family's name goes without. */
static const struct {
	const char *type, *without;
} kinds[][2] = {
	[METRIC_GAUGE]	 = { { "gauge", "" },	{ "gauge", "" } },
	[METRIC_COUNTER] = { { "counter", "" },	{ "counter", "_total" } },
	[METRIC_INFO]	 = { { "gauge", "" },	{ "info", "_info" } },
};

static const char *const units[] = { "bytes", "seconds" };

static bool
ends_with(const char *text, size_t n, const char *end)
{
	size_t k = strlen(end);

	return n >= k && memcmp(text + n - k, end, k) == 0;
}

/* How much of the metric's name is the family's. */
static int
family_length(const struct expo *x)
{
	const char *name = x->family->name;
	const char *without = kinds[x->family->kind][x->format].without;
	size_t n = strlen(name);

	return (int)(ends_with(name, n, without) ? n - strlen(without) : n);
}

static void
write_type(struct expo *x, int n)
{
	buf_addf(x->out, "# TYPE %.*s %s\n", n, x->family->name,
	    kinds[x->family->kind][x->format].type);
}

static void
write_unit(struct expo *x, int n)
{
	const char *name = x->family->name;

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		size_t k = strlen(units[i]);

		if (ends_with(name, (size_t)n, units[i]) &&
		    (size_t)n > k && name[(size_t)n - k - 1] == '_')
			buf_addf(x->out, "# UNIT %.*s %s\n", n, name,
			    units[i]);
	}
}

/* Quotes are escaped in one of the formats only. */
static void
write_help(struct expo *x, int n)
{
	buf_addf(x->out, "# HELP %.*s ", n, x->family->name);
	for (const char *c = x->family->help; *c != '\0'; c++) {
		if (*c == '\n')
			buf_adds(x->out, "\\n");
		else if (*c == '\\' ||
		    (*c == '"' && x->format == EXPO_OPENMETRICS))
			buf_addf(x->out, "\\%c", *c);
		else
			buf_add(x->out, c, 1);
	}
	buf_adds(x->out, "\n");
}

static void
write_head(struct expo *x)
{
	int n = family_length(x);

	if (x->format == EXPO_TEXT) {
		write_help(x, n);
		write_type(x, n);
	} else {
		write_type(x, n);
		write_unit(x, n);
		write_help(x, n);
	}
}

void
expo_begin(struct expo *x, struct buf *out, enum expo_format format)
{
	*x = (struct expo){ .out = out, .format = format };
}

void
expo_family(struct expo *x, const struct metric *m)
{
	if (x->family == NULL || strcmp(x->family->name, m->name) != 0)
		x->headed = false;
	x->family = m;
}

/* The shortest decimal that reads back as the same number. */
static void
write_shortest(struct expo *x, double value)
{
	char text[NUMBER_MAX];

	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buf_adds(x->out, text);
	if (x->format == EXPO_OPENMETRICS && strpbrk(text, ".e") == NULL)
		buf_adds(x->out, ".0");
}

static void
write_value(struct expo *x, double value)
{
	const char *end = x->format == EXPO_OPENMETRICS ? ".0" : "";

	if (isnan(value))
		buf_adds(x->out, "NaN");
	else if (isinf(value))
		buf_adds(x->out, value > 0 ? "+Inf" : "-Inf");
	else if (fabs(value) < WHOLE_MAX && value == trunc(value))
		buf_addf(x->out, "%" PRId64 "%s", (int64_t)value, end);
	else
		write_shortest(x, value);
}

/* Appends one part of {...}; *between is what goes before it. */
static void
write_labels(struct expo *x, const char *text, const char **between)
{
	if (text == NULL || *text == '\0')
		return;
	buf_adds(x->out, *between);
	buf_adds(x->out, text);
	*between = ",";
}

void
expo_sample(struct expo *x, const char *db, const char *labels, double value)
{
	const char *between = "{";

	if (!x->headed)
		write_head(x);
	x->headed = true;
	buf_adds(x->out, x->family->name);
	if (db != NULL) {
		buf_adds(x->out, "{db=\"");
		text_label(x->out, db);
		buf_adds(x->out, "\"");
		between = ",";
	}
	write_labels(x, x->family->labels, &between);
	write_labels(x, labels, &between);
	buf_adds(x->out, *between == ',' ? "} " : " ");
	write_value(x, value);
	buf_adds(x->out, "\n");
}

void
expo_end(struct expo *x)
{
	if (x->format == EXPO_OPENMETRICS)
		buf_adds(x->out, "# EOF\n");
}

/*
 * The store turned on its side.  Families go one by one over all databases, and
 * each database is far away in memory: thousands are visited once, not once for
 * each row.
 */
struct sheet {
	size_t	  n;		/* databases */
	double	 *values;	/* owned; slot * n + database */
	bool	 *labelled;	/* owned; by slot: has samples with labels */
	size_t	 *names;	/* owned; where each begins in text */
	struct buf text;
};

static void
sheet_add(struct sheet *s, size_t i, const struct store *st,
    const struct watched *w)
{
	size_t slots = store_slots(st);

	s->names[i] = s->text.len;
	buf_add(&s->text, w->name, strlen(w->name) + 1);
	for (size_t k = 0; k < slots; k++)
		s->values[k * s->n + i] = values_get(&w->values, k);
	for (struct labelled *l = w->labelled; l != NULL; l = l->next)
		s->labelled[store_slot(st, l->metric)] = true;
}

static void
sheet_init(struct sheet *s, const struct store *st)
{
	size_t i = 0;

	s->n = store_count(st);
	s->values = mem_new(store_slots(st) * s->n + 1, sizeof *s->values);
	s->labelled = mem_new(store_slots(st) + 1, sizeof *s->labelled);
	s->names = mem_new(s->n + 1, sizeof *s->names);
	buf_init(&s->text, NAMES_MAX);
	for (struct watched *w = store_first(st); w != NULL; w = w->next)
		sheet_add(s, i++, st, w);
}

static void
sheet_done(struct sheet *s)
{
	free(s->values);
	free(s->labelled);
	free(s->names);
	buf_free(&s->text);
}

static void
write_up(struct expo *x, const struct store *st)
{
	expo_family(x, &up);
	for (struct watched *w = store_first(st); w != NULL; w = w->next)
		if (w->seen)
			expo_sample(x, w->name, NULL, w->down == NULL);
}

static void
write_labelled(struct expo *x, const struct watched *w)
{
	for (struct labelled *l = w->labelled; l != NULL; l = l->next)
		if (l->metric == x->family)
			expo_sample(x, w->name, l->labels, l->value);
}

static void
write_row(struct expo *x, const struct store *st, const struct sheet *s,
    size_t slot)
{
	const double *values = s->values + slot * s->n;

	expo_family(x, store_metric(st, slot));
	for (size_t i = 0; i < s->n; i++)
		if (!isnan(values[i]))
			expo_sample(x, s->text.data + s->names[i], NULL,
			    values[i]);
	if (!s->labelled[slot])
		return;
	for (struct watched *w = store_first(st); w != NULL; w = w->next)
		write_labelled(x, w);
}

static bool
same_family(const struct store *st, size_t a, size_t b)
{
	return strcmp(store_metric(st, a)->name,
	    store_metric(st, b)->name) == 0;
}

void
expo_store(struct expo *x, const struct store *st)
{
	size_t n = store_slots(st);
	struct sheet s;

	write_up(x, st);
	sheet_init(&s, st);
	for (size_t i = 0; i < n; i++) {
		size_t first = 0;

		while (!same_family(st, first, i))
			first++;
		if (first < i)
			continue;	/* written with the first of them */
		for (size_t k = i; k < n; k++)
			if (same_family(st, i, k))
				write_row(x, st, &s, k);
	}
	sheet_done(&s);
}

/* What we can say, and the names it goes by; q decides, then the order. */
static const char *const text_versions[] = { "0.0.4", NULL };
static const char *const om_versions[] = { "1.0.0", "0.0.1", NULL };

static const struct offer {
	const char		*name;
	enum expo_format	 format;
	const char *const	*versions;
	bool			 named;		/* a name beats a wildcard */
} offers[] = {
	{ "application/openmetrics-text", EXPO_OPENMETRICS, om_versions, true },
	{ "text/plain",	   EXPO_TEXT,	     text_versions, true },
	{ "application/*", EXPO_OPENMETRICS, om_versions,   false },
	{ "text/*",	   EXPO_TEXT,	     text_versions, false },
	{ "*/*",	   EXPO_TEXT,	     text_versions, false },
};

static const struct offer *
find_offer(const struct accept *a)
{
	for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++)
		if (accept_is(a, offers[i].name) &&
		    accept_allows(a, "version", offers[i].versions))
			return &offers[i];
	return NULL;
}

enum expo_format
expo_negotiate(const char *accept)
{
	enum expo_format best = EXPO_TEXT;
	int most = 0;
	struct accept a;

	while (accept != NULL && accept_next(&accept, &a)) {
		const struct offer *o = find_offer(&a);
		int weight = o == NULL ? 0 : 2 * a.q + (a.q > 0 && o->named);

		if (weight > most) {
			most = weight;
			best = o->format;
		}
	}
	return best;
}

const char *
expo_content_type(enum expo_format format)
{
	static const char *const types[] = {
		[EXPO_TEXT] = "text/plain; version=0.0.4; charset=utf-8",
		[EXPO_OPENMETRICS] = "application/openmetrics-text; "
		    "version=1.0.0; charset=utf-8",
	};

	return types[format];
}
