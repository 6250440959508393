/*
 * paths - see paths.h.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "litestream/paths.h"

/* What is written so far; `.` and `..` are taken from its end. */
struct out {
	char	*text;
	size_t	 len;
	size_t	 floor;		/* ".." goes no further back */
	bool	 rooted;
};

/* With the slash before it, where one belongs. */
static void
put_element(struct out *o, const char *at, size_t n)
{
	if (o->len > (size_t)o->rooted)
		o->text[o->len++] = '/';
	memcpy(o->text + o->len, at, n);
	o->len += n;
}

static void
take_back(struct out *o)
{
	if (o->len > o->floor) {
		o->len--;
		while (o->len > o->floor && o->text[o->len] != '/')
			o->len--;
	} else if (!o->rooted) {
		put_element(o, "..", 2);
		o->floor = o->len;
	}
}

char *
path_clean(const char *path)
{
	struct out o = { .rooted = path[0] == '/' };

	o.text = mem_new(strlen(path) + 2, 1);
	if (o.rooted)
		o.text[o.len++] = '/';
	o.floor = o.len;
	while (*path != '\0') {
		size_t n = strcspn(path, "/");

		if (n == 2 && memcmp(path, "..", 2) == 0)
			take_back(&o);
		else if (n > 0 && !(n == 1 && path[0] == '.'))
			put_element(&o, path, n);
		path += n + (path[n] == '/');
	}
	if (o.len == 0)
		o.text[o.len++] = '.';
	o.text[o.len] = '\0';
	return o.text;
}

char *
path_join(const char *a, const char *b)
{
	char *both, *clean;

	if (a[0] == '\0' && b[0] == '\0')
		return mem_strdup("");
	if (a[0] == '\0')
		return path_clean(b);
	both = mem_printf("%s/%s", a, b);
	clean = path_clean(both);
	free(both);
	return clean;
}
