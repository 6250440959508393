/*
 * s3: a bucket that is well, and one that is not, in every way it can be; with
 * a server of its own for each (tests/tools/s3.c).
 */
#include "tests/litestream/bucket.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))

static void
test_objects(void **state)
{
	struct world *w = *state;

	put(w, "objects/app/a", "0123456789");
	put(w, "objects/app/empty", "");
	assert_int_equal(head(w, "app/a"), S3_FINE);
	assert_int_equal(w->answer.status, 200);
	assert_int_equal(w->answer.size, 10);
	assert_true(llabs(w->answer.modified_ms - wall_ms()) < 60000);
	assert_true(llabs(w->answer.skew_ms) < 2000);
	assert_int_equal(get(w, "app/a", 0), S3_FINE);
	assert_string_equal(w->body, "0123456789");
	assert_int_equal(get(w, "app/a", 4), S3_FINE);
	assert_int_equal(w->answer.status, 206);
	assert_string_equal(w->body, "0123");
	assert_int_equal(w->answer.size, 10);
	assert_int_equal(get(w, "app/a", 100), S3_FINE);
	assert_string_equal(w->body, "0123456789");
	assert_int_equal(get(w, "app/empty", 100), S3_FINE);
	assert_int_equal(w->nbody, 0);
	assert_int_equal(get(w, "app/empty", 0), S3_FINE);
	w->enough = 1;
	assert_int_equal(get(w, "app/a", 0), S3_FINE);
	assert_int_equal(head(w, "app/b"), S3_MISSING);
	assert_int_equal(get(w, "app/b", 0), S3_MISSING);
	assert_string_equal(w->why, "s3://pail: there is no such object (404 "
	    "NoSuchKey)");
	assert_int_equal(w->nbody, 0);
}

/* Keys that a URL, curl or a proxy would like to tidy. */
static void
test_odd_keys(void **state)
{
	static const char *const keys[] = { "./0000/a-b.ltx", "/0000/a-b.ltx",
	    "a//b", "a/../b", "a b+c%41", "\xc3\xa4/?#&=", "a(b)*'!~", "z/." };
	static const char *const files[] = { "%2E/0000/a-b.ltx",
	    "%/0000/a-b.ltx", "a/%/b", "a/%2E./b", "a%20b%2Bc%2541",
	    "%C3%A4/%3F%23%26%3D", "a%28b%29%2A%27%21%7E", "z/%2E" };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(keys); i++) {
		char *file = mem_printf("objects/%s", files[i]), want[80];

		put(w, file, keys[i]);
		if (head(w, keys[i]) != S3_FINE)
			fail_msg("%s: %s", keys[i], w->why);
		assert_int_equal(get(w, keys[i], 0), S3_FINE);
		assert_string_equal(w->body, keys[i]);
		assert_int_equal(list(w, keys[i], NULL, 0, 0), S3_FINE);
		snprintf(want, sizeof want, "%s ", keys[i]);
		assert_string_equal(w->keys, want);
		free(file);
	}
}

static void
test_listings(void **state)
{
	struct world *w = *state;

	put(w, "objects/app/0000/1", "x");
	put(w, "objects/app/0000/2", "xx");
	put(w, "objects/app/0000/3", "xxx");
	put(w, "objects/app/0001/1", "x");
	put(w, "objects/apple", "x");
	assert_int_equal(list(w, "app/", NULL, 0, 0), S3_FINE);
	assert_string_equal(w->keys,
	    "app/0000/1 app/0000/2 app/0000/3 app/0001/1 ");
	assert_false(w->answer.truncated);
	assert_int_equal(list(w, "app/0000/", "app/0000/1", 0, 1), S3_FINE);
	assert_string_equal(w->keys, "app/0000/2 ");
	assert_true(w->answer.truncated);
	assert_int_equal(list(w, "app/0000/", "app/0000/3", 0, 0), S3_FINE);
	assert_string_equal(w->keys, "");
	assert_int_equal(list(w, "app/", NULL, '/', 0), S3_FINE);
	assert_string_equal(w->keys, "");
	assert_string_equal(w->prefixes, "app/0000/ app/0001/ ");
	assert_int_equal(list(w, "", NULL, '/', 0), S3_FINE);
	assert_string_equal(w->keys, "apple ");
	assert_string_equal(w->prefixes, "app/ ");
	assert_int_equal(list(w, "nothing", NULL, 0, 0), S3_FINE);
}

