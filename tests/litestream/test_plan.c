/*
 * A plan's parts: paths, variables, credentials, places, names and metas; and
 * what is too much.  Whole configurations are in test_yml.c.
 */
#include "tests/litestream/plans.h"

#define DB	"dbs: [{path: /d/a.db, replica: "

static struct plan
parse(const char *text, const struct plan_source *s)
{
	struct plan p;
	struct err e;

	if (plan_parse(&p, text, strlen(text), s, &e) == -1)
		fail_msg("%s: %s", text, e.text);
	return p;
}

/* The sentence with which a text is refused. */
static void
assert_refused(const char *text, size_t n, const char *want)
{
	struct plan_source s = plans_source(NULL);
	struct plan p = { .ndbs = 77 };
	struct err e;

	if (plan_parse(&p, text, n, &s, &e) == 0)
		fail_msg("%.100s: not refused", text);
	assert_int_equal(p.ndbs, 77);
	if (strstr(e.text, want) == NULL)
		fail_msg("%.100s: %s, without %s", text, e.text, want);
	assert_null(strstr(e.text, "hunter2"));
}

static void
assert_text(const char *got, const char *want)
{
	if (want == NULL)
		assert_null(got);
	else {
		assert_non_null(got);
		assert_string_equal(got, want);
	}
}

