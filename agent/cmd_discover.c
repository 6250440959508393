/*
 * cmd_discover - which SQLite databases do processes here have open?
 *
 * Every descriptor in /proc/PID/fd that leads to a regular file is a candidate:
 * a -wal or -shm names its database, any other file is asked for SQLite's first
 * sixteen bytes.  Nothing is opened for writing.  Other users' processes can be
 * looked into by root only, which is said.
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

#include "agent/commands.h"
#include "agent/err.h"
#include "agent/mem.h"
#include "collectors/database.h"
#include "collectors/process.h"

#define MAX_FOUND	10000
#define MAGIC		"SQLite format 3"	/* with its NUL */

struct found {
	char	*path;		/* owned */
	dev_t	 dev;
	ino_t	 ino;
	int64_t	 pid;		/* one that has it open */
	bool	 wal;
};

struct search {
	struct found	*found;	/* owned */
	size_t		 n, cap;
	unsigned	 closed;	/* processes that we may not look into */
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
		if (s->found[i].ino == st.st_ino && s->found[i].dev == st.st_dev)
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

static void
search_all(struct search *s)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;

	if (proc == NULL)
		return;
	while ((d = readdir(proc)) != NULL)
		if (is_number(d->d_name) && strtoll(d->d_name, NULL, 10) !=
		    (long long)getpid())
			look_into(s, d->d_name);
	closedir(proc);
}

/* The file's name without its ending; made unlike those before it. */
static void
print_name(const struct search *s, size_t i)
{
	const char *base = strrchr(s->found[i].path, '/') + 1;
	const char *dot = strrchr(base, '.');
	int n = (int)(dot == NULL || dot == base ? strlen(base) :
	    (size_t)(dot - base));
	unsigned same = 1;

	for (size_t j = 0; j < i; j++) {
		const char *other = strrchr(s->found[j].path, '/') + 1;

		same += strncmp(other, base, (size_t)n) == 0 &&
		    (other[n] == '.' || other[n] == '\0');
	}
	n = n > 30 ? 30 : n;
	for (int k = 0; k < n; k++)
		putchar(isalnum((unsigned char)base[k]) || base[k] == '_' ?
		    base[k] : '-');
	if (same > 1)
		printf("-%u", same);
}

static void
print_found(const struct search *s)
{
	char command[64];

	for (size_t i = 0; i < s->n; i++) {
		const struct found *f = &s->found[i];

		process_command(f->pid, command, sizeof command);
		printf("; open in %s (PID %lld)%s\n[database ", command,
		    (long long)f->pid, f->wal ? "" : ", not in WAL mode");
		print_name(s, i);
		printf("]\npath = %s\n\n", f->path);
	}
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
	print_found(&s);
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
