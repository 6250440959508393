/*
 * stamp - see stamp.h.
 *
 * The WAL-reset bug: two connections, one commits onto a log that begins anew
 * while the other is in its second checkpoint in a row, and the index then
 * says that frames were copied back which were not.  In SQLite since 3.7.0,
 * mended on 2026-03-03, released in 3.51.3, 3.50.7 and 3.44.6
 * (sqlite.org/wal.html, "The WAL-Reset Bug"; release notes of 3.51.3).  Source
 * ids are dates, so the date decides, for branches too.  A distribution may
 * have patched an older one.
 *
 * Litestream: 0.5.6 to 0.5.8 pass over a log whose size and header look the
 * same (litestream issue 1083, mended in 0.5.9).
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "collectors/stamp.h"

#define NEAR		65536u		/* bytes between id and version */
#define FIRST		"2010-07-21"	/* 3.7.0, which brought the log */
#define MENDED		"2026-03-03"
#define ID_LENGTH	(20 + 40)	/* at least: date, time, 40 digits */

static const char *const silent[] = { "0.5.6", "0.5.7", "0.5.8" };

/* What stands before Litestream's version, by how it was built. */
static const char *const before[] = {
	"mod\tgithub.com/benbjohnson/litestream\tv",
	"main.Version=v",
	"main.Version=",
};

/* In the build information of a program with SQLite made Go. */
static const char modernc[] = "modernc.org/sqlite\tv";
#define MODERNC_FIRST	"3.30"	/* it has none before */

/* 'd' is a digit, 'x' a hexadecimal one, the rest themselves. */
static bool
fits(const unsigned char *b, const char *shape)
{
	for (; *shape != '\0'; shape++, b++) {
		if (*shape == 'd' ? !isdigit(*b) : *shape == 'x' ?
		    !isxdigit(*b) : *b != (unsigned char)*shape)
			return false;
	}
	return true;
}

static bool
is_id(const unsigned char *b, size_t left)
{
	return left > ID_LENGTH && b[0] == '2' &&
	    fits(b, "20dd-dd-dd dd:dd:dd xxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxx");
}

/* "3.40.1" with nothing around it that belongs to a number; its length. */
static size_t
version_length(const unsigned char *b, size_t left)
{
	size_t i = 2, dots = 0;

	if (left < 12 || b[0] != '3' || b[1] != '.' || !isdigit(b[2]))
		return 0;
	for (; i < 11 && (isdigit(b[i]) || b[i] == '.'); i++)
		dots += b[i] == '.';
	return dots == 1 && i < 11 && b[i - 1] != '.' ? i : 0;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static void
set_version(struct stamp *s, const char *text, uint64_t at)
{
	if (distance(at, s->date_at) > NEAR || (s->version[0] != '\0' &&
	    distance(at, s->date_at) >= distance(s->version_at, s->date_at)))
		return;
	(void)snprintf(s->version, sizeof s->version, "%s", text);
	s->version_at = at;
}

static void
take_id(struct stamp *s, const unsigned char *b, uint64_t at)
{
	if (s->date[0] != '\0')
		return;		/* the first of them */
	memcpy(s->date, b, 10);
	s->date[10] = '\0';
	s->date_at = at;
	if (s->maybe[0] != '\0')
		set_version(s, s->maybe, s->maybe_at);
}

static void
take_version(struct stamp *s, const unsigned char *b, size_t n, uint64_t at)
{
	memcpy(s->maybe, b, n);
	s->maybe[n] = '\0';
	s->maybe_at = at;
	if (s->date[0] != '\0')
		set_version(s, s->maybe, at);
}

/* A whole string of C. */
static void
take_lone(struct stamp *s, const unsigned char *b, size_t n)
{
	if (b[-1] != '\0' || b[n] != '\0' || n < strlen(MODERNC_FIRST) ||
	    memcmp(b, MODERNC_FIRST, strlen(MODERNC_FIRST)) < 0 ||
	    b[3] == '.')
		return;
	if (s->lone[0] == '\0')
		memcpy(s->lone, b, n);
	s->several |= memcmp(s->lone, b, n + 1) != 0;
}

static void
take_litestream(struct stamp *s, const unsigned char *b, size_t left)
{
	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		size_t n = strlen(before[i]), len = 0;

		if (left < n + sizeof s->litestream ||
		    memcmp(b, before[i], n) != 0)
			continue;
		while (len < sizeof s->litestream - 1 &&
		    (isdigit(b[n + len]) || b[n + len] == '.'))
			len++;
		if (len < 5)
			return;
		memcpy(s->litestream, b + n, len);
		s->litestream[len] = '\0';
		return;
	}
}

static void
take_build(struct stamp *s, const unsigned char *b, size_t left)
{
	if (s->litestream[0] == '\0')
		take_litestream(s, b, left);
	s->modernc |= left >= sizeof modernc - 1 &&
	    memcmp(b, modernc, sizeof modernc - 1) == 0;
}

void
stamp_feed(struct stamp *s, const unsigned char *b, size_t n, uint64_t at)
{
	for (size_t i = 0; i < n; i++) {
		size_t len;

		if (b[i] == '2' && is_id(b + i, n - i))
			take_id(s, b + i, at + i);
		else if (b[i] == '3' && (i == 0 || (!isdigit(b[i - 1]) &&
		    b[i - 1] != '.')) &&
		    (len = version_length(b + i, n - i)) > 0) {
			take_version(s, b + i, len, at + i);
			if (i > 0)
				take_lone(s, b + i, len);
		} else if (b[i] == 'm') {
			take_build(s, b + i, n - i);
		}
	}
}

bool
stamp_has_wal_reset(const struct stamp *s)
{
	return s->date[0] != '\0' && strcmp(s->date, FIRST) >= 0 &&
	    strcmp(s->date, MENDED) < 0;
}

bool
stamp_stops_silently(const struct stamp *s)
{
	for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
		if (strcmp(s->litestream, silent[i]) == 0)
			return true;
	return false;
}

const char *
stamp_name(const struct stamp *s)
{
	if (s->version[0] != '\0')
		return s->version;
	return s->date[0] != '\0' && s->modernc && s->lone[0] != '\0' &&
	    !s->several ? s->lone : s->date;
}
