/*
 * files - how far a Litestream directory has come.
 *
 * The same few questions for the local copy beside the database and for a file
 * replica, and for both generations of the format:
 *
 *   0.3	generations/<16 hex>/wal/<index %08x>.wal	  local: a log
 *	generations/<16 hex>/wal/<index>_<offset>.wal.lz4  replica: a piece
 *   0.5	ltx/0/<TXID %016x>-<TXID>.ltx			  both
 *
 * A directory is listed once; after that the next name is known and only asked
 * for, so that a replica with a day's 86,400 pieces costs a few system calls.
 * When the newest file of a known end has vanished it is listed anew, and the
 * end may be further back.
 */
#ifndef LITESTREAM_FILES_H
#define LITESTREAM_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "litestream/ltx.h"

struct err;

#define LITESTREAM_MAX_LIST	1000000u	/* names read in one listing */
#define LITESTREAM_MAX_CHASE	1000u		/* files followed in one look */

enum litestream_version { LITESTREAM_NONE, LITESTREAM_03, LITESTREAM_05 };

/* Where a log copy ends. */
struct litestream_end {
	char		 generation[17];	/* 0.3 */
	uint64_t	 index;		/* 0.3: of the log; 0.5: TXID */
	int64_t		 offset;	/* bytes of that log that are there */
	int64_t		 start;		/* where the newest file begins in it */
	int64_t		 modified_ms;	/* wall; the newest file's; 0 unknown */
	bool		 salted;	/* salt and page_size are known */
	unsigned char	 salt[8];	/* of the log: as in its header */
	uint32_t	 page_size;
};

/* By which subtree was touched last. */
enum litestream_version litestream_version_of(const char *dir);
const char *litestream_version_name(enum litestream_version);

/* The local copy.  -1 and a sentence; ret is not touched then. */
int	litestream_local_end(struct litestream_end *ret,
	    enum litestream_version, const char *dir, struct err *);
/*
 * A file replica, going on from where *end was; a zeroed *end, or another
 * generation, begins anew.  On failure *end is where it was.
 */
int	litestream_replica_end(struct litestream_end *end,
	    enum litestream_version, const char *dir, const char *generation,
	    struct err *);
/* What a header of level 0 says about that. */
void	litestream_end_of(struct litestream_end *ret,
	    const struct ltx_header *);

#endif
