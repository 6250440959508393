/*
 * What strangers name their files and processes, sent to every type there is:
 * nothing of it may break a body, call a person or begin a header.
 */
#include <ctype.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alerts/clean.h"
#include "alerts/receiver.h"
#include "base/err.h"
#include "base/mem.h"
#include "tests/alerts/sample.h"
#include "tests/alerts/types.h"

#define COUNT(a)	(sizeof (a) / sizeof *(a))
#define LONG		4096	/* bytes of a name that repeats one text */
#define BODY_MAX	65536	/* of a type that is not in the table below */
#define BROKEN_MAX	998	/* of a line of a mail */

static const struct {
	const char	*text;
	bool		 repeated;
} names[] = {
	{ "app\", \"x\": \"y", false },
	{ "a\r\nBcc: victim@example.org\r\n\r\nb", false },
	{ "a\nb\tc\x1b[2Jd", false },
	{ "<@here>", false }, { "<!channel>", false }, { "<!here|x>", false },
	{ "<@U012AB3CD>", false }, { "<users/all>", false },
	{ "<at>Everyone</at>", false },
	{ "@name_bot", false }, { "#tag", false }, { "$USD", false },
	{ "/reboot", false }, { "</stop:123>", false },
	{ "<#123456789012345678>", false }, { "<@&123>", false },
	{ "<!subteam^S012AB3CD>", false }, { "<t:1700000000:R>", false },
	{ "@everyone", false }, { "@here", false }, { "@channel", false },
	{ "<https://evil.example/|ok>", false },
	{ "[ok](https://evil.example/)", false },
	{ "a & b && <b>c</b> &amp; &#60;", false },
	{ "'; DROP TABLE x; -- `id` $(id) ${HOME}", false },
	{ "*a* _b_ ~c~ `d` ||e|| # f", false },
	{ "{{DATE(2017-02-14T06:00:00Z, SHORT)}} @{triggerBody()}", false },
	{ "safe\xe2\x80\xae" "gpj.exe\xe2\x81\xa6x\xe2\x80\x8f", false },
	{ "\xff\xfe\xc3(", false },
	{ "", false },
	{ "&", true }, { "\"", true }, { "\\", true }, { "<", true },
	{ "@", true }, { "_", true }, { "a ", true }, { "\n", true },
	{ "\xf0\x9f\x94\xa5", true }, { "\xe2\x80\xae", true },
	{ "\xff", true },
};

/* What may stand in no text of a body, and how much a place takes; the length
 * is that of the whole body. */
static const struct bound {
	const char	*type;
	size_t		 bytes;
	const char	*not[9];
} bounds[] = {
	{ "webhook", 20000, { NULL } },
	{ "webhook_v4", 400000, { NULL } },
	{ "alertmanager", 400000, { NULL } },
	{ "slack", 40000, { "<", ">", "@here", "@everyone", "@channel" } },
	{ "discord", 40000, { "@e", "@h", "@c", "@U", "](", "<#" } },
	{ "teams", 21000, { NULL } },
	{ "googlechat", 32000, { "<users", "<http", "@h", "@n", "@e" } },
	{ "telegram", 32000, { "<at>", "<@", "<!", "<http", "@n", "#t", "$U",
	    "/reb" } },
	{ "ntfy", 16000, { NULL } },
	{ "pagerduty", 512000, { NULL } },
};

static const struct bound *
bound_of(const char *type)
{
	static const struct bound other = { NULL, BODY_MAX, { NULL } };

	for (size_t i = 0; i < COUNT(bounds); i++)
		if (strcmp(bounds[i].type, type) == 0)
			return &bounds[i];
	return &other;
}

