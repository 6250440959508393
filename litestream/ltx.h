/*
 * ltx - what the beginning of an LTX file says (Litestream 0.5).
 *
 * One file is one pass of Litestream over the log, numbered by its TXID, which
 * is not a transaction of SQLite.  On level 0 it says which bytes of which log
 * it holds; compacted files have no such place.
 */
#ifndef LITESTREAM_LTX_H
#define LITESTREAM_LTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct stat;

#define LTX_HEADER_SIZE	100		/* the first bytes of a file */

struct ltx_header {
	uint32_t	 page_size;
	uint32_t	 commit;	/* pages of the database after it */
	uint64_t	 min, max;	/* TXIDs */
	int64_t		 timestamp_ms;	/* wall, of the writer; 0: not known */
	int64_t		 offset, size;	/* the bytes of the log in it */
	bool		 salted;	/* it has a place in a log; of which: */
	unsigned char	 salt[8];	/* as in the log's header */
};

/* -1 and a sentence; ret is not touched then. */
int	ltx_header_parse(struct ltx_header *ret, const unsigned char *,
	    uint64_t size, struct err *);
/*
 * Level 0's file of one pass, below a local copy or a file replica: dir/ltx/0/
 * TXID-TXID.ltx.  st, when not NULL, is what fstat() says of it.
 */
int	ltx_read(struct ltx_header *ret, struct stat *st, const char *dir,
	    uint64_t txid, struct err *);
/* Where the pass begins and ends, as the local copy has it. */
int	ltx_read_local(struct ltx_header *ret, const char *dir, uint64_t txid,
	    struct err *);
/* ltx_whole.c.  It holds every page, and more than the log that it covers. */
bool	ltx_is_whole(const char *dir, uint64_t txid);
uint64_t ltx_count_pages(const unsigned char *index, size_t);

#endif
