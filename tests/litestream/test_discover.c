/*
 * Which Litestream looks after which database, from a /proc that is made up:
 * flags, environments, roots of containers, directories with patterns, and what
 * is closed, odd or hostile.
 */
#include "tests/litestream/procs.h"

/* The first replica's place, in a buffer; "" when nothing is known. */
static const char *
place_of(struct place *p, const char *name, char ret[200])
{
	struct discovery *d = look(p);
	struct setup *s = ask(p, d, name);

	(void)snprintf(ret, 200, "%s", s == NULL ? "" :
	    s->nreplicas == 0 ? "nowhere" : s->replicas[0].place);
	setup_unref(s);
	discovery_free(d);
	return ret;
}

static void
put_text(struct place *p, const char *name, const char *text)
{
	put_file(p->dir, name, text, strlen(text));
}

/* A configuration with one database, DIR/site/app.db. */
static void
put_yml(struct place *p, const char *name, const char *url)
{
	char *text = mem_printf("dbs: [{path: '%s/site/app.db', replica: {url: "
	    "\"%s\"}}]\n", p->dir, url);

	put_text(p, name, text);
	free(text);
}

static void
test_words(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *args, *environ, *exe, *want;
	} rows[] = {
		{ "litestream|replicate|", "", NULL, "s3://default" },
		{ "litestream|replicate|-config|a.yml|", "", NULL, "s3://a" },
		{ "litestream|replicate|--config|a.yml|", "", NULL, "s3://a" },
		{ "litestream|replicate|-config=a.yml|", "", NULL, "s3://a" },
		{ "litestream|replicate|--config=./a.yml|", "", NULL,
		  "s3://a" },
		{ "litestream|replicate|-exec|run -config b|-config|a.yml|",
		  "", NULL, "s3://a" },
		{ "litestream|replicate|-once|-log-level|debug|-config|a.yml|",
		  "", NULL, "s3://a" },
		{ "litestream|replicate|", "X=1|LITESTREAM_CONFIG=a.yml|",
		  NULL, "s3://a" },
		{ "litestream|replicate|-config|a.yml|",
		  "LITESTREAM_CONFIG=b.yml|", NULL, "s3://a" },
		{ "litestream|replicate|-config|env.yml|", "BUCKET=mine|",
		  NULL, "s3://mine" },
		{ "litestream|replicate|-config|env.yml|-no-expand-env|",
		  "BUCKET=mine|", NULL, "s3://$BUCKET" },
		{ "litestream|replicate|-no-expand-env=false|-config|env.yml|",
		  "BUCKET=mine|", NULL, "s3://mine" },
		{ "litestream|replicate|app.db|s3://words/x|", "", NULL,
		  "s3://words/x" },
		{ "litestream|replicate|-exec|x|app.db|sftp://u:p@host/y|",
		  "", NULL, "sftp://host/y" },
		{ "/opt/litestream|replicate|-config|a.yml|", "", "/bin/x",
		  "s3://a" },
		{ "backup|replicate|-config|a.yml|", "",
		  "/usr/bin/litestream (deleted)", "s3://a" },
		{ "backup|replicate|-config|a.yml|", "", "/usr/bin/backup",
		  "s3://default" },
		{ "litestream|restore|-config|a.yml|", "", NULL,
		  "s3://default" },
		{ "litestream|replicate|-config|none.yml|", "", NULL, "" },
		{ "litestream|replicate|-config|", "", NULL, "s3://default" },
		{ "litestream|replicate|app.db|", "", NULL, "" },
		{ "", "", NULL, "s3://default" },
	};
	char got[200];

	put_text(p, "site/app.db", "");
	put_yml(p, "etc/" YML, "s3://default");
	put_yml(p, "site/a.yml", "s3://a");
	put_yml(p, "site/env.yml", "s3://$BUCKET");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_process(p, &(struct made){ "771", rows[i].args,
		    rows[i].environ, rows[i].exe, NULL });
		if (strcmp(place_of(p, "site/app.db", got), rows[i].want) != 0)
			fail_msg("%s: %s, not %s", rows[i].args, got,
			    rows[i].want);
	}
}

