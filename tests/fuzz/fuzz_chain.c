/*
 * fuzz_chain - names of a replica, in any order.
 *
 * The first byte says which version; then each name is a byte for what it is
 * and some for its numbers.  For 0.5 the verdict must be that of a walk with
 * all the memory it wants: a set of the TXIDs that are there.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "litestream/chain.h"

#define TXIDS	64

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const struct chain *c, const struct chain *was)
{
	assert(c->nahead <= CHAIN_MAX_AHEAD);
	assert(c->at >= c->snapshot || !c->has_snapshot);
	assert(c->at >= was->at || c->snapshot != was->snapshot);
	assert(c->files >= was->files);
	assert(c->broken == (c->why[0] != '\0'));
	assert(!was->broken || strcmp(was->why, c->why) == 0);
	for (unsigned i = 0; i < c->nahead; i++)
		assert(c->ahead[i].min <= c->ahead[i].max &&
		    c->ahead[i].min - 1 > c->at);
}

static void
walk_pieces(const uint8_t *data, size_t n)
{
	struct chain c, was;

	chain_begin(&c, LITESTREAM_03);
	for (; n >= 4; data += 4, n -= 4) {
		int64_t length = (data[0] & 4) != 0 ? -1 : data[3];

		was = c;
		if (data[0] % 4 == 0 && c.files == 0)
			chain_snapshot(&c, data[1], data[2]);
		else if (data[0] % 4 == 1)
			chain_damaged(&c, data[1], data[2]);
		else
			chain_piece(&c, data[1], data[2], length);
		check(&c, &was);
		assert(c.offset >= -1 && (c.offset >= 0 || !c.measured));
	}
	was = c;
	assert(chain_end(&c, 0) == !c.broken);
	check(&c, &was);
	assert(c.has_snapshot || c.broken);
}

/* The walk with memory; sets that a chain keeps exactly only while there are
 * few holes, so that fewer than CHAIN_MAX_AHEAD files are asked for. */
static void
walk_ltx(const uint8_t *data, size_t n)
{
	struct chain c, was;
	uint64_t there = 0, snapshot = 0, end = 0, at;
	unsigned files = 0;
	bool whole;

	chain_begin(&c, LITESTREAM_05);
	for (; n >= 2 && files < CHAIN_MAX_AHEAD; data += 2, n -= 2) {
		uint64_t min = data[0] % TXIDS, max = data[1] % TXIDS;

		was = c;
		if (data[0] >= 192 && files == 0) {
			chain_snapshot(&c, max, 1);
			snapshot = max > snapshot ? max : snapshot;
			continue;
		}
		files++;
		chain_ltx(&c, min, max);
		check(&c, &was);
		if (min > max || max <= snapshot)
			continue;
		end = max > end ? max : end;
		for (uint64_t i = min; i <= max; i++)
			there |= UINT64_C(1) << i;
	}
	for (at = snapshot; at < TXIDS - 1 && there >> (at + 1) & 1; at++)
		continue;
	whole = chain_end(&c, 0);
	assert(c.at == at);
	assert(whole == (at >= end && (at > 0 || c.has_snapshot)));
}

static void
parse(const uint8_t *data, size_t n)
{
	char name[64], again[64];
	uint64_t a, b;
	int64_t offset;

	n = n < sizeof name ? n : sizeof name - 1;
	memcpy(name, data, n);
	name[n] = '\0';
	if (chain_parse_piece(name, &a, &offset))
		snprintf(again, sizeof again, "%08llx_%08llx.wal.lz4",
		    (unsigned long long)a, (unsigned long long)offset);
	else if (chain_parse_ltx(name, &a, &b))
		snprintf(again, sizeof again, "%016llx-%016llx.ltx",
		    (unsigned long long)a, (unsigned long long)b);
	else if (chain_parse_snapshot(name, &a))
		snprintf(again, sizeof again, "%08llx.snapshot.lz4",
		    (unsigned long long)a);
	else
		return;
	assert(strcmp(name, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0)
		return 0;
	if (data[0] % 3 == 0)
		walk_pieces(data + 1, n - 1);
	else if (data[0] % 3 == 1)
		walk_ltx(data + 1, n - 1);
	else
		parse(data + 1, n - 1);
	return 0;
}
