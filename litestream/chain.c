/*
 * chain - see chain.h.
 *
 * 0.5 restores with whichever file goes on from where it is, from any level.
 * We see one level after the other, so that a file beyond a hole waits in
 * `ahead` for a lower level to fill it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "litestream/chain.h"
#include "litestream/names.h"

/* Only the first hole is told. */
static void __attribute__((format(printf, 2, 3)))
find_hole(struct chain *c, const char *fmt, ...)
{
	va_list ap;

	if (c->broken)
		return;
	c->broken = true;
	va_start(ap, fmt);
	(void)vsnprintf(c->why, sizeof c->why, fmt, ap);
	va_end(ap);
}

static void
miss_pieces(struct chain *c)
{
	if (c->offset == -1)
		find_hole(c, "the logs from %08llx on are missing",
		    (unsigned long long)c->at + 1);
	else
		find_hole(c, "the pieces from %08llx:%lld on are missing",
		    (unsigned long long)c->at, (long long)c->offset);
}

static void
miss_txids(struct chain *c, uint64_t first, uint64_t last)
{
	if (first == 1 && !c->has_snapshot)
		find_hole(c, "there is no snapshot");
	else if (first == last)
		find_hole(c, "TXID %llu is missing", (unsigned long long)first);
	else
		find_hole(c, "TXIDs %llu to %llu are missing",
		    (unsigned long long)first, (unsigned long long)last);
}

void
chain_begin(struct chain *c, enum litestream_version v)
{
	*c = (struct chain){ .version = v, .measured = v == LITESTREAM_03 };
}

void
chain_snapshot(struct chain *c, uint64_t id, int64_t modified_ms)
{
	if (c->has_snapshot && id < c->snapshot)
		return;
	c->has_snapshot = true;
	c->snapshot = c->at = id;
	c->snapshot_ms = modified_ms;
}

/* The first of a log after another, or it goes on in its own. */
static bool
goes_on(const struct chain *c, uint64_t index, int64_t offset)
{
	if (index == c->at)
		return offset == c->offset || (c->offset == -1 && offset > 0);
	return c->files > 0 && index == c->at + 1 && offset == 0;
}

void
chain_piece(struct chain *c, uint64_t index, int64_t offset, int64_t length)
{
	if (c->broken || !c->has_snapshot || index < c->snapshot)
		return;
	if (index == c->at && offset < c->offset) {
		find_hole(c, "the piece %08llx:%lld begins before the one in "
		    "front of it ends", (unsigned long long)index,
		    (long long)offset);
		return;
	}
	if (!goes_on(c, index, offset)) {
		miss_pieces(c);
		return;
	}
	c->files++;
	c->at = index;
	c->offset = length < 0 ? -1 : offset + length;
	if (length < 0)
		c->measured = false;
}

void
chain_damaged(struct chain *c, uint64_t index, int64_t offset)
{
	if (!c->has_snapshot || index < c->snapshot)
		return;
	if (!goes_on(c, index, offset))
		miss_pieces(c);
	find_hole(c, "the piece %08llx:%lld is truncated or damaged",
	    (unsigned long long)index, (long long)offset);
}

/* What begins at min goes on from max, or earlier. */
static bool
reaches(uint64_t max, uint64_t min)
{
	return min == 0 || min - 1 <= max;
}

static void
drop_ahead(struct chain *c, unsigned i)
{
	c->ahead[i] = c->ahead[--c->nahead];
}

/* Keeps those that are nearest: the hole in front of them is the first. */
static void
add_ahead(struct chain *c, struct chain_span s)
{
	unsigned far = 0;

	for (unsigned i = 0; i < c->nahead; ) {
		struct chain_span *a = &c->ahead[i];

		if (!reaches(a->max, s.min) || !reaches(s.max, a->min)) {
			i++;
			continue;
		}
		if (a->min < s.min)
			s.min = a->min;
		if (a->max > s.max)
			s.max = a->max;
		drop_ahead(c, i);
		i = 0;
	}
	if (c->nahead < CHAIN_MAX_AHEAD) {
		c->ahead[c->nahead++] = s;
		return;
	}
	for (unsigned i = 1; i < c->nahead; i++)
		if (c->ahead[i].min > c->ahead[far].min)
			far = i;
	if (s.min < c->ahead[far].min)
		c->ahead[far] = s;
}

/* The hole before them may be filled now. */
static void
take_ahead(struct chain *c)
{
	for (unsigned i = 0; i < c->nahead; ) {
		if (!reaches(c->at, c->ahead[i].min)) {
			i++;
			continue;
		}
		if (c->ahead[i].max > c->at)
			c->at = c->ahead[i].max;
		drop_ahead(c, i);
		i = 0;
	}
}

void
chain_ltx(struct chain *c, uint64_t min, uint64_t max)
{
	if (min > max || max <= c->snapshot)
		return;
	c->files++;
	if (max <= c->at)
		return;
	if (!reaches(c->at, min)) {
		add_ahead(c, (struct chain_span){ min, max });
		return;
	}
	c->at = max;
	take_ahead(c);
}

static void
end_ltx(struct chain *c, uint64_t end)
{
	uint64_t next = 0;

	for (unsigned i = 0; i < c->nahead; i++)
		if (next == 0 || c->ahead[i].min < next)
			next = c->ahead[i].min;
	if (next != 0)
		miss_txids(c, c->at + 1, next - 1);
	else if (c->at < end)
		miss_txids(c, c->at + 1, end);
	else if (c->at == 0 && !c->has_snapshot)
		find_hole(c, "there is no snapshot");
}

static void
end_pieces(struct chain *c, uint64_t end)
{
	if (!c->has_snapshot)
		find_hole(c, "there is no snapshot");
	else if (c->at < end)
		miss_pieces(c);
}

bool
chain_end(struct chain *c, uint64_t end)
{
	if (c->version == LITESTREAM_03)
		end_pieces(c, end);
	else
		end_ltx(c, end);
	return !c->broken;
}

bool
chain_parse_piece(const char *name, uint64_t *index, int64_t *offset)
{
	uint64_t at;

	if (!name_take_hex(&name, 8, index) || *name++ != '_' ||
	    !name_take_hex(&name, 8, &at) || strcmp(name, ".wal.lz4") != 0)
		return false;
	*offset = (int64_t)at;
	return true;
}

bool
chain_parse_ltx(const char *name, uint64_t *min, uint64_t *max)
{
	return name_take_hex(&name, 16, min) && *name++ == '-' &&
	    name_take_hex(&name, 16, max) && strcmp(name, ".ltx") == 0;
}

bool
chain_parse_snapshot(const char *name, uint64_t *index)
{
	return name_take_hex(&name, 8, index) &&
	    strcmp(name, ".snapshot.lz4") == 0;
}
