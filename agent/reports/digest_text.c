/*
 * digest_text - see digest_text.h.
 */
#include <math.h>
#include <string.h>

#include "agent/reports/digest_text.h"
#include "alerts/clean.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"

#define TEXT_MAX	4096	/* more than a notification takes */
#define NAME_SHOWN	60	/* bytes of a name */
#define APPROACHING	0.7	/* of a limit: worth a word */

static double
share(double value, double limit)
{
	return isfinite(value) && limit > 0 ? value / limit : 0;
}

double
digest_used(const struct digest_room *r)
{
	return fmax(share(r->rate, r->rate_limit),
	    share(r->size, r->size_limit));
}

void
digest_offer(struct digest_facts *f, const struct digest_room *r)
{
	size_t i = 0;

	while (i < f->ntight && digest_used(&f->tight[i]) >= digest_used(r))
		i++;
	if (i == DIGEST_SHOWN)
		return;
	f->ntight += f->ntight < DIGEST_SHOWN;
	memmove(&f->tight[i + 1], &f->tight[i],
	    (f->ntight - i - 1) * sizeof *r);
	f->tight[i] = *r;
}

static void
add_name(struct buf *b, const char *name)
{
	buf_add(b, name, clean_fit(name, NAME_SHOWN));
}

static void
add_quantity(struct buf *b, enum unit unit, double value)
{
	char text[UNIT_TEXT_MAX];

	buf_adds(b, unit_print(text, unit, value));
}

static void
add_count(struct buf *b, uint64_t n, const char *one, const char *many)
{
	buf_addf(b, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

/* "5 have fired in 7d" */
static void
add_fired(struct buf *b, const struct digest_facts *f)
{
	if (f->nfired == 0)
		buf_adds(b, "none has");
	else
		buf_addf(b, "%llu %s", (unsigned long long)f->nfired,
		    f->nfired == 1 ? "has" : "have");
	buf_adds(b, " fired in ");
	add_quantity(b, UNIT_SECONDS, (double)(f->span_ms / 1000));
}

/* "All is well with 3 databases: no alert is open, and 5 have fired in 7d."
 * "2 alerts are open: busy of app and wal-size of shop; 5 have fired in 7d." */
static void
say_summary(struct buf *b, const struct digest_facts *f)
{
	size_t n = f->nopen < DIGEST_SHOWN ? f->nopen : DIGEST_SHOWN;

	if (n == 0) {
		buf_adds(b, "All is well with ");
		add_count(b, f->ndbs, "database", "databases");
		buf_adds(b, ": no alert is open");
	} else {
		add_count(b, f->nopen, "alert is open: ", "alerts are open: ");
	}
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, i == 0 ? "" : ", ");
		add_name(b, f->open[i].rule);
		buf_adds(b, " of ");
		add_name(b, f->open[i].db);
	}
	if (f->nopen > n)
		buf_addf(b, " and %zu more", f->nopen - n);
	if (f->nsilenced > 0)
		buf_addf(b, ", %zu %s silenced", f->nsilenced,
		    f->nsilenced == 1 ? "is" : "are");
	buf_adds(b, n > 0 ? "; " : ", and ");
	add_fired(b, f);
	buf_adds(b, ".");
}

/* "write_rate 38.0/s of 50.0/s (76%)" */
static void
add_share(struct buf *b, const char *what, enum unit unit, double value,
    double limit)
{
	buf_addf(b, "%s ", what);
	add_quantity(b, unit, value);
	if (!(limit > 0))
		return;
	buf_adds(b, " of ");
	add_quantity(b, unit, limit);
	buf_addf(b, " (%.0f%%)", 100 * value / limit);
}

/* "backup at worst 2.1s behind, restored on 23 Nov" */
static void
add_backup(struct buf *b, const struct digest_room *r, int64_t now_ms)
{
	char text[CLOCK_TEXT_MAX];

	if (!r->copied) {
		buf_adds(b, ", no replica known");
		return;
	}
	if (isfinite(r->lag_s)) {
		buf_adds(b, ", backup at worst ");
		add_quantity(b, UNIT_SECONDS, r->lag_s);
		buf_adds(b, " behind");
	}
	if (r->drilled_ms > 0)
		buf_addf(b, ", restored as a proof on %s",
		    clock_day(text, r->drilled_ms, now_ms));
	else
		buf_adds(b, ", never restored as a proof");
}

/* "app (write_rate 38.0/s of 50.0/s (76%), size 4.10 GB of 10.0 GB (41%),
 * reached on 3 Mar 2027, backup at worst 2.1s behind, ...)" */
static void
add_room(struct buf *b, const struct digest_room *r, int64_t now_ms)
{
	char text[CLOCK_TEXT_MAX];

	add_name(b, r->db);
	buf_adds(b, ": ");
	if (isfinite(r->rate)) {
		add_share(b, "write_rate at p95", UNIT_PER_SECOND, r->rate,
		    r->rate_limit);
		buf_adds(b, ", ");
	}
	if (isfinite(r->size))
		add_share(b, "size", UNIT_BYTES, r->size, r->size_limit);
	else
		buf_adds(b, "size unknown");
	if (r->full_ms > 0)
		buf_addf(b, ", full on %s as it grows", clock_day(text,
		    r->full_ms, now_ms));
	add_backup(b, r, now_ms);
}

static void
say_cause(struct buf *b, const struct digest_facts *f)
{
	if (f->ntight == 0) {
		buf_adds(b, "There is no database to tell of.");
		return;
	}
	buf_adds(b, f->ndbs > 1 ? "The tightest first.  " : "");
	for (size_t i = 0; i < f->ntight; i++) {
		add_room(b, &f->tight[i], f->now_ms);
		buf_adds(b, i + 1 < f->ntight ? ".  " : ".");
	}
	if (f->ndbs > f->ntight)
		buf_addf(b, "  And %zu more with more room.",
		    f->ndbs - f->ntight);
	if (f->nuncopied > 0 && f->ndbs > f->ntight)
		buf_addf(b, "  Of all, %zu have no replica that is known.",
		    f->nuncopied);
}

/* The first that is worth doing. */
static void
say_next_step(struct buf *b, const struct digest_facts *f)
{
	const struct digest_room *r = &f->tight[0];

	if (f->nopen > 0) {
		buf_adds(b, "Look at the open alerts on the agent's page.");
	} else if (f->ntight > 0 && digest_used(r) >= APPROACHING) {
		buf_adds(b, "Look at ");
		add_name(b, r->db);
		buf_addf(b, ", which has used %.0f%% of a limit: that is the "
		    "point at which to consider another database, and not an "
		    "end.", 100 * digest_used(r));
	} else if (f->nundrilled > 0) {
		add_count(b, f->nundrilled, "backup has", "backups have");
		buf_adds(b, " never been restored as a proof: run `litegauge "
		    "drill`, or set every in [drill].");
	} else {
		buf_adds(b, "Nothing has to be done.");
	}
}

void
digest_say(const struct digest_facts *f, char **summary, char **cause,
    char **next_step)
{
	const struct {
		char	**ret;
		void	(*say)(struct buf *, const struct digest_facts *);
	} parts[] = {
		{ summary, say_summary }, { cause, say_cause },
		{ next_step, say_next_step },
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		struct buf b;

		buf_init(&b, TEXT_MAX);
		parts[i].say(&b, f);
		*parts[i].ret = buf_take(&b);
	}
}
