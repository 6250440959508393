/*
 * s3_key - keys as Litestream makes them.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "litestream/s3.h"

/* A path that grows by segments, as Go's path.Clean() writes it. */
struct clean {
	char	 text[S3_MAX_KEY + 1];
	size_t	 n, least;	/* ".." may not go back behind least */
	bool	 rooted;
};

static void
go_up(struct clean *c)
{
	while (c->n > c->least && c->text[--c->n] != '/')
		;
}

/* False: there is no room. */
static bool
add_segment(struct clean *c, const char *segment, size_t n)
{
	bool up = n == 2 && memcmp(segment, "..", 2) == 0;
	bool slash = c->rooted || c->n > 0;

	if (n == 0 || (n == 1 && *segment == '.'))
		return true;
	if (up && c->n > c->least) {
		go_up(c);
		return true;
	}
	if (up && c->rooted)
		return true;
	if (n + slash > S3_MAX_KEY - c->n)
		return false;
	if (slash)
		c->text[c->n++] = '/';
	memcpy(c->text + c->n, segment, n);
	c->n += n;
	if (up)
		c->least = c->n;
	return true;
}

static bool
add_path(struct clean *c, const char *path)
{
	for (; *path != '\0'; path += *path == '/') {
		size_t n = strcspn(path, "/");

		if (!add_segment(c, path, n))
			return false;
		path += n;
	}
	return true;
}

char *
s3_key_03(const struct replica *r, const char *rest)
{
	const char *path = r->path != NULL ? r->path : "";
	struct clean c = { .rooted = path[0] == '/' };

	if (!add_path(&c, path) || !add_path(&c, rest))
		return NULL;
	c.text[c.n] = '\0';
	return mem_strdup(c.text);
}

char *
s3_key_05(const struct replica *r, const char *rest)
{
	const char *path = r->path != NULL ? r->path : "";

	if (strlen(path) > S3_MAX_KEY || strlen(rest) > S3_MAX_KEY ||
	    strlen(path) + 1 + strlen(rest) > S3_MAX_KEY)
		return NULL;
	return mem_printf("%s/%s", path, rest);
}
