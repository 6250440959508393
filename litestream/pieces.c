/*
 * pieces - see pieces.h.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "collectors/outside.h"
#include "litestream/lz4.h"
#include "litestream/pieces.h"

static bool
name_piece(char path[PATH_MAX], const char *dir, uint64_t index,
    int64_t offset)
{
	return snprintf(path, PATH_MAX, "%s/%08llx_%08llx.wal.lz4", dir,
	    (unsigned long long)index, (unsigned long long)offset) < PATH_MAX;
}

/* An empty file is a piece of which nothing is left. */
static enum piece_state
measure(int fd, struct piece *ret, struct err *e)
{
	unsigned char first;
	struct stat st;
	int64_t n;

	if (fstat(fd, &st) == -1) {
		(void)err_set(e, "%s", strerror(errno));
		return PIECE_UNKNOWN;
	}
	n = lz4_frame_length(fd, e);
	if (n == -1) {
		/* An encrypted one begins with other bytes. */
		if (st.st_size == 0)
			return PIECE_DAMAGED;
		return pread(fd, &first, 1, 0) == 1 && first == 0x04 ?
		    PIECE_DAMAGED : PIECE_UNKNOWN;
	}
	ret->length = n;
	ret->modified_ms = (int64_t)st.st_mtim.tv_sec * 1000 +
	    st.st_mtim.tv_nsec / 1000000;
	return PIECE_FINE;
}

enum piece_state
piece_measure(struct piece *ret, const char *dir, uint64_t index,
    int64_t offset, struct err *e)
{
	struct piece found = { .index = index, .offset = offset };
	enum piece_state state;
	char path[PATH_MAX];
	int fd;

	if (!name_piece(path, dir, index, offset)) {
		(void)err_set(e, "%s: path too long", dir);
		return PIECE_UNKNOWN;
	}
	fd = file_open(path);
	if (fd == -1) {
		(void)err_set(e, "%s: %s", path, strerror(errno));
		return PIECE_UNKNOWN;
	}
	state = measure(fd, &found, e);
	close(fd);
	if (state == PIECE_FINE)
		*ret = found;
	else
		(void)err_prefix(e, "%s", path);
	return state;
}

bool
piece_is_there(const char *dir, uint64_t index, int64_t offset)
{
	char path[PATH_MAX];
	struct stat st;

	return !name_piece(path, dir, index, offset) || stat(path, &st) == 0 ||
	    errno != ENOENT;
}