/* The bucket before the host: curl knows what lies below "localhost". */
static void
test_virtual_host(void **state)
{
	struct world *w = *state;

	free(w->replica.endpoint);
	w->replica.endpoint = mem_printf("http://localhost:%d/", w->port);
	w->replica.path_style = false;
	again(w);
	put(w, "objects/app/a", "0123456789");
	assert_int_equal(get(w, "app/a", 0), S3_FINE);
	assert_string_equal(w->body, "0123456789");
	assert_int_equal(list(w, "app/", NULL, 0, 0), S3_FINE);
	assert_string_equal(w->keys, "app/a ");
}

/* What the bucket is told to do, and what is made of it, by HEAD and LIST. */
static const struct {
	const char	*control;
	enum s3_fault	 head, list;
	const char	*why;		/* of the LIST */
} faults[] = {
	{ "deny LIST", S3_FINE, S3_FORBIDDEN, "s3://pail: access denied (403 "
	  "AccessDenied): the key may lack s3:ListBucket or s3:GetObject" },
	{ "deny HEAD\ndeny LIST", S3_FORBIDDEN, S3_FORBIDDEN,
	  "access denied" },
	{ "nobucket", S3_MISSING, S3_NO_BUCKET,
	  "s3://pail: there is no such bucket (404 NoSuchBucket)" },
	{ "status 404", S3_MISSING, S3_NO_BUCKET, "no such bucket" },
	{ "status 503", S3_BUSY, S3_BUSY, "asked too often (503 SlowDown)" },
	{ "status 500", S3_BUSY, S3_BUSY, "busy (500 InternalError)" },
	{ "status 429", S3_BUSY, S3_BUSY, "asked too often (429 " },
	{ "status 418", S3_ODD, S3_ODD, "not understood (418 Whatever)" },
	{ "status 401", S3_FORBIDDEN, S3_FORBIDDEN, "access denied (401" },
	{ "skew 1037", S3_SKEWED, S3_SKEWED, "s3://pail: the bucket's clock "
	  "and this machine's differ by 17 min (RequestTimeTooSkewed): check "
	  "NTP" },
	{ "skew -1201", S3_SKEWED, S3_SKEWED, "differ by 20 min" },
	{ "redirect http://127.0.0.1:1/there", S3_ELSEWHERE, S3_ELSEWHERE,
	  "s3://pail: it sends to another place, and redirects are not "
	  "followed (307): correct the endpoint or the region" },
	{ "garbage", S3_FINE, S3_ODD, "s3://pail: the answer cannot be used: "
	  "it is not XML" },
	{ "million", S3_FINE, S3_ODD, "s3://pail: the answer cannot be used: "
	  "it has more entries than were asked for" },
	{ "", S3_FINE, S3_FINE, "" },
};

static void
test_faults(void **state)
{
	struct world *w = *state;

	put(w, "objects/a", "x");
	for (size_t i = 0; i < COUNT(faults); i++) {
		control(w, faults[i].control);
		if (head(w, "a") != faults[i].head)
			fail_msg("%s: HEAD: %d %s", faults[i].control,
			    w->answer.fault, w->why);
		assert_null(strstr(w->why, "127.0.0.1:1"));
		if (list(w, "", NULL, 0, 0) != faults[i].list ||
		    strstr(w->why, faults[i].why) == NULL)
			fail_msg("%s: LIST: %d %s", faults[i].control,
			    w->answer.fault, w->why);
		assert_null(strstr(w->why, "127.0.0.1:1"));
	}
	control(w, "skew 300");
	assert_int_equal(head(w, "a"), S3_FINE);
	assert_in_range(w->answer.skew_ms, 297000, 303000);
}

