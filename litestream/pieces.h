/*
 * pieces - the pieces of logs on a file replica of Litestream 0.3.
 *
 * wal/<index %08x>_<offset %08x>.wal.lz4: the name says where a piece begins,
 * its uncompressed length where it ends.
 */
#ifndef LITESTREAM_PIECES_H
#define LITESTREAM_PIECES_H

#include <stdbool.h>
#include <stdint.h>

struct err;

struct piece {
	uint64_t	 index;		/* of the log */
	int64_t		 offset;	/* in it */
	int64_t		 length;	/* uncompressed */
	int64_t		 modified_ms;	/* wall; when it was written */
};

/* Unknown: it is not there, must not be read, or is encrypted. */
enum piece_state { PIECE_FINE, PIECE_UNKNOWN, PIECE_DAMAGED };

/* The piece in dir that begins there.  A sentence when it is not fine; ret is
 * not touched then. */
enum piece_state piece_measure(struct piece *ret, const char *dir,
	    uint64_t index, int64_t offset, struct err *);
/* Whether it is fine or not; false only when it is certainly not there. */
bool	piece_is_there(const char *dir, uint64_t index, int64_t offset);

#endif
