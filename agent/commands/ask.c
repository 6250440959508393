/*
 * ask - see ask.h.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/commands/ask.h"
#include "agent/config/config.h"
#include "agent/config/configure.h"
#include "alerts/clean.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

#define ANSWER_MAX	(16u << 20)	/* bytes */
#define PATIENCE_MS	10000L

/* Whoever listens on all addresses answers on this one too. */
static const struct {
	const char	*any, *one;
} anys[] = {
	{ "0.0.0.0:",	"127.0.0.1:" },
	{ "[::]:",	"[::1]:" },
};

static char *
reachable(const char *listen)
{
	for (size_t i = 0; i < sizeof anys / sizeof *anys; i++) {
		size_t n = strlen(anys[i].any);

		if (strncmp(listen, anys[i].any, n) == 0)
			return mem_printf("%s%s", anys[i].one, listen + n);
	}
	return mem_strdup(listen);
}

/* Only this key is wanted: what else is wrong with the file is no matter. */
static char *
address(const struct agent_flags *f)
{
	const char *path = f->config != NULL ? f->config :
	    CONFIGURE_DEFAULT_FILE;
	struct config c;
	char *ret;

	if (f->listen != NULL)
		return reachable(f->listen);
	if (access(path, R_OK) != 0 || config_read(&c, path) == -1) {
		if (access(path, R_OK) == 0)
			config_free(&c);
		config_init(&c);
	}
	ret = reachable(section_text(config_agent(&c), "listen"));
	config_free(&c);
	return ret;
}

static void
add_args(struct buf *url, CURL *easy, const struct asking *q)
{
	char mark = '?';

	for (size_t i = 0; q->args[i][0] != NULL; i++) {
		char *value;

		if (q->args[i][1] == NULL)
			continue;
		value = curl_easy_escape(easy, q->args[i][1], 0);
		if (value == NULL)
			abort();	/* out of memory, as in mem.h */
		buf_addf(url, "%c%s=%s", mark, q->args[i][0], value);
		curl_free(value);
		mark = '&';
	}
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, data, size * n);
	return buf_ok(b) ? size * n : 0;
}

/* One that says {"status":...}, or nothing of ours answers there. */
static json_t *
data_of(const struct buf *answer, const char *where, struct err *e)
{
	json_t *root = answer->data == NULL ? NULL :
	    json_loads(answer->data, 0, NULL);
	json_t *data = json_object_get(root, "data");
	const char *error = json_string_value(json_object_get(root, "error"));
	char *said;

	if (data != NULL) {
		json_incref(data);
	} else if (error != NULL) {
		said = clean_copy(error, sizeof e->text - 1);
		err_set(e, "%s", said);
		free(said);
	} else {
		err_set(e, "what answers at %s is no litegauge of this "
		    "version", where);
	}
	json_decref(root);
	return data;
}

#define SET(option, value) (void)curl_easy_setopt(easy, CURLOPT_##option, value)

static CURLcode
perform(CURL *easy, const char *url, bool post, struct buf *answer)
{
	SET(URL, url);
	SET(NOSIGNAL, 1L);
	SET(NOPROXY, "*");
	SET(TIMEOUT_MS, PATIENCE_MS);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, answer);
	if (post)
		SET(POSTFIELDS, "");
	return curl_easy_perform(easy);
}

json_t *
ask(const struct agent_flags *f, const struct asking *q, struct err *e)
{
	char *where = address(f);
	CURL *easy = curl_easy_init();
	struct buf url, answer;
	json_t *data = NULL;
	CURLcode rc;

	if (easy == NULL)
		abort();	/* out of memory, as in mem.h */
	buf_init(&url, 8192);
	buf_init(&answer, ANSWER_MAX);
	buf_addf(&url, "http://%s%s", where, q->path);
	add_args(&url, easy, q);
	rc = buf_ok(&url) ? perform(easy, url.data, q->post, &answer) :
	    CURLE_URL_MALFORMAT;
	if (rc == CURLE_OK)
		data = data_of(&answer, where, e);
	else
		err_set(e, "no agent answers at %s (%s): is it running, and is "
		    "this its --listen or --config?", where,
		    curl_easy_strerror(rc));
	curl_easy_cleanup(easy);
	buf_free(&url);
	buf_free(&answer);
	free(where);
	return data;
}
