/*
 * cmd_drill - restore every replica to a private place and say what comes out.
 *
 * Started by hand, or by the agent (drills.c), which reads the JSON.  It may
 * wait for disks and buckets as long as it likes: nobody waits for it.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/commands/commands.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "agent/drills/drill_mark.h"
#include "agent/drills/drill_run.h"
#include "base/buf.h"
#include "base/child.h"
#include "base/err.h"
#include "base/mem.h"
#include "collectors/database.h"
#include "litestream/discover.h"
#include "litestream/drill.h"
#include "litestream/guard.h"
#include "litestream/litestream_process.h"
#include "litestream/restore.h"
#include "litestream/scratch.h"

struct exercise {
	const struct config *config;
	const char	*only;		/* the one database; NULL: all */
	bool		 json;
	struct drill_options options;
	struct discovery *discovery;	/* owned, as all below; or NULL */
	struct drill_remote *remote;
	struct restore_program program;
	char		*tried;		/* the path that program is of */
	char		*no_program;	/* why it is none */
	unsigned	 found, drills, passed;
	bool		 unknown;	/* of one no replica is known */
};

static void
tell(const struct drill *d)
{
	printf("%s: replica %s: %s", d->db, d->replica,
	    drill_outcome_name(d->outcome));
	if (d->outcome == DRILL_PASS)
		printf(": restored %.1f MB in %.1f s%s%s",
		    (double)d->bytes / 1e6, (double)d->took_ms / 1000,
		    d->position != NULL ? ", up to " : "",
		    d->position != NULL ? d->position : "");
	printf("%s%s\n", d->why != NULL ? ": " : "",
	    d->why != NULL ? d->why : "");
}

/* Takes the drill. */
static void
account(struct exercise *x, struct drill *d)
{
	struct buf line;

	x->drills++;
	x->passed += d->outcome == DRILL_PASS;
	if (x->json) {
		buf_init(&line, DRILL_MAX_JSON);
		drill_write(&line, d);
		if (buf_ok(&line))
			puts(line.data);
		buf_free(&line);
	} else {
		tell(d);
	}
	(void)fflush(stdout);	/* who reads it hears of it at once */
	drill_free(d);
}

static struct setup *
setup_of(const struct exercise *x, const char *section, struct database *db,
    struct err *e)
{
	struct setup *s = configure_setup(x->config, section);
	struct err why;

	if (database_look(db, &why) == -1 && s == NULL) {
		*e = why;
		return NULL;
	}
	if (s != NULL || x->discovery == NULL)
		return s;
	return discovery_setup(x->discovery, db->real, db->dev, db->ino);
}

/* The one that looks after this database, if any may be run. */
static char *
running_program(const struct exercise *x, const struct setup *known)
{
	struct litestream_process p;
	char pid[24], *path = NULL;

	(void)snprintf(pid, sizeof pid, "%lld", known != NULL ?
	    (long long)known->pid : 0);
	if (known != NULL && known->pid > 0 &&
	    litestream_process_read(&p, "/proc", pid)) {
		path = p.program != NULL ? mem_strdup(p.program) : NULL;
		litestream_process_done(&p);
	}
	return path != NULL ? path : discovery_program(x->discovery);
}

static char *
choose_program(const struct exercise *x, const struct database *db)
{
	struct setup *known;
	char *path = NULL;

	if (x->options.litestream != NULL)
		return mem_strdup(x->options.litestream);
	if (x->discovery != NULL && db->real != NULL) {
		known = discovery_setup(x->discovery, db->real, db->dev,
		    db->ino);
		path = running_program(x, known);
		setup_unref(known);
	}
	return path != NULL ? path : child_find("litestream");
}

static void
find_program(struct exercise *x, const struct database *db)
{
	char *path = choose_program(x, db);
	struct err e = { "there is no litestream on PATH; name it with "
		"litestream in [drill]" };

	if (path != NULL && x->tried != NULL && strcmp(path, x->tried) == 0) {
		free(path);
		return;
	}
	restore_program_done(&x->program);
	free(x->no_program);
	free(x->tried);
	x->no_program = NULL;
	x->tried = path;
	if (path == NULL || restore_program_look(&x->program, path, &e) == -1)
		x->no_program = mem_strdup(e.text);
}

