/*
 * frames - reading the log itself, a frame header at a time.
 *
 * Needed where the wal-index cannot say: the commits across a crash and its
 * recovery, the free pages while page 1 lives in the log, how long a log was
 * before it began again.  A frame counts only when its salt is that of the
 * asked log: beyond the end of a log lie the frames of the one before.
 */
#ifndef COLLECTORS_FRAMES_H
#define COLLECTORS_FRAMES_H

#include <stdint.h>

struct err;
struct shm_header;

#define FRAMES_MAX_WALK	2000000u	/* one question reads no more */

/*
 * How many commits lie in frames (after, upto] of the log with this salt.
 * Never too many: with psow=0 and synchronous=FULL SQLite pads a commit to the
 * sector by repeating its last frame, mark and all (sqlite3WalFrames()); such a
 * repetition, told by its page being the same byte for byte, is not counted.
 */
uint64_t frames_count_commits(int wal_fd, const unsigned char salt[8],
	    uint32_t page_size, uint32_t after, uint32_t upto);
/* The last frame at or after `from` that still has the salt; from - 1: none. */
uint32_t frames_last_of(int wal_fd, const unsigned char salt[8],
	    uint32_t page_size, uint32_t from);
/*
 * The newest frame in (after, h->max_frame] that holds page 1, looked up in the
 * wal-index (aPgno); 0: none.
 */
uint32_t frames_find_page1(int shm_fd, const struct shm_header *h,
	    uint32_t after);
/* Free pages (the freelist count in page 1) as of a frame with page 1; -1 when
 * the frame is not what it should be. */
int64_t	 frames_free_pages(int wal_fd, const struct shm_header *h,
	    uint32_t frame);

#endif
