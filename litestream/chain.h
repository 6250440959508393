/*
 * chain - can what lies on a replica be restored, as far as its names tell?
 *
 * A restore takes the newest snapshot and then every file after it, each of
 * which must go on where the one before ended.  A chain is told the names in
 * the order in which they would be read and remembers only how far it has come,
 * so a listing of any length costs nothing:
 *
 *	chain_begin, chain_snapshot for each snapshot,
 *	0.3: chain_piece, by index and offset, ascending
 *	0.5: chain_ltx, level 8 down to 0, ascending in each
 *	chain_end
 *
 * 0.3's names tell where a piece starts; where it ends is known only when its
 * length is (files; for a bucket it would be a request each).  Without lengths
 * a hole inside a log stays unseen, and `measured` says so.  Even with them a
 * log whose last pieces are missing looks like one that was shorter.
 *
 * 0.5 makes its first snapshot when it has run for a while.  Before that the
 * pass with TXID 1, which holds the whole database, stands for it: a chain can
 * be whole without a snapshot.
 *
 * That the newest files are gone is no hole: it is a replica that lags.
 */
#ifndef LITESTREAM_CHAIN_H
#define LITESTREAM_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "litestream/files.h"

#define CHAIN_MAX_AHEAD	16u	/* holes that lower levels may yet fill */

struct chain {
	enum litestream_version version;
	char		 generation[17];	/* 0.3, of a directory */
	bool		 has_snapshot;
	uint64_t	 snapshot;	/* the newest's index, or TXID */
	int64_t		 snapshot_ms;	/* wall; its time; 0: not known */
	bool		 broken;
	bool		 measured;	/* every piece's length was known */
	uint64_t	 at;		/* reached: index, or TXID */
	int64_t		 offset;	/* 0.3: reached in it; -1: not known */
	uint64_t	 files;		/* after the snapshot, 0.3: reached */
	char		 why[160];	/* the first hole, a sentence; or "" */

	/* 0.5: what was seen beyond a hole, in no order */
	struct chain_span {
		uint64_t min, max;
	} ahead[CHAIN_MAX_AHEAD];
	unsigned	 nahead;
};

void	chain_begin(struct chain *, enum litestream_version);
void	chain_snapshot(struct chain *, uint64_t id, int64_t modified_ms);
/* length: uncompressed bytes, -1: not known. */
void	chain_piece(struct chain *, uint64_t index, int64_t offset,
	    int64_t length);
/* Instead of chain_piece: it is there, but a restore stumbles over it. */
void	chain_damaged(struct chain *, uint64_t index, int64_t offset);
void	chain_ltx(struct chain *, uint64_t min, uint64_t max);
/*
 * True: whole.  `end` is the newest TXID of level 0, or the newest index; 0
 * when that is not known.
 */
bool	chain_end(struct chain *, uint64_t end);

/*
 * A file replica's chain, from its directory, ended.  Reads names, and for 0.3
 * the lengths of pieces that `known` (a chain of an earlier look, or NULL) had
 * not reached; when its snapshot is not the newest any more, or a piece that it
 * had passed is gone, all are measured again.  -1: it cannot be looked at.
 */
int	chain_of_directory(struct chain *ret, const struct chain *known,
	    enum litestream_version, const char *dir, const char *generation,
	    struct err *);

/*
 * The last part of a key or path; false: a name that is none of Litestream's,
 * and what is returned is not to be used.
 */
bool	chain_parse_piece(const char *name, uint64_t *index, int64_t *offset);
bool	chain_parse_ltx(const char *name, uint64_t *min, uint64_t *max);
bool	chain_parse_snapshot(const char *name, uint64_t *index); /* 0.3 */

#endif
