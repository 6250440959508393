/*
 * binaries - see binaries.h.
 *
 * Who works on an entry has marked it busy, and it is his until he has done so
 * no more; others pass by.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "collectors/binaries.h"
#include "collectors/mapped.h"
#include "collectors/process.h"
#include "collectors/stamp.h"

#define MAX_FILE	(256ll << 20)	/* bytes of one that are read */
#define SPAN		(256u << 10)	/* bytes read at once */
#define STALE_MS	(2 * BINARIES_FRESH_MS)	/* asked for no more */
#define MAX_NEWS	64		/* told; after that it is silent */

struct key {
	dev_t		 dev;
	ino_t		 ino;
	int64_t		 size, mtime_ns;
};

struct file {
	struct file	*next;
	struct key	 key;
	int64_t		 asked_ms;
	bool		 busy;
	int64_t		 at;		/* read so far */
	struct stamp	 stamp;
};

struct process {
	struct process	*next;
	int64_t		 pid;
	uint64_t	 started;
	int64_t		 asked_ms;
	bool		 busy;
	int64_t		 look_ms;	/* mono; the last look; 0: never */
	char		 name[32];
	struct key	 files[MAPPED_MAX];
	unsigned	 nfiles;
};

struct binaries {
	pthread_mutex_t	 lock;
	/* under lock, but for what is busy */
	struct file	*files;		/* owned */
	struct process	*processes;	/* owned */
	unsigned	 nfiles, nprocesses;
	char		*news[MAX_NEWS];	/* owned; were told */
	unsigned	 nnews;
};

struct binaries *
binaries_new(void)
{
	struct binaries *b;

	NEW(b);
	pthread_mutex_init(&b->lock, NULL);
	return b;
}

