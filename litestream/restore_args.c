/*
 * restore_args - how `litestream restore` is called.
 *
 * By Litestream's own configuration where there is one that we may use: then
 * what is tried is what one would type on a bad day, and what only it knows
 * (encryption, other kinds of places) is known.  Else by a configuration of our
 * own in the scratch directory, which names the place and no keys.
 *
 * Its configuration and environment are somebody else's.  They can name
 * libraries and commands to run, so as root we become that user first.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/secret.h"
#include "litestream/litestream_process.h"
#include "litestream/replica.h"
#include "litestream/restore.h"
#include "litestream/scratch.h"

#define JSON_PATCH	12	/* from 0.5.12 on it can say what it did */
#define MAX_WORDS	16
#define MAX_CONFIG	65536

struct restore_call {
	const struct replica *replica;	/* not owned */
	struct child_plan plan;
	char		*words[MAX_WORDS + 1];	/* owned */
	size_t		 nwords;
	char		**env;		/* owned, NULL ends it; or NULL */
	size_t		 nenv, cap;
	char		*file;		/* owned; what is restored */
	bool		 plain;
	bool		 has_process;
	struct litestream_process process;
};

/* Ours alone decide, not those that happen to be in our environment. */
static const char *const keys[] = { "AWS_ACCESS_KEY_ID=",
	"AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=", "AWS_PROFILE=",
	"LITESTREAM_ACCESS_KEY_ID=", "LITESTREAM_SECRET_ACCESS_KEY=",
	"LITESTREAM_CONFIG=" };

static void
add_word(struct restore_call *c, const char *word)
{
	if (c->nwords < MAX_WORDS)
		c->words[c->nwords++] = mem_strdup(word);
}

/* Takes the text. */
static void
add_env(struct restore_call *c, char *text)
{
	while (c->nenv + 2 > c->cap) {
		c->cap = c->cap ? c->cap * 2 : 64;
		c->env = mem_grow(c->env, c->cap, sizeof *c->env);
	}
	c->env[c->nenv++] = text;
	c->env[c->nenv] = NULL;
}

static void
add_key(struct restore_call *c, const char *name, const char *value)
{
	if (value != NULL)
		add_env(c, mem_printf("%s%s", name, value));
}

