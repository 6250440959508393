/*
 * file - how big the database is, and how much room it has.
 *
 * Page 1 on the disk is stale while a newer one lives in the log, so the number
 * of free pages comes from the newest frame of page 1 when there is one.  The
 * log is searched only where it has grown since the last look.
 */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/batch.h"
#include "base/buf.h"
#include "base/err.h"
#include "collectors/collector.h"
#include "collectors/database.h"
#include "collectors/frames.h"
#include "collectors/outside.h"

#define SPACE_EVERY_MS	5000	/* how often the file system is asked */

enum { INFO, SIZE, FREE, AVAIL, FS_SIZE, WAL_SIZE };

static const struct metric metrics[] = {
	[INFO] = { "sqlite_database_info", METRIC_INFO, NULL,
	    "The database's path, journal mode, page size and file system; "
	    "always 1." },
	[SIZE] = { "sqlite_database_size_bytes", METRIC_GAUGE, NULL,
	    "Size of the database file." },
	[FREE] = { "sqlite_database_free_bytes", METRIC_GAUGE, NULL,
	    "Free pages inside the database, as of the last commit." },
	[AVAIL] = { "sqlite_filesystem_avail_bytes", METRIC_GAUGE, NULL,
	    "Room left, for programs without privileges, on the file system "
	    "that holds the database; at most 5 seconds old." },
	[FS_SIZE] = { "sqlite_filesystem_size_bytes", METRIC_GAUGE, NULL,
	    "Size of the file system that holds the database." },
	[WAL_SIZE] = { "sqlite_wal_size_bytes", METRIC_GAUGE, NULL,
	    "Size of the -wal file: a high-water mark, not the live log; 0 "
	    "when there is none." },
};

struct file_state {
	int64_t		 space_ms;	/* mono; when it was asked last */
	double		 avail, size;	/* bytes */
	dev_t		 dev;		/* fs is of this one */
	char		 fs[32];
	uint32_t	 epoch, searched;	/* log, frames searched in it */
	uint32_t	 page1;		/* its newest page 1; 0: none */
	double		 free_pages;
};

/* What statfs(2) calls the usual ones, for where mountinfo is silent: in a
 * chroot, or for a file in another mount namespace. */
static const struct {
	unsigned long	 magic;
	const char	*name;
} filesystems[] = {
	{ EXT4_SUPER_MAGIC, "ext4" },	{ XFS_SUPER_MAGIC, "xfs" },
	{ BTRFS_SUPER_MAGIC, "btrfs" },	{ TMPFS_MAGIC, "tmpfs" },
	{ OVERLAYFS_SUPER_MAGIC, "overlay" }, { NFS_SUPER_MAGIC, "nfs" },
	{ F2FS_SUPER_MAGIC, "f2fs" },	{ FUSE_SUPER_MAGIC, "fuse" },
};

static void
name_by_magic(struct file_state *s, int fd)
{
	struct statfs st;

	(void)snprintf(s->fs, sizeof s->fs, "unknown");
	if (fstatfs(fd, &st) == -1)
		return;
	for (size_t i = 0; i < sizeof filesystems / sizeof *filesystems; i++)
		if ((unsigned long)st.f_type == filesystems[i].magic)
			(void)snprintf(s->fs, sizeof s->fs, "%s",
			    filesystems[i].name);
}

static void
name_filesystem(struct file_state *s, const struct database *db)
{
	char line[4096], want[32], at[32], type[32];
	FILE *f = fopen("/proc/self/mountinfo", "re");

	s->dev = db->dev;
	name_by_magic(s, db->fd);
	if (f == NULL)
		return;
	(void)snprintf(want, sizeof want, "%u:%u", major(db->dev),
	    minor(db->dev));
	while (fgets(line, sizeof line, f) != NULL) {
		const char *dash = strstr(line, " - ");

		if (dash != NULL && sscanf(line, "%*d %*d %31s", at) == 1 &&
		    strcmp(at, want) == 0 &&
		    sscanf(dash, " - %31s", type) == 1)
			(void)snprintf(s->fs, sizeof s->fs, "%s", type);
	}
	fclose(f);
}

static int
ask_space(struct file_state *s, const struct database *db, struct err *e)
{
	struct statvfs v;

	if (s->space_ms != 0 && db->mono_ms - s->space_ms < SPACE_EVERY_MS &&
	    !db->replaced)
		return 0;
	if (fstatvfs(db->fd, &v) == -1)
		return err_set(e, "%s: statvfs: %s", db->path,
		    strerror(errno));
	s->avail = (double)v.f_bavail * (double)v.f_frsize;
	s->size = (double)v.f_blocks * (double)v.f_frsize;
	s->space_ms = db->mono_ms;
	if (s->dev != db->dev)
		name_filesystem(s, db);
	return 0;
}

/* Free pages as of the last commit: from the log if page 1 is there. */
static void
find_free_pages(struct file_state *s, const struct database *db)
{
	const struct wal *w = &db->wal;
	uint32_t found;
	int64_t n = -1;
	int fd;

	if (!wal_is_live(w) || s->epoch != w->epoch ||
	    w->h.max_frame < s->searched) {
		s->epoch = w->epoch;
		s->searched = s->page1 = 0;
	}
	if (wal_is_live(w) && w->h.max_frame > s->searched) {
		found = frames_find_page1(w->fd, &w->h, s->searched);
		s->searched = w->h.max_frame;
		if (found != 0 && (fd = file_open(w->wal_path)) != -1) {
			n = frames_free_pages(fd, &w->h, found);
			close(fd);
		}
		if (n >= 0) {
			s->page1 = found;
			s->free_pages = (double)n;
		}
	}
	if (s->page1 == 0)
		s->free_pages = db->header.free_pages;
}

static double
wal_file_size(const struct database *db)
{
	struct stat st;

	return stat(db->wal_path, &st) == -1 ? 0 : (double)st.st_size;
}

static void
add_info(struct batch *out, const struct file_state *s,
    const struct database *db)
{
	struct buf labels;
	char size[16];

	(void)snprintf(size, sizeof size, "%u", db->header.page_size);
	buf_init(&labels, 8192);
	batch_label(&labels, "path", db->path);
	batch_label(&labels, "journal_mode", db->empty ? "none" :
	    db->header.wal ? "wal" : "rollback");
	batch_label(&labels, "page_size", size);
	batch_label(&labels, "filesystem", s->fs);
	if (buf_ok(&labels))
		batch_add_labelled(out, &metrics[INFO], 1, labels.data);
	buf_free(&labels);
}

static int
file_sample(struct database *db, void *state, struct batch *out, struct err *e)
{
	struct file_state *s = state;

	if (ask_space(s, db, e) == -1)
		return -1;
	find_free_pages(s, db);
	add_info(out, s, db);
	batch_add(out, &metrics[SIZE], (double)db->size);
	batch_add(out, &metrics[FREE], s->free_pages * db->header.page_size);
	batch_add(out, &metrics[AVAIL], s->avail);
	batch_add(out, &metrics[FS_SIZE], s->size);
	batch_add(out, &metrics[WAL_SIZE], wal_file_size(db));
	return 0;
}

const struct collector collector_file = {
	.name		= "file",
	.help		= "Sizes of the database, its log and its file system.",
	COLLECTOR_METRICS(metrics),
	.state_size	= sizeof(struct file_state),
	.sample		= file_sample,
};
