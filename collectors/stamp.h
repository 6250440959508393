/*
 * stamp - which SQLite, and which Litestream, is in these bytes?
 *
 * Every build of SQLite carries its source id, "2022-12-28 14:03:47 df5c25...",
 * a date and a hash (SQLITE_SOURCE_ID), also when it is linked into a program.
 * The version, "3.40.1", is a string of its own, and other things have such
 * versions too; so it is believed only close to the source id.  A Go program
 * has its own version in its build information; with modernc's SQLite, which is
 * C made Go, the strings of C lie apart from the others, and the only one of
 * them that looks like a version is believed.
 */
#ifndef COLLECTORS_STAMP_H
#define COLLECTORS_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAMP_OVERLAP	256u	/* bytes that two spans must share */

struct stamp {
	char		 date[11];	/* "2022-12-28"; "": no SQLite */
	char		 version[12];	/* "3.40.1"; "": not told */
	char		 litestream[16];	/* "0.5.17"; "": none */
	/* where in the file they were found */
	uint64_t	 date_at, version_at;
	/* the last thing like a version, when no source id had come yet */
	char		 maybe[12];
	uint64_t	 maybe_at;
	/* the only string of C like a version; none when there are several */
	char		 lone[12];
	bool		 several, modernc;
};

/* The next bytes, which lie at that offset; the last STAMP_OVERLAP bytes of a
 * span come again at the beginning of the next. */
void	stamp_feed(struct stamp *, const unsigned char *, size_t n,
	    uint64_t at);

/* SQLite's WAL-reset bug is in it (see stamp.c for the sources). */
bool	stamp_has_wal_reset(const struct stamp *);
/* One of the Litestream versions known to stop in silence. */
bool	stamp_stops_silently(const struct stamp *);
/* What to call its SQLite: the version, else the date. */
const char *stamp_name(const struct stamp *);

#endif