void
binaries_free(struct binaries *b)
{
	struct process *p;
	struct file *f;

	if (b == NULL)
		return;
	while ((f = b->files) != NULL) {
		b->files = f->next;
		free(f);
	}
	while ((p = b->processes) != NULL) {
		b->processes = p->next;
		free(p);
	}
	for (unsigned i = 0; i < b->nnews; i++)
		free(b->news[i]);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static bool
is_same(const struct key *a, const struct key *b)
{
	return a->ino == b->ino && a->dev == b->dev && a->size == b->size &&
	    a->mtime_ns == b->mtime_ns;
}

static struct file *
find_file(struct binaries *b, const struct key *key)
{
	struct file *f = b->files;

	while (f != NULL && !is_same(&f->key, key))
		f = f->next;
	return f;
}

/* The place of a file: its own, that of one which nobody has asked for of late,
 * or a new one; NULL: there is none to be had. */
static struct file *
file_place(struct binaries *b, const struct key *key, int64_t now)
{
	struct file *f = find_file(b, key), *stale = b->files;

	while (stale != NULL &&
	    (stale->busy || now - stale->asked_ms < STALE_MS))
		stale = stale->next;
	if (f == NULL && stale != NULL) {
		f = stale;
		*f = (struct file){ .next = f->next, .key = *key };
	} else if (f == NULL && b->nfiles < BINARIES_FILES) {
		NEW(f);
		f->next = b->files;
		b->files = f;
		b->nfiles++;
		f->key = *key;
	}
	if (f != NULL)
		f->asked_ms = now;
	return f;
}

/* The same for a process. */
static struct process *
process_place(struct binaries *b, int64_t pid, uint64_t started, int64_t now)
{
	struct process *p = b->processes, *stale = NULL;

	for (; p != NULL; p = p->next) {
		if (p->pid == pid && p->started == started)
			break;
		if (!p->busy && now - p->asked_ms >= STALE_MS)
			stale = p;
	}
	if (p == NULL && stale != NULL) {
		p = stale;
		*p = (struct process){ .next = p->next, .pid = pid,
		    .started = started };
	} else if (p == NULL && b->nprocesses < BINARIES_PROCESSES) {
		NEW(p);
		p->next = b->processes;
		b->processes = p;
		b->nprocesses++;
		p->pid = pid;
		p->started = started;
	}
	if (p != NULL)
		p->asked_ms = now;
	return p;
}

static int64_t
end_of(const struct file *f)
{
	return f->key.size < MAX_FILE ? f->key.size : MAX_FILE;
}

static bool
is_read(const struct file *f)
{
	return f->at >= end_of(f);
}

/* Some more of a file, as far as *budget bytes go. */
static void
read_on(struct file *f, int fd, int64_t *budget)
{
	unsigned char *span = mem_new(1, SPAN);
	int64_t end = end_of(f);

	while (f->at < end && *budget > 0) {
		ssize_t n = pread(fd, span, SPAN, (off_t)f->at);

		if (n <= 0) {
			f->at = end;
			break;
		}
		stamp_feed(&f->stamp, span, (size_t)n, (uint64_t)f->at);
		*budget -= n;
		f->at += n == SPAN ? n - STAMP_OVERLAP : n;
	}
	free(span);
}

/* False: there is no place for it. */
static bool
look_at_file(struct binaries *b, int fd, const struct key *key, int64_t now,
    int64_t *budget)
{
	struct file *f;
	bool mine;

	pthread_mutex_lock(&b->lock);
	f = file_place(b, key, now);
	mine = f != NULL && !f->busy && !is_read(f);
	if (mine)
		f->busy = true;
	pthread_mutex_unlock(&b->lock);
	if (!mine)
		return f != NULL;
	read_on(f, fd, budget);
	pthread_mutex_lock(&b->lock);
	f->busy = false;
	pthread_mutex_unlock(&b->lock);
	return true;
}

static void
name_process(struct process *p)
{
	char command[64];

	process_command(p->pid, command, sizeof command);
	command[strcspn(command, " ")] = '\0';
	memcpy(p->name, command, sizeof p->name - 1);
	p->name[sizeof p->name - 1] = '\0';
}

/* It is busy, and ours. */
static void
look(struct binaries *b, struct process *p, int64_t now, int64_t *budget)
{
	int fds[MAPPED_MAX];
	size_t n = mapped_open(p->pid, fds);

	name_process(p);
	p->nfiles = 0;
	for (size_t i = 0; i < n; i++) {
		struct key *key = &p->files[p->nfiles];
		struct stat st;

		if (fstat(fds[i], &st) == 0) {
			*key = (struct key){ st.st_dev, st.st_ino, st.st_size,
			    st.st_mtim.tv_sec * 1000000000ll +
			    st.st_mtim.tv_nsec };
			p->nfiles += look_at_file(b, fds[i], key, now, budget);
		}
		close(fds[i]);
	}
}

static void
add_stamp(struct program *ret, const struct stamp *s)
{
	if (ret->sqlite[0] == '\0' && s->date[0] != '\0') {
		ret->dated = stamp_name(s) == s->date;
		memcpy(ret->sqlite, stamp_name(s), strlen(stamp_name(s)));
		ret->wal_reset = stamp_has_wal_reset(s);
	}
	if (s->litestream[0] != '\0') {
		memcpy(ret->litestream, s->litestream, sizeof s->litestream);
		ret->stops = stamp_stops_silently(s);
	}
}

/* Under the lock, and nobody works on it.  Of files that were read whole: true
 * when there are others that somebody may go on with. */
static bool
tell(struct binaries *b, const struct process *p, int64_t now,
    struct program *ret)
{
	bool more = false;

	memcpy(ret->name, p->name, sizeof ret->name);
	for (unsigned i = 0; i < p->nfiles; i++) {
		struct file *f = find_file(b, &p->files[i]);

		if (f == NULL || f->busy)
			continue;
		f->asked_ms = now;
		if (is_read(f))
			add_stamp(ret, &f->stamp);
		else
			more = true;
	}
	return more;
}

bool
binaries_ask(struct binaries *b, int64_t pid, int64_t mono_ms,
    int64_t *budget, struct program *ret)
{
	uint64_t started = process_started(pid);
	struct process *p;
	bool more = false;

	*ret = (struct program){ .name = "" };
	if (started == 0)
		return false;
	pthread_mutex_lock(&b->lock);
	p = process_place(b, pid, started, mono_ms);
	if (p == NULL || p->busy)
		goto out;
	more = tell(b, p, mono_ms, ret) || p->look_ms == 0 ||
	    mono_ms - p->look_ms >= BINARIES_FRESH_MS;
	if (more && *budget > 0) {
		p->busy = true;
		p->look_ms = mono_ms;
		pthread_mutex_unlock(&b->lock);
		look(b, p, mono_ms, budget);
		pthread_mutex_lock(&b->lock);
		p->busy = false;
		*ret = (struct program){ .name = "" };
		more = tell(b, p, mono_ms, ret);
	}
out:
	pthread_mutex_unlock(&b->lock);
	return more;
}

bool
binaries_is_news(struct binaries *b, const char *text)
{
	bool is_news;

	pthread_mutex_lock(&b->lock);
	is_news = b->nnews < MAX_NEWS;
	for (unsigned i = 0; i < b->nnews; i++)
		is_news = is_news && strcmp(b->news[i], text) != 0;
	if (is_news)
		b->news[b->nnews++] = mem_strdup(text);
	pthread_mutex_unlock(&b->lock);
	return is_news;
}
