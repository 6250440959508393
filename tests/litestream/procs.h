/*
 * procs - a /proc with Litestreams in it, made up.
 */
#ifndef TESTS_LITESTREAM_PROCS_H
#define TESTS_LITESTREAM_PROCS_H

#include "tests/litestream/copies.h"

#include "litestream/discover.h"

#define YML	"litestream.yml"

/* A process: cmdline and environ have '|' for their NULs. */
struct made {
	const char	*pid, *args, *environ, *exe, *ns;
};

static inline void
put_zeroed(const char *dir, const char *name, const char *text)
{
	char *copy = mem_strdup(text);
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (copy[i] == '|')
			copy[i] = '\0';
	put_file(dir, name, copy, n);
	free(copy);
}

static inline void
put_link(const char *dir, const char *name, const char *target)
{
	char *path = mem_printf("%s/%s", dir, name);

	make_dirs(path);
	(void)unlink(path);
	assert_int_equal(symlink(target, path), 0);
	free(path);
}

/* Its directory is DIR/site, its root DIR/root. */
static inline void
put_process(struct place *p, const struct made *m)
{
	char *dir = mem_printf("%s/proc/%s", p->dir, m->pid);
	char *cwd = mem_printf("%s/site", p->dir);
	char *root = mem_printf("%s/root", p->dir);

	put_zeroed(dir, "cmdline", m->args);
	if (m->environ != NULL)
		put_zeroed(dir, "environ", m->environ);
	put_zeroed(dir, "status", "Name:\tx\nUid:\t0\t0\t0\t0\n"
	    "Gid:\t0\t0\t0\t0\n");
	put_link(dir, "exe", m->exe != NULL ? m->exe : "/usr/bin/litestream");
	put_link(dir, "cwd", cwd);
	put_link(dir, "root", root);
	put_link(dir, "ns/mnt", m->ns != NULL ? m->ns : "mnt:[1]");
	free(dir);
	free(cwd);
	free(root);
}

static inline struct discovery *
look(struct place *p)
{
	char *proc = mem_printf("%s/proc", p->dir);
	char *file = mem_printf("%s/etc/" YML, p->dir);
	struct discovery *d;

	put_link(proc, "self/ns/mnt", "mnt:[1]");
	d = discovery_new(proc, file);
	free(proc);
	free(file);
	return d;
}

static inline struct setup *
ask(struct place *p, const struct discovery *d, const char *name)
{
	char *path = mem_printf("%s/%s", p->dir, name);
	char *real = realpath(path, NULL);
	struct setup *s = NULL;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	s = discovery_setup(d, real, st.st_dev, st.st_ino);
	free(path);
	free(real);
	return s;
}

#endif
