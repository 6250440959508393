/*
 * drill_proof - see drill_proof.h.
 *
 * Page 1 is passed over: it is in nearly every commit, and Litestream may write
 * into its header.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/drills/drill_proof.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "collectors/outside.h"

#define MAX_FRAMES_BACK	256u	/* of one commit */

/* The -wal as it is read, with room for one page. */
struct reader {
	int		 fd;
	const unsigned char *salt;
	uint32_t	 page_size;
	unsigned char	*page;		/* owned */
};

static bool
read_head(const struct reader *r, uint32_t frame, struct wal_frame *ret)
{
	unsigned char b[WAL_FRAME_SIZE];
	off_t at = (off_t)wal_frame_offset(frame, r->page_size);

	if (pread(r->fd, b, sizeof b, at) != (ssize_t)sizeof b)
		return false;
	wal_frame_parse(ret, b);
	return memcmp(ret->salt, r->salt, sizeof ret->salt) == 0;
}

static bool
hash_at(int fd, off_t at, unsigned char *page, uint32_t size,
    unsigned char hash[32])
{
	return pread(fd, page, size, at) == (ssize_t)size &&
	    EVP_Digest(page, size, hash, NULL, EVP_sha256(), NULL) == 1;
}

/* With its header asked again after: a writer may have begun the log anew. */
static bool
hash_frame(const struct reader *r, uint32_t frame, unsigned char hash[32])
{
	off_t at = (off_t)wal_frame_offset(frame, r->page_size) +
	    WAL_FRAME_SIZE;
	struct wal_frame again;

	return hash_at(r->fd, at, r->page, r->page_size, hash) &&
	    read_head(r, frame, &again);
}

static bool
has_page(const struct drill_proof *p, uint32_t page)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->pages[i].page == page)
			return true;
	return false;
}

/* From its last frame back to the commit before it. */
static void
note_commit(struct drill_proof *p, const struct reader *r)
{
	uint32_t back = p->frame < MAX_FRAMES_BACK ? p->frame :
	    MAX_FRAMES_BACK;

	for (uint32_t i = 0; i < back && p->n < PROOF_MAX_PAGES; i++) {
		struct wal_frame f;

		if (!read_head(r, p->frame - i, &f) ||
		    (i > 0 && f.commit != 0))
			return;
		if (f.page <= 1 || has_page(p, f.page))
			continue;
		if (!hash_frame(r, p->frame - i, p->pages[p->n].hash))
			return;
		p->pages[p->n++].page = f.page;
	}
}

void
drill_proof_note(struct drill_proof *ret, const struct database *db)
{
	const struct shm_header *h = &db->wal.h;
	struct drill_proof p = { .page_size = h->page_size,
		.frame = h->max_frame };
	struct reader r;

	*ret = (struct drill_proof){ .n = 0 };
	drill_whole_note(ret, db);
	if (!wal_is_live(&db->wal) || h->page_size == 0 || h->max_frame == 0)
		return;
	memcpy(p.salt, h->salt, sizeof p.salt);
	r = (struct reader){ .fd = file_open(db->wal_path), .salt = p.salt,
		.page_size = p.page_size };
	if (r.fd == -1)
		return;
	r.page = mem_new(p.page_size, 1);
	note_commit(&p, &r);
	free(r.page);
	close(r.fd);
	*ret = p;
}

/* Is it what a later frame of the same log has?  Or unknown, when the log is
 * another one by now. */
static enum proof_end
look_later(const struct drill_proof *p, const struct reader *r, uint32_t page,
    uint32_t upto, const unsigned char hash[32])
{
	for (uint32_t i = p->frame + 1; i <= upto; i++) {
		unsigned char later[32];
		struct wal_frame f;

		if (!read_head(r, i, &f))
			return PROOF_UNKNOWN;
		if (f.page == page && hash_frame(r, i, later) &&
		    memcmp(later, hash, sizeof later) == 0)
			return PROOF_PRESENT;
	}
	return PROOF_MISSING;
}

static enum proof_end
check_page(const struct drill_proof *p, const struct reader *r, unsigned i,
    uint32_t upto, int fd)
{
	off_t at = (off_t)(p->pages[i].page - 1) * p->page_size;
	unsigned char hash[32];

	/* Beyond its end: not there yet, or cut off by a later commit. */
	if (!hash_at(fd, at, r->page, p->page_size, hash))
		return upto == p->frame ? PROOF_MISSING : PROOF_UNKNOWN;
	if (memcmp(hash, p->pages[i].hash, sizeof hash) == 0)
		return PROOF_PRESENT;
	return look_later(p, r, p->pages[i].page, upto, hash);
}

/* The log as it is now; false: it is not the one that was noted. */
static bool
look_again(const struct drill_proof *p, const struct database *db,
    uint32_t *upto)
{
	const struct shm_header *h = &db->wal.h;

	*upto = h->max_frame;
	return wal_is_live(&db->wal) && h->page_size == p->page_size &&
	    memcmp(h->salt, p->salt, sizeof p->salt) == 0 &&
	    h->max_frame >= p->frame &&
	    h->max_frame - p->frame <= PROOF_MAX_WALK;
}

enum proof_end
drill_proof_check(const struct drill_proof *p, const struct database *db,
    const char *restored)
{
	enum proof_end ret = PROOF_UNKNOWN;
	uint32_t upto;
	struct reader r = { .salt = p->salt, .page_size = p->page_size };
	int fd;

	if (p->n == 0 || !look_again(p, db, &upto))
		return PROOF_UNKNOWN;
	fd = open(restored, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	r.fd = file_open(db->wal_path);
	r.page = mem_new(p->page_size, 1);
	for (unsigned i = 0; fd != -1 && r.fd != -1 && i < p->n &&
	    ret != PROOF_MISSING; i++) {
		enum proof_end one = check_page(p, &r, i, upto, fd);

		if (one != PROOF_UNKNOWN)
			ret = one;
	}
	free(r.page);
	if (r.fd != -1)
		close(r.fd);
	if (fd != -1)
		close(fd);
	return ret;
}