static void
test_keys(void **state)
{
	struct world *w = *state;

	set(&w->replica.secret_key, "wrong");
	again(w);
	assert_int_equal(list(w, "", NULL, 0, 0), S3_FORBIDDEN);
	assert_string_equal(w->why, "s3://pail: the secret key does not fit "
	    "the access key (403 SignatureDoesNotMatch)");
	assert_int_equal(head(w, "a"), S3_FORBIDDEN);
	set(&w->replica.access_key, "nobody");
	again(w);
	assert_int_equal(list(w, "", NULL, 0, 0), S3_FORBIDDEN);
	assert_string_equal(w->why, "s3://pail: it does not know this access "
	    "key (403 InvalidAccessKeyId)");
	set(&w->replica.secret_key, NULL);
	again(w);
	assert_int_equal(list(w, "", NULL, 0, 0), S3_FORBIDDEN);
	assert_non_null(strstr(w->why, "AccessDenied"));
	set(&w->replica.secret_key, SECRET);
	set(&w->replica.access_key, ACCESS "\r\nX: y");
	again(w);
	assert_int_equal(list(w, "", NULL, 0, 0), S3_ODD);
	assert_int_equal(w->answer.status, 0);
}

/* The first answer says where it lies; the second question is asked there. */
static void
test_region(void **state)
{
	struct world *w = *state;

	put(w, "objects/a", "x");
	control(w, "elsewhere eu-central-1");
	assert_int_equal(head(w, "a"), S3_ELSEWHERE);
	assert_string_equal(w->why, "s3://pail: the bucket lies in "
	    "eu-central-1, not us-east-1");
	assert_int_equal(head(w, "a"), S3_FINE);
	control(w, "");
	/* Now it is wrong again, and only the document says so. */
	assert_int_equal(list(w, "", NULL, 0, 0), S3_ELSEWHERE);
	assert_string_equal(w->why, "s3://pail: the bucket lies in us-east-1, "
	    "not eu-central-1");
	assert_int_equal(list(w, "", NULL, 0, 0), S3_FINE);
	/* No region is a host of a stranger's. */
	control(w, "elsewhere evil.example/?x=");
	assert_int_equal(head(w, "a"), S3_ELSEWHERE);
	assert_null(strstr(w->why, "evil"));
}

static void
test_unreachable(void **state)
{
	static const char *const endpoints[] = { "ftp://127.0.0.1:1",
	    "http://", "http://127.0.0.1:99999", "http://a b/" };
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(endpoints); i++) {
		set(&w->replica.endpoint, endpoints[i]);
		again(w);
		if (head(w, "a") != S3_ODD)
			fail_msg("%s: %s", endpoints[i], w->why);
	}
	set(&w->replica.endpoint, "http://user:s3cr3t@127.0.0.1:1");
	again(w);
	assert_int_equal(head(w, "a"), S3_UNREACHABLE);
	assert_string_equal(w->why, "s3://pail at 127.0.0.1:1: Couldn't "
	    "connect to server");
	set(&w->replica.bucket, "");
	again(w);
	assert_int_equal(head(w, "a"), S3_ODD);
	kill(w->pid, SIGSTOP);
	set(&w->replica.bucket, "pail");
	free(w->replica.endpoint);
	w->replica.endpoint = mem_printf("http://127.0.0.1:%d", w->port);
	again(w);
	assert_int_equal(head(w, "a"), S3_UNREACHABLE);
	assert_non_null(strstr(w->why, "Timeout was reached"));
	kill(w->pid, SIGCONT);
}

