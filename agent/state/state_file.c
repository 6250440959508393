/*
 * state_file - see state_file.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/state/state_file.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

#define HEADER_SIZE	100	/* of a SQLite file */
#define HEADER_ID	68	/* application_id, big-endian */
#define MAX_ASIDE	100	/* damaged files of one second */

static const char *const companions[] = { "-journal", "-wal", "-shm" };

#define NCOMPANIONS	(sizeof companions / sizeof companions[0])

/* Each directory above the file; those that are missing are made. */
static int
make_directories(const char *path, struct err *e)
{
	char *part = mem_strdup(path);
	int status = 0;

	for (char *c = part; status == 0 && *c != '\0'; c++) {
		if (*c != '/' || c == part)
			continue;
		*c = '\0';
		if (mkdir(part, 0700) == -1 && errno != EEXIST)
			status = err_set(e, "%s: cannot make this directory: "
			    "%s; state = or --state can name another place",
			    part, strerror(errno));
		*c = '/';
	}
	free(part);
	return status;
}

static int
say_held(int fd, const char *path, struct err *e)
{
	char text[32] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	long pid = n > 0 ? strtol(text, NULL, 10) : 0;

	if (pid <= 0)
		return err_set(e, "%s: another litegauge uses it", path);
	return err_set(e, "%s: another litegauge (PID %ld) uses it", path, pid);
}

/* For people and for say_held(); the lock does not depend on it. */
static void
write_pid(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == -1 || pwrite(fd, text, (size_t)n, 0) == -1)
		(void)0;
}

static enum state_file
kind_of(const unsigned char header[HEADER_SIZE], ssize_t n)
{
	const unsigned char *id = header + HEADER_ID;

	if (n == 0)
		return STATE_FILE_NONE;
	if (n < HEADER_SIZE || memcmp(header, "SQLite format 3", 16) != 0)
		return STATE_FILE_DAMAGED;
	return ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
	    (uint32_t)id[2] << 8 | id[3]) == STATE_APPLICATION_ID ?
	    STATE_FILE_OURS : STATE_FILE_FOREIGN;
}

int
state_file_look(enum state_file *ret, const char *path, struct err *e)
{
	unsigned char header[HEADER_SIZE];
	struct stat st;
	ssize_t n;
	int fd;

	if (stat(path, &st) == -1 && errno == ENOENT) {
		*ret = STATE_FILE_NONE;
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 || fstat(fd, &st) == -1) {
		err_set(e, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		err_set(e, "%s: not a regular file", path);
	} else if ((n = pread(fd, header, sizeof header, 0)) == -1) {
		err_set(e, "%s: %s", path, strerror(errno));
	} else {
		*ret = kind_of(header, n);
		close(fd);
		return 0;
	}
	if (fd != -1)
		close(fd);
	return -1;
}

/* No lock file is made beside the database of another program. */
static int
open_lock(const char *name, const char *path, enum state_fault *fault,
    struct err *e)
{
	enum state_file kind = STATE_FILE_NONE;
	int fd = open(name, O_RDWR | O_CLOEXEC);

	if (fd == -1 && errno == ENOENT) {
		if (state_file_look(&kind, path, e) == -1)
			return -1;
		if (kind == STATE_FILE_FOREIGN) {
			*fault = STATE_FAULT_FOREIGN;
			return state_file_refuse(path, e);
		}
		fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	}
	if (fd == -1)
		err_set(e, "%s: %s; state = or --state can name another place",
		    name, strerror(errno));
	return fd;
}

int
state_file_lock(const char *path, enum state_fault *fault, struct err *e)
{
	char *name;
	int fd;

	*fault = STATE_FAULT_DISK;
	if (make_directories(path, e) == -1)
		return -1;
	name = mem_printf("%s.lock", path);
	fd = open_lock(name, path, fault, e);
	if (fd != -1 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		write_pid(fd);
	} else if (fd != -1) {
		if (errno == EWOULDBLOCK) {
			*fault = STATE_FAULT_FOREIGN;
			say_held(fd, path, e);
		} else {
			err_set(e, "%s: flock: %s", name, strerror(errno));
		}
		close(fd);
		fd = -1;
	}
	free(name);
	return fd;
}

int
state_file_refuse(const char *path, struct err *e)
{
	return err_set(e, "%s: this is the database of another program, "
	    "litegauge needs a file of its own", path);
}

/* A name beside path that no file has. */
static char *
aside_name(const char *path)
{
	time_t now = (time_t)(wall_ms() / 1000);
	char when[32], *name;
	struct stat st;
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y%m%dT%H%M%S", &tm);
	name = mem_printf("%s.damaged-%s", path, when);
	for (int i = 2; i < MAX_ASIDE && lstat(name, &st) == 0; i++) {
		free(name);
		name = mem_printf("%s.damaged-%s-%d", path, when, i);
	}
	return name;
}

/* The log goes with its file: beside a new one it would be read into it. */
static void
move_companions(const char *path, const char *aside)
{
	for (size_t i = 0; i < NCOMPANIONS; i++) {
		char *from = mem_printf("%s%s", path, companions[i]);
		char *to = mem_printf("%s%s", aside, companions[i]);

		if (rename(from, to) == -1)
			(void)unlink(from);
		free(from);
		free(to);
	}
}

int
state_file_move_aside(const char *path, const char *why, char **note,
    struct err *e)
{
	char *aside = aside_name(path);
	int status = 0;

	if (rename(path, aside) == -1) {
		status = err_set(e, "%s: damaged (%s), and it cannot be moved "
		    "aside: %s", path, why, strerror(errno));
	} else {
		move_companions(path, aside);
		*note = mem_printf("%s was damaged (%s): a new one is begun, "
		    "the old one is kept as %s", path, why, aside);
	}
	free(aside);
	return status;
}

/* A new name is on disk only when its directory is. */
static int
sync_directory(const char *path, struct err *e)
{
	char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = 0;

	if (fd == -1 || fsync(fd) == -1)
		status = err_set(e, "%s: fsync of its directory: %s", path,
		    strerror(errno));
	if (fd != -1)
		close(fd);
	free(copy);
	return status;
}

static void
remove_companions(const char *path)
{
	for (size_t i = 0; i < NCOMPANIONS; i++) {
		char *name = mem_printf("%s%s", path, companions[i]);

		(void)unlink(name);	/* mostly it is not there */
		free(name);
	}
}

int
state_file_install(const char *from, const char *path, struct err *e)
{
	remove_companions(path);
	if (rename(from, path) == -1)
		return err_set(e, "%s: rename: %s", path, strerror(errno));
	return sync_directory(path, e);
}

void
state_file_remove(const char *path)
{
	(void)unlink(path);
	remove_companions(path);
}
