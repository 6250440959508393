/*
 * Whole configurations, as people write them: what is read in each is in the
 * .expect beside it, and tests/scenario/litestream_yml.sh compares those with
 * the real Litestream.
 */
#include "tests/litestream/plans.h"

#include <glob.h>

#define FOLDER		"tests/litestream/yml/"
#define MAX_FILE	65536u

/* What a directory entry is taken to hold; litestream_yml.sh has the same. */
static const char *const below[] = { "a.db", "sub/b.db", "c.sqlite",
	"sub/d.sqlite", "e f.sqlite3" };

static char *
read_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = mem_new(MAX_FILE, 1);

	if (f == NULL)
		fail_msg("%s: %s", path, strerror(errno));
	assert_true(fread(text, 1, MAX_FILE - 1, f) < MAX_FILE - 1);
	fclose(f);
	return text;
}

/* As Go writes a time.Duration. */
static void
put_time(struct buf *b, int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 1000) {
		buf_addf(b, "%lldms", (long long)ms);
		return;
	}
	if (s >= 3600)
		buf_addf(b, "%lldh", (long long)s / 3600);
	if (s >= 60)
		buf_addf(b, "%lldm", (long long)s / 60 % 60);
	buf_addf(b, "%llds", (long long)s % 60);
}

static const char *
or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

static void
put_where(struct buf *b, const struct replica *r)
{
	const char *endpoint = or_nothing(r->endpoint);
	const char *scheme = strstr(endpoint, "://");

	if (r->bucket != NULL)
		buf_addf(b, " bucket=%s", r->bucket);
	if (r->type != REPLICA_NATS && r->type != REPLICA_WEBDAV)
		buf_addf(b, " path=%s", r->path);
	if (r->type == REPLICA_S3)
		buf_addf(b, " region=%s endpoint=%s", or_nothing(r->region),
		    scheme != NULL ? scheme + 3 : endpoint);
	buf_adds(b, "\n");
}

static void
put_setup(struct buf *b, struct setup *s)
{
	buf_addf(b, "db %s\n", s->db);
	for (size_t i = 0; i < s->nreplicas; i++) {
		const struct replica *r = &s->replicas[i];

		buf_addf(b, "to type=%s name=%s sync-interval=",
		    replica_type_name(r->type), r->name);
		put_time(b, r->sync_ms);
		put_where(b, r);
	}
	setup_unref(s);
}

static bool
holds(const struct plan_db *db, const char *name)
{
	const char *end = db->pattern + 1;	/* all of them are "*..." */
	size_t n = strlen(name), len = strlen(end);

	return n > len && strcmp(name + n - len, end) == 0 &&
	    (db->recursive || strchr(name, '/') == NULL);
}

static void
put_plan(struct buf *b, const struct plan *p, const struct plan_source *s)
{
	for (size_t i = 0; i < p->ndbs; i++) {
		if (p->dbs[i].dir == NULL) {
			put_setup(b, plan_setup(p, i, NULL, s));
			continue;
		}
		for (size_t k = 0; k < sizeof below / sizeof *below; k++)
			if (holds(&p->dbs[i], below[k]))
				put_setup(b, plan_setup(p, i, below[k], s));
	}
}

static void
read_environment(const char *env[32], char *text)
{
	size_t n = 0;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL && n < 31)
		env[n++] = line;
	env[n] = NULL;
}

static char *
what_is_in(const char *path, const char **env)
{
	struct plan_source s = plans_source(env);
	char *text = read_text(path);
	struct plan p;
	struct buf b;
	struct err e;

	buf_init(&b, MAX_FILE);
	if (plan_parse(&p, text, strlen(text), &s, &e) == -1)
		buf_addf(&b, "refused: %s\n", e.text);
	else {
		put_plan(&b, &p, &s);
		plan_done(&p);
	}
	free(text);
	return buf_take(&b);
}

static void
test_all(void **state)
{
	char *environment = read_text(FOLDER "environment");
	const char *env[32];
	unsigned wrong = 0;
	glob_t files;

	(void)state;
	read_environment(env, environment);
	assert_int_equal(glob(FOLDER "*.yml", 0, NULL, &files), 0);
	assert_true(files.gl_pathc > 40);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		const char *path = files.gl_pathv[i];
		char *said = mem_printf("%.*s.expect",
		    (int)strlen(path) - 4, path);
		char *want = read_text(said), *got = what_is_in(path, env);

		if (strcmp(want, got) != 0) {
			print_error("%s\ngot:\n%swant:\n%s\n", path, got,
			    want);
			wrong++;
		}
		free(said);
		free(want);
		free(got);
	}
	globfree(&files);
	free(environment);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