/* Clean but for line ends, and without what may not be in it. */
static void
check_text(const struct bound *b, const char *type, const char *text)
{
	char *copy = mem_strdup(text);

	for (char *c = copy; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	if (!clean_is(copy, strlen(copy)))
		fail_msg("%s: not clean: %s", type, text);
	free(copy);
	for (size_t i = 0; b->not[i] != NULL; i++)
		if (strstr(text, b->not[i]) != NULL)
			fail_msg("%s: %s in: %s", type, b->not[i], text);
}

/* The link that is ours, to the page; nothing in it begins another. */
static bool
is_our_link(const char *type, const json_t *j)
{
	const char *text = json_string_value(j);
	size_t n = strlen(text);

	return strcmp(type, "slack") == 0 && n > 0 &&
	    strncmp(text, "<http://", 8) == 0 &&
	    strchr(text + 1, '<') == NULL && strchr(text, '>') == text + n - 1;
}

static void
check_json(const struct bound *b, const char *type, const json_t *j)
{
	const char *key;
	const json_t *value;
	size_t i;

	if (json_is_string(j)) {
		assert_int_equal(json_string_length(j),
		    strlen(json_string_value(j)));
		if (!is_our_link(type, j))
			check_text(b, type, json_string_value(j));
	} else if (json_is_array(j)) {
		json_array_foreach(j, i, value)
			check_json(b, type, value);
	} else if (json_is_object(j)) {
		void *next = json_object_iter((json_t *)(uintptr_t)j);

		for (; next != NULL; next = json_object_iter_next(
		    (json_t *)(uintptr_t)j, next)) {
			key = json_object_iter_key(next);
			check_text(b, type, key);
			check_json(b, type, json_object_iter_value(next));
		}
	}
}

/* Line by line: no header of ours is theirs, and none is too long. */
static void
check_mail(const char *type, const char *body)
{
	for (const char *c = body; *c != '\0'; ) {
		size_t n = strcspn(c, "\n");

		if (n > BROKEN_MAX || strncasecmp(c, "Bcc:", 4) == 0)
			fail_msg("%s: a line of %zu: %.40s", type, n, c);
		c += n + (c[n] == '\n');
	}
}

static const struct limit {
	const char	*type, *array, *key;	/* array NULL: the root */
	size_t		 max;			/* of all of them, in sum */
} limits[] = {
	{ "slack", NULL, "text", 2000 },
	{ "discord", "embeds", "description", 6000 },
	{ "discord", "embeds", "title", 2560 },
	{ "discord", NULL, "content", 2000 },
	{ "googlechat", NULL, "text", 4096 },
	{ "telegram", NULL, "text", 4096 },
	{ "ntfy", NULL, "message", 4096 },
};

static void
check_limits(const char *type, const json_t *root)
{
	for (size_t i = 0; i < COUNT(limits); i++) {
		const struct limit *l = &limits[i];
		const json_t *array = l->array == NULL ? NULL :
		    json_object_get(root, l->array), *one;
		size_t k, sum;

		if (strcmp(l->type, type) != 0)
			continue;
		sum = json_string_length(json_object_get(root, l->key));
		json_array_foreach(array, k, one)
			sum += json_string_length(json_object_get(one,
			    l->key));
		if (sum > l->max)
			fail_msg("%s: %zu bytes of %s", type, sum, l->key);
	}
}

static void
check_request(const char *type, const struct request *q)
{
	const struct bound *b = bound_of(type);
	json_t *root;

	for (size_t i = 0; i < q->nheaders; i++)
		if (strpbrk(q->headers[i], "\r\n") != NULL)
			fail_msg("%s: header %s", type, q->headers[i]);
	assert_non_null(q->body);
	if (strlen(q->body) > b->bytes)
		fail_msg("%s: a body of %zu bytes", type, strlen(q->body));
	if (q->kind == REQUEST_MAIL) {
		check_mail(type, q->body);
		return;
	}
	root = json_loads(q->body, JSON_REJECT_DUPLICATES, NULL);
	if (root == NULL)
		fail_msg("%s: not JSON: %s", type, q->body);
	check_json(b, type, root);
	check_limits(type, root);
	json_decref(root);
}

static char *
make_name(size_t i)
{
	size_t n = strlen(names[i].text);
	size_t times = names[i].repeated ? LONG / n : 1;
	char *name = mem_new(1, times * n + 1);

	for (size_t k = 0; k < times; k++)
		memcpy(name + k * n, names[i].text, n);
	return name;
}

/* Everything in it bears the name. */
static struct notification *
make(enum notification_type type, char *name)
{
	static const enum alert_change changes[NOTIFY_TYPES] = {
		[NOTIFY_FIRING] = ALERT_FIRED,
		[NOTIFY_RESOLVED] = ALERT_RESOLVED,
		[NOTIFY_NO_DATA] = ALERT_LOST,
		[NOTIFY_FLAPPING] = ALERT_FLAPS,
	};
	struct culprit culprits[HOLD_COUNT] = { 0 };
	const struct rule rule = {
		.name = name, .measure = MEASURE_CHECKPOINT_LAG,
		.limit = 300, .severity = SEVERITY_CRITICAL,
	};
	struct past past = { .fired = { 0, 1700000000000LL } };
	const struct alert alert = { .rule = &rule, .value = 400,
		.past = &past };
	const struct scene scene = {
		.db = name, .culprits = culprits, .host = name,
		.base_url = SAMPLE_BASE, .wall_ms = 1700000060000LL,
	};
	struct culprit *c = &culprits[HOLD_READER];

	if (changes[type] == ALERT_NOTHING)
		return notification_digest(name, name, name, &scene);
	c->pid = 7;
	c->since_ms = 60000;
	memcpy(c->command, name, strnlen(name, sizeof c->command - 1));
	return notification_new(changes[type], &alert, &scene);
}

/* As the message of a user, or a diagnosis that quotes a path, would. */
static void
rewrite(char **text, const char *name)
{
	free(*text);
	*text = clean_copy(name, NOTIFICATION_TEXT_MAX);
}

static void
try_name(const struct receiver *r, char *name, bool everywhere)
{
	static const size_t sizes[] = { 1, 2, 10, MESSAGE_MAX, STORM_MAX };
	struct notification *of[MESSAGE_MAX];
	const struct notification *items[STORM_MAX];

	for (size_t i = 0; i < MESSAGE_MAX; i++) {
		of[i] = make((enum notification_type)(i %
		    NOTIFY_TYPES), name);
		if (everywhere) {
			rewrite(&of[i]->summary, name);
			rewrite(&of[i]->cause, name);
			rewrite(&of[i]->next_step, name);
		}
	}
	for (size_t i = 0; i < STORM_MAX; i++)
		items[i] = of[i % MESSAGE_MAX];
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct message m = { items, sizes[i], 1700000061 };
		struct request q = { 0 };
		struct err e = { "" };

		if ((sizes[i] > 1 && !r->type->groups) ||
		    sizes[i] > (r->type->storm_max > 0 ? r->type->storm_max :
		    MESSAGE_MAX))
			break;
		if (r->type->write(r, &m, &q, &e) == -1)
			fail_msg("%s: %s", r->type->name, e.text);
		check_request(r->type->name, &q);
		request_done(&q);
	}
	for (size_t i = 0; i < MESSAGE_MAX; i++)
		notification_free(of[i]);
}

static void
test_every_type(void **state)
{
	size_t types = 0;

	(void)state;
	for (; receiver_types[types] != NULL; types++) {
		struct receiver r = type_receiver(receiver_types[types]);

		for (size_t i = 0; i < COUNT(names); i++) {
			char *name = make_name(i);

			try_name(&r, name, false);
			try_name(&r, name, true);
			free(name);
		}
		receiver_done(&r);
	}
	assert_true(types >= 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