static void
test_setup(void **state)
{
	struct place *p = *state;
	char *file = mem_printf("%s/site/a.yml", p->dir);
	char *db = mem_printf("%s/site/app.db", p->dir);
	struct discovery *d;
	struct setup *s;

	put_text(p, "site/app.db", "");
	put_text(p, "site/other.db", "");
	put_yml(p, "site/a.yml", "s3://a/b");
	put_process(p, &(struct made){ "771",
	    "litestream|replicate|-config|a.yml|",
	    "AWS_ACCESS_KEY_ID=its|AWS_SECRET_ACCESS_KEY=secret|", NULL,
	    NULL });
	d = look(p);
	s = ask(p, d, "site/app.db");
	assert_non_null(s);
	assert_int_equal(s->pid, 771);
	assert_string_equal(s->source, file);
	assert_string_equal(s->config, file);
	assert_string_equal(s->db, db);
	assert_string_equal(s->replicas[0].access_key, "its");
	assert_string_equal(s->replicas[0].secret_key, "secret");
	setup_unref(s);
	assert_null(ask(p, d, "site/other.db"));
	assert_int_equal(discovery_notes(d), 0);
	discovery_free(d);
	free(file);
	free(db);
}

/* The same file under another name, in a root of its own. */
static void
test_container(void **state)
{
	struct place *p = *state;
	char *want = mem_printf("%s/proc/9/root/backup/app", p->dir);
	char *config = mem_printf("%s/proc/9/root/etc/x.yml", p->dir);
	char *from, *to;
	struct discovery *d;
	struct setup *s;

	put_text(p, "site/app.db", "");
	put_text(p, "root/data/x", "");
	from = mem_printf("%s/site/app.db", p->dir);
	to = mem_printf("%s/root/data/app.db", p->dir);
	assert_int_equal(link(from, to), 0);
	put_text(p, "root/real.yml", "dbs: [{path: /data/app.db, meta-path: "
	    "/meta, replicas: [{path: /backup/app}]}]\n");
	put_link(p->dir, "root/etc/x.yml", "/real.yml");
	put_process(p, &(struct made){ "9",
	    "litestream|replicate|-config|/etc/x.yml|", "", NULL,
	    "mnt:[2]" });
	d = look(p);
	s = ask(p, d, "site/app.db");
	assert_non_null(s);
	assert_string_equal(s->replicas[0].path, want);
	assert_string_equal(s->replicas[0].place, "file:///backup/app");
	assert_string_equal(s->config, config);
	assert_string_equal(s->db, "/data/app.db");
	assert_non_null(strstr(s->meta, "/proc/9/root/meta"));
	assert_null(discovery_program(d));
	setup_unref(s);
	discovery_free(d);
	free(want);
	free(config);
	free(from);
	free(to);
}

static void
test_directory(void **state)
{
	struct place *p = *state;
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "site/flat/a.db",	"s3://flat/a.db" },
		{ "site/flat/sub/a.db",	"" },
		{ "site/flat/a.sqlite",	"" },
		{ "site/deep/a.db",	"file:///b/a.db" },
		{ "site/deep/x/y/a.db",	"file:///b/x/y/a.db" },
		{ "site/a.db",		"" },
	};
	char got[200];

	put_text(p, "site/a.yml", "dbs:\n"
	    "- {dir: flat, pattern: '*.db', replica: {url: 's3://flat'}}\n"
	    "- {dir: ./deep/, pattern: 'a.?b', recursive: true,\n"
	    "   replica: {path: /b}}\n");
	put_process(p, &(struct made){ "5",
	    "litestream|replicate|-config|a.yml|", "", NULL, NULL });
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		put_text(p, rows[i].name, "");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(place_of(p, rows[i].name, got),
		    rows[i].want);
}

/* What one discovery says of what it could not read. */
static void
assert_note(struct place *p, const char *want)
{
	struct discovery *d = look(p);

	assert_int_equal(discovery_notes(d), 1);
	if (strstr(discovery_note(d, 0), want) == NULL)
		fail_msg("%s, without %s", discovery_note(d, 0), want);
	assert_null(strstr(discovery_note(d, 0), "hunter2"));
	assert_null(strchr(discovery_note(d, 0), '\n'));
	discovery_free(d);
}