/* What the daemon does not tell, so that litestream_yml.sh cannot compare. */
static void
test_url(void **state)
{
	static const struct {
		const char *url, *place, *endpoint;
		bool path_style, skip_verify;
	} rows[] = {
		{ "s3://bkt/app", "s3://bkt/app", NULL, false, false },
		{ "s3://bkt", "s3://bkt", NULL, false, false },
		{ "s3://bkt/a?endpoint=minio.lan:9000", "s3://bkt/a",
		  "https://minio.lan:9000", true, false },
		{ "s3://bkt/a?endpoint=localhost:9000&skipVerify=true",
		  "s3://bkt/a", "http://localhost:9000", true, true },
		{ "s3://bkt/a?endpoint=http%3A%2F%2Fx%2F", "s3://bkt/a",
		  "http://x", true, false },
		{ "s3://bkt/a?endpoint=e.example&forcePathStyle=false",
		  "s3://bkt/a", "https://e.example", false, false },
		{ "s3://bkt.minio.lan:9000/a", "s3://bkt/a",
		  "http://minio.lan:9000", true, false },
		{ "s3://bkt.nyc3.digitaloceanspaces.com/a", "s3://bkt/a",
		  "https://nyc3.digitaloceanspaces.com", false, false },
		{ "s3://bkt.s3.us-west-000.backblazeb2.com/a", "s3://bkt/a",
		  "https://s3.us-west-000.backblazeb2.com", true, false },
		{ "s3://bkt.s3.fr-par.scw.cloud/a", "s3://bkt/a",
		  "https://s3.fr-par.scw.cloud", false, false },
		{ "s3://bkt.s3.filebase.com/a", "s3://bkt/a",
		  "https://s3.filebase.com", true, false },
		{ "s3://bkt.s3.eu-west-1.amazonaws.com/a", "s3://bkt/a",
		  NULL, false, false },
		{ "s3://user:hunter2@bkt/a", "s3://bkt/a", NULL, false,
		  false },
		{ "sftp://u:hunter2@host:22/a/b", "sftp://host:22/a/b", NULL,
		  false, false },
		{ "webdavs://u:hunter2@dav/a", "webdav://dav/a", NULL, false,
		  false },
		{ "nats://u:hunter2@n:4222/bkt", "nats://n:4222/bkt", NULL,
		  false, false },
		{ "abs://account@box/a", "abs://box/a", NULL, false, false },
		{ "oss://bkt/a/", "oss://bkt/a", NULL, false, false },
		{ "file:///b/../c/", "file:///c", NULL, false, false },
		{ "file:b", "file:///cwd/b", NULL, false, false },
		{ "S3://bkt/a", "s3://bkt/a", NULL, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct plan_source s = plans_source(NULL);
		struct replica r;
		struct err e;

		if (plan_replica_from_url(&r, rows[i].url, &s, &e) == -1)
			fail_msg("%s: %s", rows[i].url, e.text);
		assert_string_equal(r.place, rows[i].place);
		assert_text(r.endpoint, rows[i].endpoint);
		assert_int_equal(r.path_style, rows[i].path_style);
		assert_int_equal(r.skip_verify, rows[i].skip_verify);
		replica_done(&r);
	}
}

static void
test_bad_url(void **state)
{
	static const char *const rows[] = {
		"", "bkt/app", "dropbox://x/y", "s3://", "s3:///app",
		"s3://b:hunter2/x", "s3://b/%zz", "s3://b\n/x", "s3://b c/x",
		"sftp://host/x", "sftp://a b:hunter2@host/x", "gs:///x",
		"webdav:///x", "s3://arn:aws:s3:r:1:bucket", "s3://b/%00",
		"s3://arn:aws:s3:us-east-1:1:accesspoint/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct plan_source s = plans_source(NULL);
		struct replica r = { .sync_ms = 77 };
		struct err e;

		if (plan_replica_from_url(&r, rows[i], &s, &e) == 0)
			fail_msg("%s: not refused", rows[i]);
		assert_int_equal(r.sync_ms, 77);
		assert_null(strstr(e.text, "hunter2"));
	}
}

static void
test_style(void **state)
{
	static const struct {
		const char *keys, *endpoint;
		bool path_style;
	} rows[] = {
		{ "", NULL, false },
		{ ", endpoint: e.example", "https://e.example", true },
		{ ", endpoint: localhost:9000", "https://localhost:9000",
		  true },
		{ ", endpoint: 'http://e.example:9000/'",
		  "http://e.example:9000", true },
		{ ", endpoint: e.example, force-path-style: no",
		  "https://e.example", false },
		{ ", force-path-style: yes", NULL, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct plan_source s = plans_source(NULL);
		char *text = mem_printf(DB "{type: s3, bucket: b%s}}]\n",
		    rows[i].keys);
		struct plan p = parse(text, &s);

		assert_text(p.dbs->replicas->endpoint, rows[i].endpoint);
		assert_int_equal(p.dbs->replicas->path_style,
		    rows[i].path_style);
		plan_done(&p);
		free(text);
	}
}

/* In Litestream's order: keys, global keys, environment, file. */
static void
test_credentials(void **state)
{
	struct place *at = *state;
	char *file = mem_printf("AWS_SHARED_CREDENTIALS_FILE=%s/c", at->dir);
	const struct {
		const char *text, *env[5], *access, *secret, *token;
	} rows[] = {
		{ "{url: 's3://b', access-key-id: a, secret-access-key: s}",
		  { "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x",
		    "AWS_SESSION_TOKEN=x" }, "a", "s", NULL },
		{ "{url: 's3://b', access-key-id: a}",
		  { "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=y",
		    "AWS_SESSION_TOKEN=z" }, "x", "y", "z" },
		{ "{url: 's3://b'}", { "LITESTREAM_ACCESS_KEY_ID=x",
		  "LITESTREAM_SECRET_ACCESS_KEY=y" }, "x", "y", NULL },
		{ "{url: 's3://b'}", { "LITESTREAM_ACCESS_KEY_ID=x",
		  "AWS_ACCESS_KEY_ID=w", "AWS_SECRET_ACCESS_KEY=y" },
		  "w", "y", NULL },
		{ "{url: 's3://b'}", { "AWS_ACCESS_KEY_ID=x", file },
		  "fa", "fs=", NULL },
		{ "{url: 's3://b'}", { "AWS_PROFILE=other", file },
		  "oa", "os", "ot" },
		{ "{url: 's3://b'}", { "AWS_PROFILE=none", file },
		  NULL, NULL, NULL },
		{ "{path: /b}", { file }, NULL, NULL, NULL },
	};
	static const char text[] = "# x\n[other]\naws_access_key_id=oa\n"
	    "aws_secret_access_key = os\naws_session_token=ot\n\n"
	    "[default]\r\n aws_access_key_id = fa \r\n"
	    "aws_secret_access_key = fs=\n# aws_session_token = no\n";

	put_file(at->dir, "c", text, sizeof text - 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct plan_source s = plans_source(
		    (const char **)(uintptr_t)rows[i].env);
		char *yml = mem_printf(DB "%s}]\n", rows[i].text);
		struct plan p = parse(yml, &s);

		assert_text(p.dbs->replicas->access_key, rows[i].access);
		assert_text(p.dbs->replicas->secret_key, rows[i].secret);
		assert_text(p.dbs->replicas->session_token, rows[i].token);
		plan_done(&p);
		free(yml);
	}
	free(file);
}

static void
test_names(void **state)
{
	struct plan_source s = plans_source(NULL);
	static const char *const want[] = { "file", "file-2", "local-2", "n",
	    "file-2-2" };
	struct plan p = parse("dbs: [{path: /a, replicas: [{path: /1}, "
	    "{path: /2}, {path: /3, name: local}, {path: /4, name: n}, "
	    "{path: /5, name: file-2}]}]", &s);

	(void)state;
	assert_int_equal(p.dbs->nreplicas, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(p.dbs->replicas[i].name, want[i]);
	plan_done(&p);
}

static void
test_setup(void **state)
{
	static const struct {
		const char *entry, *below, *meta, *db, *path;
	} rows[] = {
		{ "path: a.db, meta-path: m", NULL, "/R/cwd/m", "/cwd/a.db",
		  "/R/b" },
		{ "path: a.db", NULL, NULL, "/cwd/a.db", "/R/b" },
		{ "dir: /d, pattern: '*'", "x/a b", NULL, "/d/x/a b",
		  "/R/b/x/a b" },
		{ "dir: /d, pattern: '*', meta-dir: /m", "x/a",
		  "/R/m/x/a-litestream", "/d/x/a", "/R/b/x/a" },
		{ "dir: /d, pattern: '*', meta-path: /m/", "x/a",
		  "/R/m/x/.a-litestream", "/d/x/a", "/R/b/x/a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct plan_source s = plans_source(NULL);
		char *text = mem_printf("dbs: [{%s, monitor-interval: 2s, "
		    "replica: {path: /b}}]", rows[i].entry);
		struct setup *setup;
		struct plan p;

		s.root = "/R";
		p = parse(text, &s);
		setup = plan_setup(&p, 0, rows[i].below, &s);
		assert_text(setup->meta, rows[i].meta);
		assert_string_equal(setup->db, rows[i].db);
		assert_string_equal(setup->replicas->path, rows[i].path);
		assert_int_equal(setup->monitor_ms, 2000);
		assert_int_equal(setup->pid, 771);
		assert_text(setup->config, rows[i].below == NULL ?
		    "litestream.yml" : NULL);
		setup_unref(setup);
		plan_done(&p);
		free(text);
	}
}

static void
test_words(void **state)
{
	const char *const words[] = { "~/a.db", "s3://bkt/a", "b", NULL };
	const char *const good[] = { "~/a.db", "s3://bkt/a", "file:b", NULL };
	struct plan_source s = plans_source(NULL);
	struct plan p = { .ndbs = 77 };
	struct setup *setup;
	struct err e;

	(void)state;
	assert_int_equal(plan_from_words(&p, words, &s, &e), -1);
	assert_int_equal(plan_from_words(&p, words + 3, &s, &e), -1);
	assert_int_equal(p.ndbs, 77);
	assert_int_equal(plan_from_words(&p, good, &s, &e), 0);
	setup = plan_setup(&p, 0, NULL, &s);
	assert_string_equal(setup->db, "/home/me/a.db");
	assert_null(setup->config);
	assert_int_equal(setup->nreplicas, 2);
	assert_string_equal(setup->replicas[1].path, "/cwd/b");
	setup_unref(setup);
	plan_done(&p);
}

static void
test_more(void **state)
{
	struct plan_source s = plans_source(NULL);
	struct plan p = parse("age: {recipients: [x]}\n" DB "{path: /p-${PID}, "
	    "sync-interval: 10}}]", &s);

	(void)state;
	assert_true(p.dbs->replicas->encrypted);
	assert_int_equal(p.dbs->replicas->sync_ms, 1);	/* ten ns */
	assert_string_equal(p.dbs->replicas->path, "/p-771");
	plan_done(&p);
	p = parse("# nothing\n", &s);
	assert_int_equal(p.ndbs, 0);
	plan_done(&p);
	s.expand = false;
	p = parse(DB "{path: $X}}]", &s);
	assert_string_equal(p.dbs->replicas->path, "/cwd/$X");
	plan_done(&p);
	s.cwd = NULL;
	p = parse(DB "{path: /x}}]", &s);
	plan_done(&p);
}

/* So many times the same bytes. */
static char *
repeat(const char *head, const char *part, size_t n, const char *tail)
{
	struct buf b;

	buf_init(&b, 8u << 20);
	buf_adds(&b, head);
	while (n-- > 0)
		buf_adds(&b, part);
	buf_adds(&b, tail);
	assert_true(buf_ok(&b));
	return buf_take(&b);
}

static void
test_bounds(void **state)
{
	char *long_text = repeat("{path: ", "x", 4000, "}");
	char *head = repeat("x: &r ", long_text, 1, "\nd: &d {path: /a, "
	    "replicas: [*r, *r, *r, *r, *r, *r, *r, *r]}\ndbs:\n");
	const struct {
		const char *head, *part, *tail, *want;
		size_t n;
	} rows[] = {
		{ "", "[", "", "line 1: nested too deeply", 100 },
		{ "x: ", "{a: ", "", "line 1: nested too deeply", 100000 },
		{ "x: [", ",", "]", "line 1", 900000 },
		{ "x: [", "a,", "]", "line 1: too many entries", 450000 },
		{ "d: &d {path: /a}\ndbs:\n", "- *d\n", "", "line 10003: more "
		  "than 10000 databases", 10001 },
		{ head, "- *d\n", "", "line 1: more than", 9000 },
		{ "dbs: [{path: /a, replicas: [", "{path: /b},", "]}]",
		  "line 1: more than 8 replicas", 9 },
		{ "dbs: [{path: ", "x", "}]", "path is longer than 4096",
		  5000 },
		{ "", "#", "", "line 1: longer than", PLAN_MAX_BYTES + 1 },
		{ "a: &a {<<: *a", "", "}\ndbs: [*a]", "line 1: not a map", 1 },
		{ "dbs: [\"\\0hunter2\"", "", "]", "line 1: a NUL byte", 1 },
		{ "dbs: [{path: hunter2, replica: {path: [hunter2]}}]", "", "",
		  "line 1: path is not a text", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *text = repeat(rows[i].head, rows[i].part, rows[i].n,
		    rows[i].tail);

		assert_refused(text, strlen(text), rows[i].want);
		free(text);
	}
	free(long_text);
	free(head);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_bad_url),
		cmocka_unit_test(test_style),
		TEST(test_credentials),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_setup),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
