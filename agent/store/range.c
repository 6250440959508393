/*
 * range - see range.h.
 */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "agent/store/history.h"
#include "agent/store/range.h"
#include "base/err.h"
#include "base/units.h"

#define TIME_MAX_S	253402300799	/* the end of the year 9999 */

/* What stands in a time, from left to right; before: what goes before it. */
static const struct field {
	const char	*before;
	size_t		 digits;
	int		 least, most;
} fields[] = {
	{ "",	4, 1970, 9999 },
	{ "-",	2, 1, 12 },
	{ "-",	2, 1, 31 },
	{ "Tt ", 2, 0, 23 },
	{ ":",	2, 0, 59 },
	{ ":",	2, 0, 60 },	/* a leap second is the next one */
}, zone[] = {
	{ "",	2, 0, 23 },
	{ ":",	2, 0, 59 },
};

#define NFIELDS	(sizeof fields / sizeof fields[0])

/* Read one field; moves *p behind it. */
static int
read_field(const char **p, const struct field *f, int *ret)
{
	int n = 0;

	if (*f->before != '\0' &&
	    (**p == '\0' || strchr(f->before, *(*p)++) == NULL))
		return -1;
	for (size_t i = 0; i < f->digits; i++, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return -1;
		n = n * 10 + (**p - '0');
	}
	*ret = n;
	return n < f->least || n > f->most ? -1 : 0;
}

static const char *
skip_fraction(const char *p)
{
	if (p[0] != '.' || !isdigit((unsigned char)p[1]))
		return p;
	for (p++; isdigit((unsigned char)*p); p++)
		;
	return p;
}

/* "Z" or an offset; a + that nobody escaped comes to us as a blank. */
static int
read_zone(const char *p, int *offset_s)
{
	int sign = *p == '-' ? -1 : 1, hours, minutes;

	*offset_s = 0;
	if (*p == 'Z' || *p == 'z')
		return p[1] == '\0' ? 0 : -1;
	if (*p == '\0' || strchr("+- ", *p++) == NULL ||
	    read_field(&p, &zone[0], &hours) == -1 ||
	    read_field(&p, &zone[1], &minutes) == -1)
		return -1;
	*offset_s = sign * (hours * 3600 + minutes * 60);
	return *p == '\0' ? 0 : -1;
}

static int
read_rfc3339(const char *p, int64_t *ret_s)
{
	struct tm tm = { 0 };
	int n[NFIELDS], offset_s;

	for (size_t i = 0; i < NFIELDS; i++)
		if (read_field(&p, &fields[i], &n[i]) == -1)
			return -1;
	if (read_zone(skip_fraction(p), &offset_s) == -1)
		return -1;
	tm.tm_year = n[0] - 1900;
	tm.tm_mon = n[1] - 1;
	tm.tm_mday = n[2];
	tm.tm_hour = n[3];
	tm.tm_min = n[4];
	*ret_s = timegm(&tm) + n[5] - offset_s;
	/* timegm() makes 2 March of 30 February. */
	return tm.tm_mon == n[1] - 1 || n[2] <= 28 ? 0 : -1;
}

static int
read_seconds(const char *p, int64_t *ret_s)
{
	int64_t n = 0;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p) && n <= TIME_MAX_S; p++)
		n = n * 10 + (*p - '0');
	*ret_s = n;
	return *skip_fraction(p) == '\0' ? 0 : -1;
}

int
range_time(int64_t *ret_s, const char *text, struct err *e)
{
	int64_t s;

	if ((read_seconds(text, &s) == -1 && read_rfc3339(text, &s) == -1) ||
	    s < 0 || s > TIME_MAX_S)
		return err_set(e, "\"%.40s\" is no time; write Unix seconds or "
		    "2026-11-23T14:16:10Z", text);
	*ret_s = s;
	return 0;
}

static int
read_step(int64_t *ret_s, const char *text, struct err *e)
{
	int64_t ms;

	if (read_seconds(text, ret_s) == -1) {
		if (unit_parse_ms(&ms, text, e) == -1)
			return err_prefix(e, "step");
		*ret_s = ms % 1000 == 0 ? ms / 1000 : -1;
	}
	if (*ret_s < 0 || *ret_s > TIME_MAX_S || *ret_s % HISTORY_FINE_S != 0)
		return err_set(e, "step: \"%.40s\" is not a multiple of %d "
		    "seconds", text, HISTORY_FINE_S);
	return 0;
}

int
range_parse(struct range *ret, const char *from, const char *to,
    const char *step, int64_t now_s, struct err *e)
{
	struct range r = { .to_s = now_s };

	if (to != NULL && range_time(&r.to_s, to, e) == -1)
		return err_prefix(e, "to");
	r.from_s = r.to_s > RANGE_DEFAULT_S ? r.to_s - RANGE_DEFAULT_S : 0;
	if (from != NULL && range_time(&r.from_s, from, e) == -1)
		return err_prefix(e, "from");
	if (r.from_s > r.to_s)
		return err_set(e, "from is later than to");
	if (step != NULL && read_step(&r.step_s, step, e) == -1)
		return -1;
	if (r.step_s > 0 && (r.to_s - r.from_s) / r.step_s >= RANGE_POINTS_MAX)
		return err_set(e, "more than %d points; ask for a longer step",
		    RANGE_POINTS_MAX);
	*ret = r;
	return 0;
}
