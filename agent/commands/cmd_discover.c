/*
 * cmd_discover - which SQLite databases do processes here have open?
 *
 * Every descriptor in /proc/PID/fd that leads to a regular file is a candidate:
 * a -wal or -shm names its database, any other file is asked for SQLite's first
 * sixteen bytes.  Nothing is opened for writing.  Other users' processes can be
 * looked into by root only, which is said.  Beside each database is told where
 * Litestream copies it to.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/commands/commands.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/format.h"
#include "collectors/outside.h"
#include "collectors/process.h"
#include "litestream/discover.h"

#define MAX_FOUND	10000
#define MAX_PATH	180	/* fits in a line of the configuration */
#define MAX_BASE	30	/* of a name; a number may follow */
#define MAGIC		"SQLite format 3"	/* with its NUL */

struct found {
	char	*path;		/* owned */
	char	 base[MAX_BASE + 1];	/* what its name begins with */
	char	 name[MAX_BASE + 16];	/* unlike all before it */
	dev_t	 dev;
	ino_t	 ino;
	int64_t	 pid;		/* one that has it open */
	bool	 wal;
};

struct search {
	struct found	*found;	/* owned */
	size_t		 n, cap;
	unsigned	 closed;	/* processes we may not look into */
	struct discovery *litestream;	/* owned */
};

static bool
is_number(const char *text)
{
	return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* /data/app.db-wal is /data/app.db; anything else stays. */
static void
strip_side_file(char *path)
{
	static const char *const ends[] = { "-wal", "-shm", "-journal" };
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i]);

		if (len > n && strcmp(path + len - n, ends[i]) == 0)
			path[len - n] = '\0';
	}
}

static bool
is_sqlite(const char *path, bool *wal)
{
	struct db_header h;
	unsigned char b[DB_HEADER_SIZE];
	struct err e;
	int fd = file_open(path);
	ssize_t n;

	if (fd == -1)
		return false;
	n = pread(fd, b, sizeof b, 0);
	close(fd);
	if (n < (ssize_t)sizeof MAGIC || memcmp(b, MAGIC, sizeof MAGIC) != 0 ||
	    db_header_parse(&h, b, (size_t)n, &e) == -1)
		return false;
	*wal = h.wal;
	return true;
}

static void
consider(struct search *s, const char *link, int64_t pid)
{
	struct found f = { .pid = pid };
	char path[PATH_MAX];
	struct stat st;

	if (link[0] != '/' || s->n == MAX_FOUND)
		return;
	(void)snprintf(path, sizeof path, "%s", link);
	strip_side_file(path);
	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (s->found[i].ino == st.st_ino &&
		    s->found[i].dev == st.st_dev)
			return;
	if (!is_sqlite(path, &f.wal))
		return;
	f.path = mem_strdup(path);
	f.dev = st.st_dev;
	f.ino = st.st_ino;
	MEM_ROOM(s->found, s->n, s->cap);
	s->found[s->n++] = f;
}

static void
look_into(struct search *s, const char *pid)
{
	char dir[64], link[PATH_MAX];
	struct dirent *d;
	ssize_t n;
	DIR *fds;

	(void)snprintf(dir, sizeof dir, "/proc/%.20s/fd", pid);
	fds = opendir(dir);
	if (fds == NULL) {
		s->closed++;
		return;
	}
	while ((d = readdir(fds)) != NULL) {
		n = readlinkat(dirfd(fds), d->d_name, link, sizeof link - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		consider(s, link, strtoll(pid, NULL, 10));
	}
	closedir(fds);
}

/* An agent reads the same files, and has its own state.db open. */
static bool
is_one_of_us(const char *pid)
{
	char path[64], name[16] = "";
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	n = read(fd, name, sizeof name - 1);
	close(fd);
	return n > 0 && strcmp(name, "litegauge\n") == 0;
}

static void
search_all(struct search *s)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;

	if (proc == NULL)
		return;
	while ((d = readdir(proc)) != NULL)
		if (is_number(d->d_name) && !is_one_of_us(d->d_name))
			look_into(s, d->d_name);
	closedir(proc);
}

