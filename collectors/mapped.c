/*
 * mapped - see mapped.h.
 *
 * A file may have been replaced by an upgrade, or lie in a container.  The
 * kernel's own way to it, map_files, finds it all the same; where that is not
 * allowed its path, below the root of the process, may do.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/mapped.h"
#include "collectors/outside.h"

const char *
mapped_parse(char *line, char range[40])
{
	char *path = strchr(line, '/'), *base, *space;

	line[strcspn(line, "\n")] = '\0';
	space = strchr(line, ' ');
	if (path == NULL || space == NULL || space > path ||
	    space - line >= 40)
		return NULL;
	base = strrchr(path, '/');
	if (strstr(base, "sqlite") == NULL)
		return NULL;
	memcpy(range, line, (size_t)(space - line));
	range[space - line] = '\0';
	return path;
}

/* A link of /proc: following it is the point.  It may lead to a device or a
 * fifo, which opening could wait for. */
static int
open_link(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static int
open_mapped(int64_t pid, const char *range, const char *path)
{
	char name[PATH_MAX];
	int fd;

	(void)snprintf(name, sizeof name, "/proc/%lld/map_files/%s",
	    (long long)pid, range);
	fd = open_link(name);
	if (fd != -1)
		return fd;
	if ((size_t)snprintf(name, sizeof name, "/proc/%lld/root%s",
	    (long long)pid, path) >= sizeof name)
		return -1;
	return file_open(name);
}

static size_t
open_libraries(int64_t pid, FILE *maps, int fds[MAPPED_MAX], size_t max)
{
	char *line = NULL, range[40], last[PATH_MAX] = "";
	size_t cap = 0, n = 0;

	for (int i = 0; n < max && i < MAPPED_LINES &&
	    getline(&line, &cap, maps) > 0; i++) {
		const char *path = mapped_parse(line, range);

		/* One file is mapped in several parts, one after another. */
		if (path == NULL || strcmp(path, last) == 0)
			continue;
		(void)snprintf(last, sizeof last, "%s", path);
		fds[n] = open_mapped(pid, range, path);
		n += fds[n] != -1;
	}
	free(line);
	return n;
}

size_t
mapped_open(int64_t pid, int fds[MAPPED_MAX])
{
	char path[64];
	size_t n = 0;
	FILE *maps;

	(void)snprintf(path, sizeof path, "/proc/%lld/maps", (long long)pid);
	maps = fopen(path, "re");
	if (maps != NULL) {
		n = open_libraries(pid, maps, fds, MAPPED_MAX - 1);
		(void)fclose(maps);	/* it was only read */
	}
	(void)snprintf(path, sizeof path, "/proc/%lld/exe", (long long)pid);
	fds[n] = open_link(path);
	return n + (fds[n] != -1);
}
