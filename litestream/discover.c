/*
 * discover - see discover.h.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/discover.h"
#include "litestream/litestream_process.h"
#include "litestream/peek.h"
#include "litestream/plan.h"

#define MAX_LEVELS	64	/* of directories above a database */

/* A file or directory, by what it is; all 0: there is none. */
struct identity {
	dev_t	 dev;
	ino_t	 ino;
};

/* One Litestream, running or (pid 0) only configured, and what it does. */
struct runner {
	struct litestream_process process;
	struct plan_source source;
	char		*file;		/* owned; source.file */
	struct plan	 plan;
	struct identity	*at;		/* owned; of each of plan.dbs */
	bool		 missed;	/* a variable was asked in vain */
};

struct discovery {
	struct runner	*runners[DISCOVER_MAX_PROCESSES + 1];
	size_t		 nrunners;
	size_t		 nprocesses;
	char		*notes[DISCOVER_MAX_NOTES];
	size_t		 nnotes;
};

static void
note(struct discovery *d, char *text)
{
	if (d->nnotes == DISCOVER_MAX_NOTES) {
		free(text);
		return;
	}
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';	/* a path may hold anything */
	d->notes[d->nnotes++] = text;
}

static void
note_runner(struct discovery *d, const struct runner *r, const char *why)
{
	if (r->process.pid == 0)
		note(d, mem_strdup(why));
	else
		note(d, mem_printf("Litestream (PID %lld): %s",
		    (long long)r->process.pid, why));
}

static const char *
its_variable(void *arg, const char *name)
{
	struct runner *r = arg;

	if (r->process.environ == NULL)
		r->missed = true;
	return litestream_process_env(&r->process, name);
}

static const char *
our_variable(void *arg, const char *name)
{
	(void)arg;
	return getenv(name);
}

static void
runner_free(struct runner *r)
{
	litestream_process_done(&r->process);
	plan_done(&r->plan);
	free(r->file);
	free(r->at);
	free(r);
}

static struct identity
identify(const struct peek *peek, const char *path)
{
	struct stat st;

	if (path == NULL || peek_stat(&st, peek, path) == -1)
		return (struct identity){ 0 };
	return (struct identity){ st.st_dev, st.st_ino };
}

static void
identify_all(struct runner *r)
{
	const struct peek peek = { .root = r->source.root };

	r->at = mem_new(r->plan.ndbs + 1, sizeof *r->at);
	for (size_t i = 0; i < r->plan.ndbs; i++) {
		const struct plan_db *db = &r->plan.dbs[i];

		r->at[i] = identify(&peek, db->dir != NULL ? db->dir :
		    db->path);
	}
}

/*
 * path: of the file as Litestream calls it.  Credentials may hang on variables
 * that are not known, but then so does nothing else.
 */
static int
read_plan(struct runner *r, const char *path, struct err *e)
{
	const struct plan_source *s = &r->source;
	const struct peek peek = { s->root, s->uid, s->gid };
	char *text;
	size_t n;
	int status;

	if (peek_read(&text, &n, PLAN_MAX_BYTES, &peek, path, e) == -1)
		return -1;
	status = plan_parse(&r->plan, text, n, s, e);
	if (s->expand && r->missed && memchr(text, '$', n) != NULL) {
		if (status == 0)
			plan_done(&r->plan);
		status = err_set(e, "%s: its environment may not be read, and "
		    "the file needs it", s->file);
	}
	explicit_bzero(text, n);
	free(text);
	return status;
}

/* Where it reads its configuration, as it calls it; NULL: not to be known. */
static char *
config_path(const struct runner *r, const char *fallback)
{
	const char *path = r->process.config;

	if (path == NULL || path[0] == '\0')
		path = litestream_process_env(&r->process,
		    "LITESTREAM_CONFIG");
	if (path == NULL || path[0] == '\0')
		path = fallback;
	if (path[0] == '/')
		return mem_strdup(path);
	if (path[0] == '~' && path[1] == '/' && r->process.home != NULL)
		return mem_printf("%s%s", r->process.home, path + 1);
	return r->process.cwd != NULL ?
	    mem_printf("%s/%s", r->process.cwd, path) : NULL;
}

static int
learn_from_file(struct runner *r, const char *fallback, struct err *e)
{
	char *path = config_path(r, fallback);
	int status;

	if (path == NULL)
		return err_set(e, "its directory may not be looked at, and "
		    "its configuration is in there");
	r->file = mem_printf("%s%s", r->source.root, path);
	r->source.file = r->file;
	status = read_plan(r, path, e);
	free(path);
	return status;
}

static void
learn(struct discovery *d, struct runner *r, const char *fallback)
{
	struct litestream_process *p = &r->process;
	struct err e;
	int status;

	r->source = (struct plan_source){
		.file = "", .cwd = p->cwd, .home = p->home, .root = p->root,
		.pid = p->pid, .uid = p->uid, .gid = p->gid,
		.expand = p->expand, .env = its_variable, .arg = r,
	};
	if (p->words[0] != NULL)
		status = plan_from_words(&r->plan, p->words, &r->source, &e);
	else
		status = learn_from_file(r, fallback, &e);
	d->nprocesses++;
	if (status == -1)
		note_runner(d, r, e.text);
	else
		identify_all(r);
	d->runners[d->nrunners++] = r;
}