/* The file's name without its ending, in characters that any label may have. */
static void
set_base(struct found *f)
{
	const char *base = strrchr(f->path, '/') + 1;
	const char *dot = strrchr(base, '.');
	size_t n = dot == NULL || dot == base ? strlen(base) :
	    (size_t)(dot - base);

	n = n > MAX_BASE ? MAX_BASE : n;
	for (size_t i = 0; i < n; i++)
		f->base[i] = isalnum((unsigned char)base[i]) ||
		    base[i] == '_' ? base[i] : '-';
	f->base[n] = '\0';
}

static bool
is_name_taken(const struct search *s, size_t before, const char *name)
{
	for (size_t i = 0; i < before; i++)
		if (strcmp(s->found[i].name, name) == 0)
			return true;
	return false;
}

static void
set_name(struct search *s, size_t i)
{
	struct found *f = &s->found[i];
	unsigned n = 1;

	set_base(f);
	for (size_t j = 0; j < i; j++)
		n += strcmp(s->found[j].base, f->base) == 0;
	(void)snprintf(f->name, sizeof f->name, n > 1 ? "%s-%u" : "%s",
	    f->base, n);
	while (is_name_taken(s, i, f->name))
		(void)snprintf(f->name, sizeof f->name, "%s-%u", f->base, ++n);
}

/*
 * Would it be read back as it is?  A line feed in it could even begin a section
 * of its own, and whoever may open a file may choose its name.
 */
static bool
is_one_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static bool
can_be_written(const char *path)
{
	size_t n = strlen(path);

	return is_one_line(path) && n <= MAX_PATH && path[n - 1] != ' ' &&
	    strpbrk(path, "*?[") == NULL && strstr(path, " ;") == NULL;
}

/* Whoever may start a Litestream chooses these texts. */
static void
print_setup(const struct setup *s)
{
	for (size_t i = 0; i < s->nreplicas; i++) {
		const char *place = s->replicas[i].place;

		if (!is_one_line(place) || !is_one_line(s->source))
			printf("; Litestream copies it to a place that cannot "
			    "be printed\n");
		else if (s->pid == 0)
			printf("; %s has Litestream copy it to %s\n",
			    s->source, place);
		else
			printf("; Litestream (PID %lld, %s) copies it to %s\n",
			    (long long)s->pid, s->source, place);
	}
}

static void
print_one(const struct search *s, const struct found *f)
{
	struct setup *setup;
	char command[64];

	if (!can_be_written(f->path)) {
		fprintf(stderr, "a database that PID %lld has open is left "
		    "out: its path cannot stand in a configuration\n",
		    (long long)f->pid);
		return;
	}
	process_command(f->pid, command, sizeof command);
	printf("; open in %s (PID %lld)%s\n", command, (long long)f->pid,
	    f->wal ? "" : ", not in WAL mode");
	setup = discovery_setup(s->litestream, f->path, f->dev, f->ino);
	if (setup != NULL)
		print_setup(setup);
	setup_unref(setup);
	printf("[database %s]\npath = %s\n\n", f->name, f->path);
}

static void
print_found(struct search *s)
{
	for (size_t i = 0; i < s->n; i++) {
		set_name(s, i);
		print_one(s, &s->found[i]);
	}
}

static void
print_notes(const struct discovery *d)
{
	for (size_t i = 0; i < discovery_notes(d); i++)
		fprintf(stderr, "%s\n", discovery_note(d, i));
}

int
cmd_discover(const struct agent_flags *f, int argc, char **argv)
{
	struct search s = { 0 };
	int status;

	(void)f;
	(void)argc;
	(void)argv;
	search_all(&s);
	s.litestream = discovery_new("/proc", DISCOVER_DEFAULT_FILE);
	print_found(&s);
	print_notes(s.litestream);
	discovery_free(s.litestream);
	if (s.closed > 0)
		fprintf(stderr, "%u processes of other users could not be "
		    "looked into; root can\n", s.closed);
	if (s.n == 0)
		fprintf(stderr, "no process has a SQLite database open\n");
	status = s.n > 0 ? EXIT_FINE : EXIT_TROUBLE;
	for (size_t i = 0; i < s.n; i++)
		free(s.found[i].path);
	free(s.found);
	return status;
}