static void
test_notes(void **state)
{
	struct place *p = *state;
	char *fifo = mem_printf("%s/site/fifo.yml", p->dir);
	static const struct {
		const char *args, *want;
	} rows[] = {
		{ "litestream|replicate|-config|none.yml|", "none.yml: No " },
		{ "litestream|replicate|-config|fifo.yml|", "not a file" },
		{ "litestream|replicate|-config|/|", "not a file" },
		{ "litestream|replicate|-config|bad.yml|", "line 1: " },
		{ "litestream|replicate|-config|a\n; b.yml|", "a?; b.yml" },
		{ "litestream|replicate|a.db|s3://u:hunter2@h:x/y|",
		  "not a URL" },
	};

	put_text(p, "site/bad.yml", "dbs: [{path: a, replica: {sync-interval: "
	    "hunter2}}]\n");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		put_process(p, &(struct made){ "771", rows[i].args, "", NULL,
		    NULL });
		assert_note(p, rows[i].want);
	}
	free(fifo);
}

/* Nothing of it is known but its arguments. */
static void
test_closed(void **state)
{
	struct place *p = *state;
	char *yml = mem_printf("%s/site/a.yml", p->dir);
	char *args = mem_printf("litestream|replicate|-config|%s|", yml);
	struct made m = { "771", args, NULL, NULL, NULL };
	char got[200];

	put_text(p, "site/app.db", "");
	put_yml(p, "site/a.yml", "s3://a");
	put_process(p, &m);
	assert_string_equal(place_of(p, "site/app.db", got), "s3://a");
	put_yml(p, "site/a.yml", "s3://$A");
	assert_note(p, "its environment may not be read");
	m.args = "litestream|replicate|-config|a.yml|";
	put_process(p, &m);
	remove_file(p->dir, "proc/771/cwd");
	assert_note(p, "its directory may not be looked at");
	free(yml);
	free(args);
}

/* A file that Litestream's own user may not read is not read for it. */
static void
test_deputy(void **state)
{
	struct place *p = *state;
	char *yml = mem_printf("%s/site/a.yml", p->dir);

	put_text(p, "site/app.db", "");
	put_yml(p, "site/a.yml", "s3://a");	/* mode 0600, ours */
	put_process(p, &(struct made){ "771",
	    "litestream|replicate|-config|a.yml|", "", NULL, NULL });
	put_text(p, "proc/771/status", "Name:\tx\nUid:\t54321\t54321\t54321\n"
	    "Gid:\t54321\t54321\t54321\n");
	assert_note(p, "own user and group may not read it");
	assert_int_equal(chmod(yml, 0644), 0);
	remove_file(p->dir, "proc/771/status");
	free(yml);
}

static void
test_nobody(void **state)
{
	struct place *p = *state;
	struct discovery *d;
	char got[200];

	put_text(p, "site/app.db", "");
	put_text(p, "proc/1/cmdline", "");
	d = look(p);
	assert_int_equal(discovery_notes(d), 0);
	discovery_free(d);
	put_yml(p, "etc/" YML, "s3://default");
	assert_string_equal(place_of(p, "site/app.db", got), "s3://default");
	put_text(p, "etc/" YML, "dbs: {}\n");
	assert_note(p, "line 1: dbs is not a list");
}

/* Only a program that none but root and we could have put there is run. */
static void
test_program(void **state)
{
	struct place *p = *state;
	char *exe = mem_printf("%s/bin/litestream", p->dir);
	struct discovery *d;

	put_text(p, "bin/litestream", "");
	put_process(p, &(struct made){ "771", "litestream|replicate|", "",
	    exe, NULL });
	d = look(p);
	assert_null(discovery_program(d));	/* /tmp is everybody's */
	discovery_free(d);
	put_process(p, &(struct made){ "771", "litestream|replicate|", "",
	    "/bin/sh", NULL });
	d = look(p);
	assert_null(discovery_program(d));
	discovery_free(d);
	free(exe);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_words),
		TEST(test_setup),
		TEST(test_container),
		TEST(test_directory),
		TEST(test_notes),
		TEST(test_closed),
		TEST(test_deputy),
		TEST(test_nobody),
		TEST(test_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