static void
look_at_processes(struct discovery *d, const char *proc, const char *fallback)
{
	DIR *dir = opendir(proc);
	struct dirent *entry;
	struct runner *r;

	if (dir == NULL) {
		note(d, mem_printf("%s: %s", proc, strerror(errno)));
		return;
	}
	NEW(r);
	while ((entry = readdir(dir)) != NULL &&
	    d->nrunners < DISCOVER_MAX_PROCESSES)
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    litestream_process_read(&r->process, proc,
		    entry->d_name)) {
			learn(d, r, fallback);
			NEW(r);
		}
	runner_free(r);
	closedir(dir);
}

/* Nobody runs it, but it may be about to. */
static void
look_at_file(struct discovery *d, const char *file)
{
	const struct peek ours = { .root = "" };
	struct runner *r;
	struct err e;
	struct stat st;

	if (peek_stat(&st, &ours, file) == -1 && errno == ENOENT)
		return;
	NEW(r);
	r->source = (struct plan_source){
		.file = file, .cwd = "/", .home = getenv("HOME"), .root = "",
		.expand = true, .env = our_variable,
	};
	if (read_plan(r, file, &e) == 0) {
		identify_all(r);
		d->runners[d->nrunners++] = r;
		return;
	}
	note_runner(d, r, e.text);
	runner_free(r);
}

struct discovery *
discovery_new(const char *proc, const char *file)
{
	struct discovery *d;

	NEW(d);
	look_at_processes(d, proc, file);
	if (d->nprocesses == 0)
		look_at_file(d, file);
	return d;
}

void
discovery_free(struct discovery *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->nrunners; i++)
		runner_free(d->runners[i]);
	for (size_t i = 0; i < d->nnotes; i++)
		free(d->notes[i]);
	free(d);
}

/* The directories above a file, from its own up. */
struct parents {
	struct identity	 at[MAX_LEVELS];
	const char	*below[MAX_LEVELS];	/* what follows, in the path */
	size_t		 n;
};

static void
find_parents(struct parents *ret, const char *real)
{
	const struct peek ours = { .root = "" };
	char *dir = mem_strdup(real), *slash;

	ret->n = 0;
	while (ret->n < MAX_LEVELS && (slash = strrchr(dir, '/')) != NULL) {
		ret->below[ret->n] = real + (slash - dir) + 1;
		*slash = '\0';
		ret->at[ret->n++] = identify(&ours, slash == dir ? "/" : dir);
	}
	free(dir);
}

static bool
is_same(const struct identity *a, const struct identity *b)
{
	return a->ino != 0 && a->ino == b->ino && a->dev == b->dev;
}

/* The path below the directory of this entry; NULL: it is not there. */
static const char *
below_dir(const struct plan_db *db, const struct identity *dir,
    const struct parents *parents)
{
	size_t levels = db->recursive || parents->n == 0 ? parents->n : 1;
	const char *file = parents->n > 0 ? parents->below[0] : "";

	for (size_t i = 0; i < levels; i++)
		if (is_same(dir, &parents->at[i]))
			return fnmatch(db->pattern, file, 0) == 0 ?
			    parents->below[i] : NULL;
	return NULL;
}

static struct setup *
setup_of(const struct runner *r, const struct identity *file,
    const struct parents *parents)
{
	for (size_t i = 0; i < r->plan.ndbs; i++) {
		const struct plan_db *db = &r->plan.dbs[i];
		const char *below;

		if (db->dir == NULL) {
			if (is_same(&r->at[i], file))
				return plan_setup(&r->plan, i, NULL,
				    &r->source);
			continue;
		}
		below = below_dir(db, &r->at[i], parents);
		if (below != NULL)
			return plan_setup(&r->plan, i, below, &r->source);
	}
	return NULL;
}

struct setup *
discovery_setup(const struct discovery *d, const char *real, dev_t dev,
    ino_t ino)
{
	const struct identity file = { dev, ino };
	struct setup *s = NULL;
	struct parents parents;

	find_parents(&parents, real);
	for (size_t i = 0; i < d->nrunners && s == NULL; i++)
		s = setup_of(d->runners[i], &file, &parents);
	return s;
}

size_t
discovery_notes(const struct discovery *d)
{
	return d->nnotes;
}

const char *
discovery_note(const struct discovery *d, size_t i)
{
	return d->notes[i];
}

char *
discovery_program(const struct discovery *d)
{
	for (size_t i = 0; i < d->nrunners; i++)
		if (d->runners[i]->process.program != NULL)
			return mem_strdup(d->runners[i]->process.program);
	return NULL;
}