static bool
is_key(const char *variable)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strncmp(variable, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

static void
take_our_env(struct restore_call *c)
{
	const struct replica *r = c->replica;
	bool known = r->access_key != NULL && r->secret_key != NULL;

	for (size_t i = 0; environ[i] != NULL; i++)
		if (!known || !is_key(environ[i]))
			add_env(c, mem_strdup(environ[i]));
	if (!known)
		return;
	add_key(c, "AWS_ACCESS_KEY_ID=", r->access_key);
	add_key(c, "AWS_SECRET_ACCESS_KEY=", r->secret_key);
	add_key(c, "AWS_SESSION_TOKEN=", r->session_token);
	add_key(c, "LITESTREAM_ACCESS_KEY_ID=", r->access_key);
	add_key(c, "LITESTREAM_SECRET_ACCESS_KEY=", r->secret_key);
}

static void
take_its_env(struct restore_call *c)
{
	const struct litestream_process *p = &c->process;

	for (const char *at = p->environ; at < p->environ + p->environ_bytes;
	    at += strlen(at) + 1)
		add_env(c, mem_strdup(at));
}

/* A YAML scalar in double quotes. */
static void
add_scalar(struct buf *b, const char *key, const char *text)
{
	buf_addf(b, "        %s: \"", key);
	for (const char *p = text; *p != '\0'; p++)
		if (*p == '"' || *p == '\\')
			buf_addf(b, "\\%c", *p);
		else if ((unsigned char)*p < ' ' || *p == 0x7f)
			buf_addf(b, "\\x%02x", (unsigned char)*p);
		else
			buf_add(b, p, 1);
	buf_adds(b, "\"\n");
}

static void
write_place(struct buf *b, const struct replica *r)
{
	buf_adds(b, "    replicas:\n      - ");
	buf_addf(b, "type: %s\n", replica_type_name(r->type));
	add_scalar(b, "path", r->path != NULL ? r->path : "");
	if (r->type != REPLICA_S3)
		return;
	add_scalar(b, "bucket", r->bucket != NULL ? r->bucket : "");
	if (r->region != NULL)
		add_scalar(b, "region", r->region);
	if (r->endpoint != NULL)
		add_scalar(b, "endpoint", r->endpoint);
	buf_addf(b, "        force-path-style: %s\n",
	    r->path_style ? "true" : "false");
	if (r->skip_verify)
		buf_adds(b, "        skip-verify: true\n");
}

static int
write_file(const char *path, const struct buf *b, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool fine = fd != -1 && buf_ok(b) &&
	    write(fd, b->data, b->len) == (ssize_t)b->len;

	if (fd != -1)
		close(fd);
	return fine ? 0 : err_set(e, "%s: %s", path, strerror(errno));
}

/* The database's name in it is only a name: with -o nothing is opened there. */
static int
call_plainly(struct restore_call *c, const struct restore_ask *ask,
    struct err *e)
{
	char *db = mem_printf("%s/database", ask->scratch->path);
	char *config = mem_printf("%s/litestream.yml", ask->scratch->path);
	struct buf b;
	int rc;

	buf_init(&b, MAX_CONFIG);
	buf_addf(&b, "dbs:\n  - path: \"%s\"\n", db);
	write_place(&b, c->replica);
	rc = write_file(config, &b, e);
	buf_free(&b);
	add_word(c, "-config");
	add_word(c, config);
	add_word(c, "-no-expand-env");
	add_word(c, db);
	take_our_env(c);
	free(db);
	free(config);
	return rc;
}

/* What root may run in somebody's environment, it runs as that user. */
static int
become_its_user(struct restore_call *c, const struct restore_ask *ask,
    struct err *e)
{
	const struct litestream_process *p = &c->process;

	if (geteuid() != 0 || p->uid == 0)
		return 0;
	if (p->uid == (uid_t)-1)
		return err_set(e, "whose process %lld of Litestream is, is not "
		    "known", (long long)p->pid);
	if (fchown(ask->scratch->fd, p->uid, p->gid) == -1)
		return err_set(e, "%s: cannot be given to user %u, as whom "
		    "Litestream runs: %s", ask->scratch->path,
		    (unsigned)p->uid, strerror(errno));
	c->plan.drop = true;
	c->plan.uid = p->uid;
	c->plan.gid = p->gid;
	return 0;
}

static int
call_by_config(struct restore_call *c, const struct restore_ask *ask,
    struct err *e)
{
	const struct setup *s = ask->setup;

	add_word(c, "-config");
	add_word(c, s->config);
	if (c->has_process && !c->process.expand)
		add_word(c, "-no-expand-env");
	if (ask->program->version == LITESTREAM_03 && s->nreplicas > 1) {
		add_word(c, "-replica");
		add_word(c, c->replica->name);
	}
	add_word(c, s->db);
	if (c->has_process && c->process.environ != NULL) {
		take_its_env(c);
		c->plan.cwd = c->process.cwd;
		return become_its_user(c, ask, e);
	}
	take_our_env(c);
	return 0;
}

/* In a container its paths lead elsewhere. */
static bool
is_usable(const struct restore_call *c, const struct setup *s)
{
	return s->config != NULL && s->db != NULL &&
	    (!c->has_process || c->process.root[0] == '\0');
}

static int
choose(struct restore_call *c, const struct restore_ask *ask, bool plain,
    struct err *e)
{
	const struct replica *r = c->replica;

	if (!plain && is_usable(c, ask->setup))
		return call_by_config(c, ask, e);
	c->plain = true;
	if (r->encrypted || !replica_is_checked(r))
		return err_set(e, "a replica of type %s%s can be restored only "
		    "by Litestream's own configuration, which cannot be used "
		    "from here", replica_type_name(r->type),
		    r->encrypted ? " that is encrypted" : "");
	return call_plainly(c, ask, e);
}

struct restore_call *
restore_call_new(const struct restore_ask *ask, bool plain, struct err *e)
{
	const struct restore_program *p = ask->program;
	struct restore_call *c;
	char pid[24];

	NEW(c);
	c->replica = &ask->setup->replicas[ask->replica];
	c->file = mem_printf("%s/restored.db", ask->scratch->path);
	(void)snprintf(pid, sizeof pid, "%lld", (long long)ask->setup->pid);
	c->has_process = ask->setup->pid > 0 &&
	    litestream_process_read(&c->process, "/proc", pid);
	c->plan = (struct child_plan){ .program = p->path, .death = SIGKILL,
		.cwd = ask->scratch->path };
	add_word(c, "litestream");
	add_word(c, "restore");
	add_word(c, "-o");
	add_word(c, c->file);
	if (p->version == LITESTREAM_05 && p->patch >= JSON_PATCH)
		add_word(c, "-json");
	if (choose(c, ask, plain, e) == -1) {
		restore_call_free(c);
		return NULL;
	}
	c->plan.argv = c->words;
	c->plan.envp = c->env;
	return c;
}

void
restore_call_free(struct restore_call *c)
{
	for (size_t i = 0; i < c->nwords; i++)
		free(c->words[i]);
	for (size_t i = 0; i < c->nenv; i++)
		secret_wipe(c->env[i]);
	free(c->env);
	free(c->file);
	if (c->has_process)
		litestream_process_done(&c->process);
	free(c);
}

const struct child_plan *
restore_call_plan(const struct restore_call *c)
{
	return &c->plan;
}

bool
restore_call_is_plain(const struct restore_call *c)
{
	return c->plain;
}

const char *
restore_call_file(const struct restore_call *c)
{
	return c->file;
}
