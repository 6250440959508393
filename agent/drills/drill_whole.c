/*
 * drill_whole - where there is no log: is the restored file the database?
 *
 * When the last connection closed, SQLite copied the log into the database and
 * removed it.  What Litestream did not get before that is nowhere to be seen by
 * positions, but then the file itself is all there is, and holds still: page by
 * page the restored one must be the same.  Page 1 is passed over, Litestream
 * may write into its header, and so is the page with the lock bytes.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/drills/drill_proof.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "collectors/outside.h"
#include "litestream/guard.h"

#define PIECE	65536u		/* bytes; no page is larger */
#define PIECES_A_LOOK	256u	/* between two looks at the clock */

/* Frames that are not in the file yet, whoever left them. */
static bool
has_log(const struct database *db)
{
	struct stat st;

	return (wal_is_live(&db->wal) && db->wal.h.max_frame > 0) ||
	    (!wal_is_live(&db->wal) && stat(db->wal_path, &st) == 0 &&
	    st.st_size > 0);
}

void
drill_whole_note(struct drill_proof *p, const struct database *db)
{
	p->whole = database_is_wal(db) && !has_log(db) &&
	    fstat(db->fd, &p->file) == 0;
}

/* Nothing was written since: neither to the file nor to a log. */
static bool
is_as_noted(const struct drill_proof *p, const struct database *db)
{
	struct stat st;

	return !has_log(db) && fstat(db->fd, &st) == 0 &&
	    st.st_dev == p->file.st_dev && st.st_ino == p->file.st_ino &&
	    st.st_size == p->file.st_size &&
	    st.st_mtim.tv_sec == p->file.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == p->file.st_mtim.tv_nsec;
}

static bool
is_piece_same(int a, int b, unsigned char *pieces, off_t at, size_t n)
{
	ssize_t got = pread(a, pieces, n, at);

	return got > 0 && pread(b, pieces + PIECE, (size_t)got, at) == got &&
	    memcmp(pieces, pieces + PIECE, (size_t)got) == 0;
}

/* From the second page to size. */
static enum proof_end
compare(int a, int b, off_t size, uint32_t page_size, int64_t until_ms)
{
	const off_t lock = PENDING_BYTE / page_size * (off_t)page_size;
	unsigned char *pieces = mem_new(2, PIECE);
	enum proof_end ret = PROOF_PRESENT;
	off_t at = page_size;

	for (unsigned i = 0; at < size && ret == PROOF_PRESENT; i++) {
		off_t next = at - at % PIECE + PIECE;

		if (at == lock) {
			at += page_size;
			continue;
		}
		if (lock > at && lock < next)
			next = lock;
		if (next > size)
			next = size;
		if (!is_piece_same(a, b, pieces, at, (size_t)(next - at)))
			ret = PROOF_MISSING;
		else if (i % PIECES_A_LOOK == 0 && (guard_is_stopped() ||
		    mono_ms() > until_ms))
			ret = PROOF_UNKNOWN;
		at = next;
	}
	free(pieces);
	return ret;
}

enum proof_end
drill_whole_check(const struct drill_proof *p, struct database *db,
    const char *restored, int64_t timeout_ms)
{
	off_t size = (off_t)db->header.pages * db->header.page_size;
	enum proof_end ret = PROOF_UNKNOWN;
	struct stat st;
	struct err none;
	int fd;

	if (!p->whole || !is_as_noted(p, db) || size == 0 ||
	    size > p->file.st_size)
		return PROOF_UNKNOWN;
	fd = open(restored, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd != -1 && fstat(fd, &st) == 0)
		ret = st.st_size != size ? PROOF_MISSING : compare(db->fd, fd,
		    size, db->header.page_size, mono_ms() + timeout_ms);
	if (fd != -1)
		close(fd);
	/* Only when it held still all the while. */
	if (database_look(db, &none) == -1 || !is_as_noted(p, db))
		return PROOF_UNKNOWN;
	return ret;
}