/* A byte in a tenth of a second: no more than its time for a listing, and no
 * more than what wire.h calls a drip for an object. */
static void
test_drip(void **state)
{
	struct world *w = *state;
	int64_t began_ms = mono_ms();

	control(w, "drip");
	assert_int_equal(list(w, "", NULL, 0, 0), S3_UNREACHABLE);
	assert_in_range(mono_ms() - began_ms, 12000, 18000);
	began_ms = mono_ms();
	assert_int_equal(get(w, "a", 0), S3_UNREACHABLE);
	assert_in_range(mono_ms() - began_ms, 8000, 16000);
}

static void
free_client(void *arg, const struct s3_answer *a)
{
	struct world *w = arg;

	on_answer(arg, a);
	s3_free(w->s3);
	w->s3 = NULL;
}

static void
test_cancel(void **state)
{
	const struct s3_question q = { .method = S3_HEAD, .key = "a" };
	struct world *w = *state;
	struct s3_call *c;

	c = s3_ask(w->s3, &q, on_answer, w);
	s3_ask(w->s3, &q, on_answer, w);
	s3_cancel(c);
	again(w);	/* frees the other */
	assert_int_equal(list(w, "", NULL, 0, 0), S3_FINE);
	/* Who is answered may free the client, with what else is asked. */
	w->calls = 0;
	s3_ask(w->s3, &q, free_client, w);
	s3_ask(w->s3, &q, free_client, w);
	loop_timer_set(w->loop, &w->patience, mono_ms() + 5000);
	assert_int_equal(loop_run(w->loop, &(struct err){ 0 }), 0);
	loop_timer_clear(w->loop, &w->patience);
	assert_int_equal(w->calls, 1);
}

static const struct {
	const char	*path, *rest, *key03, *key05;
} keys[] = {
	{ "app", "generations/1", "app/generations/1", "app/generations/1" },
	{ "", "0000/1", "0000/1", "/0000/1" },
	{ ".", "0000/1", "0000/1", "./0000/1" },
	{ "a/./b//c/", "x", "a/b/c/x", "a/./b//c//x" },
	{ "a/../../b", "x", "../b/x", "a/../../b/x" },
	{ "/a/../../b", "x", "/b/x", "/a/../../b/x" },
	{ "a/b/..", "../x/", "x", "a/b/../../x/" },
};

static void
test_litestreams_keys(void **state)
{
	char *path = mem_new(S3_MAX_KEY + 1, 1);
	struct replica r = { .path = path };
	char *key;

	(void)state;
	memset(path, 'a', S3_MAX_KEY - 2);
	for (size_t n = S3_MAX_KEY - 2; n <= S3_MAX_KEY; n++) {
		path[n - 1] = 'a';
		key = s3_key_05(&r, "x");
		assert_true((key != NULL) == (n == S3_MAX_KEY - 2));
		free(key);
		key = s3_key_03(&r, "x");
		assert_true((key != NULL) == (n == S3_MAX_KEY - 2));
		free(key);
	}
	free(path);
	for (size_t i = 0; i < COUNT(keys); i++) {
		r.path = mem_strdup(keys[i].path);
		key = s3_key_03(&r, keys[i].rest);
		assert_string_equal(key, keys[i].key03);
		free(key);
		key = s3_key_05(&r, keys[i].rest);
		assert_string_equal(key, keys[i].key05);
		free(key);
		free(r.path);
	}
	assert_string_equal(s3_method_name(S3_LIST), "LIST");
	assert_true(s3_method_cost(S3_LIST) > s3_method_cost(S3_HEAD));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_objects),
		STORY(test_odd_keys),
		STORY(test_listings),
		STORY(test_virtual_host),
		STORY(test_faults),
		STORY(test_keys),
		STORY(test_region),
		STORY(test_cancel),
		cmocka_unit_test(test_litestreams_keys),
		STORY(test_unreachable),
		STORY(test_drip),
	};
	int rc;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return rc;
}