static void
drill_database(struct exercise *x, const char *section, const char *name,
    const char *path)
{
	const struct drill_settings settings = { x->options.dir,
		x->options.timeout_ms };
	struct database *db = database_new(name, path, 1000);
	struct err e = { "no replica of it is known" };
	struct setup *s = setup_of(x, section, db, &e);

	x->found++;
	find_program(x, db);
	if (s == NULL || s->nreplicas == 0) {
		fprintf(stderr, "%s: %s\n", name, e.text);
		x->unknown = true;
	}
	for (size_t i = 0; s != NULL && i < s->nreplicas &&
	    !guard_is_stopped(); i++)
		account(x, x->no_program != NULL ? drill_untried(name,
		    s->replicas[i].name, x->no_program) :
		    drill_run(&settings, &x->program, db, s, i, x->remote));
	setup_unref(s);
	database_free(db);
}

static bool
is_side_file(const char *path)
{
	static const char *const ends[] = { "-wal", "-shm", "-journal" };
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (len > strlen(ends[i]) &&
		    strcmp(path + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static bool
is_wanted(const struct exercise *x, const char *name)
{
	return x->only != NULL ? strcmp(x->only, name) == 0 :
	    configure_drill_has(&x->options, name);
}

/* Matches are named as the sampler names them: what follows the last folder
 * that is none of the pattern. */
static void
drill_pattern(struct exercise *x, const char *section, const char *pattern)
{
	size_t n = strcspn(pattern, "*?[");
	glob_t g = { 0 };

	while (n > 0 && pattern[n - 1] != '/')
		n--;
	if (glob(pattern, 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc && !guard_is_stopped(); i++) {
		char *name = mem_printf("%s/%s", section, g.gl_pathv[i] + n);

		if (!is_side_file(name) && is_wanted(x, name))
			drill_database(x, section, name, g.gl_pathv[i]);
		free(name);
	}
	globfree(&g);
}

static void
drill_all(struct exercise *x)
{
	const struct section *s = NULL;

	while ((s = config_next(x->config, "database", s)) != NULL &&
	    !guard_is_stopped()) {
		const char *path = section_text(s, "path");

		if (strpbrk(path, "*?[") != NULL)
			drill_pattern(x, s->name, path);
		else if (is_wanted(x, s->name))
			drill_database(x, s->name, s->name, path);
	}
}

static void
begin(struct exercise *x)
{
	const char *file = configure_litestream(x->config);
	struct err e;

	guard_signals();
	child_step_back();
	configure_drill(&x->options, x->config);
	if (file != NULL)
		x->discovery = discovery_new("/proc", file);
	x->remote = drill_remote_new(&e);
	if (x->remote == NULL)
		fprintf(stderr, "litegauge: %s\n", e.text);
	(void)scratch_sweep(x->options.dir);
}

static void
end(struct exercise *x)
{
	restore_program_done(&x->program);
	free(x->no_program);
	free(x->tried);
	drill_remote_free(x->remote);
	discovery_free(x->discovery);
	configure_drill_done(&x->options);
}

/* Why a replica may not be known. */
static void
print_notes(const struct exercise *x)
{
	for (size_t i = 0; x->unknown && x->discovery != NULL &&
	    i < discovery_notes(x->discovery); i++)
		fprintf(stderr, "litegauge: %s\n", discovery_note(x->discovery,
		    i));
}

static int
exercise(struct exercise *x)
{
	begin(x);
	drill_all(x);
	print_notes(x);
	end(x);
	if (x->only != NULL && x->found == 0) {
		fprintf(stderr, "litegauge: there is no database %s\n",
		    x->only);
		return EXIT_USAGE;
	}
	return x->drills > 0 && x->passed == x->drills ? EXIT_FINE :
	    EXIT_TROUBLE;
}

int
cmd_drill(const struct agent_flags *f, int argc, char **argv)
{
	struct exercise x = { .only = argc > 0 ? argv[0] : NULL,
		.json = f->json };
	struct config c;
	int status = EXIT_USAGE;

	if (configure(&c, f) == 0) {
		x.config = &c;
		status = exercise(&x);
	} else {
		fputs(config_errors(&c), stderr);
	}
	config_free(&c);
	return status;
}
