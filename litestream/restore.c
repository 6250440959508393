/*
 * restore - see restore.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/child.h"
#include "base/err.h"
#include "base/mem.h"
#include "litestream/guard.h"
#include "litestream/restore.h"

#define VERSION_TIMEOUT_MS	10000
#define MAX_WHY			300

int
restore_program_look(struct restore_program *ret, const char *path,
    struct err *e)
{
	char *argv[] = { mem_strdup("litestream"),
		mem_strdup("version"), NULL };
	const struct child_plan plan = { .program = path, .argv = argv,
		.death = SIGKILL };
	const struct guard limits = { .timeout_ms = VERSION_TIMEOUT_MS };
	struct guarded *g;
	int rc = 0;

	NEW(g);
	guard_run(g, &plan, &limits, e);
	*ret = (struct restore_program){ .version = LITESTREAM_NONE };
	if (g->end == GUARD_ENDED && WIFEXITED(g->status))
		restore_said_version(ret, g->said);
	else if (g->end != GUARD_NOT_STARTED)
		rc = err_set(e, "%s: does not say its version", path);
	else
		rc = -1;
	if (rc == 0)
		ret->path = mem_strdup(path);
	free(argv[0]);
	free(argv[1]);
	free(g);
	return rc;
}

void
restore_program_done(struct restore_program *p)
{
	free(p->path);
	*p = (struct restore_program){ .version = LITESTREAM_NONE };
}

void
restored_done(struct restored *r)
{
	free(r->why);
	free(r->file);
	*r = (struct restored){ .end = RESTORE_UNTRIED };
}

static void
fail(struct restored *r, enum restore_end end, char *why)
{
	r->end = end;
	free(r->why);
	r->why = why;
}

static void
judge_exit(struct restored *r, const struct restore_ask *ask,
    const struct guarded *g)
{
	char why[MAX_WHY];
	struct stat st;

	restore_said_why(why, sizeof why, g->said, ask->setup);
	if (WIFSIGNALED(g->status))
		fail(r, RESTORE_UNTRIED, mem_printf("litestream was killed by "
		    "signal %d, for want of memory perhaps",
		    WTERMSIG(g->status)));
	else if (WEXITSTATUS(g->status) != 0)
		fail(r, restore_said_untried(g->said) ? RESTORE_UNTRIED :
		    RESTORE_FAILED, mem_printf("litestream restore: %s", why));
	else if (stat(r->file, &st) == -1 || st.st_size == 0)
		fail(r, RESTORE_FAILED, mem_strdup("litestream restore "
		    "reported success and left no database"));
	else
		restore_said_position(r, g->said);
}

static void
judge(struct restored *r, const struct restore_ask *ask,
    const struct guarded *g, const struct err *e)
{
	switch (g->end) {
	case GUARD_ENDED:
		judge_exit(r, ask, g);
		break;
	case GUARD_NOT_STARTED:
		fail(r, RESTORE_UNTRIED, mem_strdup(e->text));
		break;
	case GUARD_TIMEOUT:
		fail(r, RESTORE_UNTRIED, mem_printf("the restore was not done "
		    "after %lld s, the timeout of [drill]",
		    (long long)ask->timeout_ms / 1000));
		break;
	case GUARD_NO_ROOM:
		fail(r, RESTORE_UNTRIED, mem_printf("the restore was stopped: "
		    "less than %lld MiB were left on the disk of the drill",
		    (long long)ask->floor >> 20));
		break;
	case GUARD_STOPPED:
		fail(r, RESTORE_UNTRIED, mem_strdup("the drill was stopped"));
		break;
	}
}

/* Once, in one of the two ways.  Returns whether the other is worth a try. */
static bool
run_once(struct restored *r, const struct restore_ask *ask, bool plain)
{
	const struct guard limits = { ask->timeout_ms, ask->scratch,
		ask->floor };
	struct restore_call *call;
	struct guarded *g;
	struct err e;
	bool again;

	call = restore_call_new(ask, plain, &e);
	if (call == NULL) {
		fail(r, RESTORE_UNTRIED, mem_strdup(e.text));
		return false;
	}
	NEW(g);
	free(r->file);
	r->file = mem_strdup(restore_call_file(call));
	guard_run(g, restore_call_plan(call), &limits, &e);
	r->took_ms = g->took_ms;
	judge(r, ask, g, &e);
	/* Litestream's `dir` entries are not in it by their files' names. */
	again = r->end != RESTORE_DONE && !restore_call_is_plain(call) &&
	    strstr(g->said, "database not found in config") != NULL;
	explicit_bzero(g->said, sizeof g->said);
	free(g);
	restore_call_free(call);
	return again;
}

void
restore_run(struct restored *ret, const struct restore_ask *ask)
{
	*ret = (struct restored){ .end = RESTORE_DONE };
	if (ask->program->version == LITESTREAM_03 &&
	    ask->format == LITESTREAM_05) {
		fail(ret, RESTORE_UNTRIED, mem_printf("%s is Litestream 0.3, "
		    "and the replica is one of 0.5", ask->program->path));
		return;
	}
	if (run_once(ret, ask, false)) {
		restored_done(ret);
		ret->end = RESTORE_DONE;
		(void)run_once(ret, ask, true);
	}
}
