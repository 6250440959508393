/*
 * s3_store - objects as plain files.
 *
 *	DIR/app/0000/a-b.ltx		the object "app/0000/a-b.ltx"
 *	DIR/.meta/app/0000/a-b.ltx	its x-amz-meta-*, a line each
 *	DIR/.parts/ID/00001		of an upload that comes in parts
 *
 * A segment that is empty, begins with a point or has odd bytes is encoded:
 * "./a" is DIR/%2E/a and "/a" is DIR/%/a.
 */
#ifndef TESTS_TOOLS_S3_STORE_H
#define TESTS_TOOLS_S3_STORE_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "tests/tools/s3_text.h"

#define STORE_DEPTH	64
#define STORE_MAX	(1u << 30)	/* bytes of an object */

struct store_object {
	char		*key;		/* owned */
	int64_t		 size;
	struct timespec	 modified;
};

struct store_list {
	struct store_object *at;	/* owned */
	size_t		 n, room;
};

/* The caller frees. */
static inline char *
store_path(const char *dir, const char *tree, const char *key)
{
	char *path;
	size_t size;
	FILE *f = open_memstream(&path, &size);

	fprintf(f, "%s/%s", dir, tree);
	for (bool more = true; more; key += more) {
		size_t n = strcspn(key, "/");

		if (*tree != '\0' || ftell(f) > (long)strlen(dir) + 1)
			putc('/', f);
		if (n == 0)
			putc('%', f);
		for (size_t i = 0; i < n; i++)
			if ((i == 0 && key[i] == '.') ||
			    (!isalnum((unsigned char)key[i]) &&
			    strchr("._-", key[i]) == NULL))
				fprintf(f, "%%%02X", (unsigned char)key[i]);
			else
				putc(key[i], f);
		key += n;
		more = *key == '/';
	}
	fclose(f);
	return path;
}

static inline void
store_parents(const char *path)
{
	char *copy = strdup(path);

	for (char *p = copy + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		(void)mkdir(copy, 0755);
		*p = '/';
	}
	free(copy);
}

/* Whole or not at all.  n pieces of data, one after the other. */
static inline bool
store_write(const char *dir, const char *path, const void *data, size_t n)
{
	static atomic_ulong number;
	char part[PATH_MAX];
	const char *at = data;
	bool good;
	int fd;

	snprintf(part, sizeof part, "%s/.tmp-%d-%lu", dir, (int)getpid(),
	    atomic_fetch_add(&number, 1));
	store_parents(path);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd == -1)
		return false;
	while (n > 0) {
		ssize_t sent = write(fd, at, n);

		if (sent <= 0)
			break;
		at += sent;
		n -= (size_t)sent;
	}
	good = n == 0;
	close(fd);
	good = good && rename(part, path) == 0;
	if (!good)
		unlink(part);
	return good;
}

/* The caller frees; NULL: it is not there. */
static inline char *
store_read(const char *path, size_t *n, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data;

	*n = 0;
	if (fd == -1)
		return NULL;
	if (fstat(fd, st) == -1 || !S_ISREG(st->st_mode) ||
	    st->st_size > STORE_MAX) {
		close(fd);
		return NULL;
	}
	data = malloc((size_t)st->st_size + 1);
	while (*n < (size_t)st->st_size) {
		ssize_t got = read(fd, data + *n, (size_t)st->st_size - *n);

		if (got <= 0)
			break;
		*n += (size_t)got;
	}
	data[*n] = '\0';
	close(fd);
	return data;
}

static inline void
store_remove(const char *dir, const char *key)
{
	static const char *const trees[] = { "", ".meta" };

	for (size_t i = 0; i < TOOL_LENGTH(trees); i++) {
		char *path = store_path(dir, trees[i], key), *slash;

		unlink(path);
		/* Folders that it leaves empty were there for it only. */
		while ((slash = strrchr(path, '/')) != NULL &&
		    slash > path + strlen(dir)) {
			*slash = '\0';
			if (rmdir(path) == -1)
				break;
		}
		free(path);
	}
}

static inline void
store_add(struct store_list *l, const char *key, const struct stat *st)
{
	if (l->n == l->room) {
		l->room = l->room == 0 ? 256 : 2 * l->room;
		l->at = realloc(l->at, l->room * sizeof *l->at);
	}
	l->at[l->n++] = (struct store_object){ strdup(key), st->st_size,
		st->st_mtim };
}

static inline void
store_walk(struct store_list *l, const char *path, const char *key, int depth)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d != NULL && depth < STORE_DEPTH && (e = readdir(d)) != NULL) {
		char below[PATH_MAX], sub[PATH_MAX], name[NAME_MAX + 1];
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s", strcmp(e->d_name, "%") == 0 ?
		    "" : e->d_name);
		text_decode(name);
		if ((size_t)snprintf(below, sizeof below, "%s/%s", path,
		    e->d_name) >= sizeof below ||
		    (size_t)snprintf(sub, sizeof sub, "%s%s%s", key,
		    depth > 0 ? "/" : "", name) >= sizeof sub ||
		    stat(below, &st) == -1)
			continue;
		if (S_ISDIR(st.st_mode))
			store_walk(l, below, sub, depth + 1);
		else
			store_add(l, sub, &st);
	}
	if (d != NULL)
		closedir(d);
}

static inline int
store_compare(const void *a, const void *b)
{
	return strcmp(((const struct store_object *)a)->key,
	    ((const struct store_object *)b)->key);
}

static inline void
store_list(struct store_list *l, const char *dir)
{
	*l = (struct store_list){ 0 };
	store_walk(l, dir, "", 0);
	if (l->n > 0)
		qsort(l->at, l->n, sizeof *l->at, store_compare);
}

static inline void
store_list_free(struct store_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i].key);
	free(l->at);
}

#endif
