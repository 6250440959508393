/*
 * answer - what a sink is told to answer, request by request.
 *
 * An answer is a word of the table below, or a status with a value that goes
 * into the header such a status is known for: 302:URL, 429:SECONDS.
 */
#ifndef TESTS_TOOLS_ANSWER_H
#define TESTS_TOOLS_ANSWER_H

#include "tests/tools/tool.h"

#define ANSWER_MAX	256	/* in a script */

enum manner { PLAIN, DRIPPING, RAW, HANGING, RUDE };

/* One answer of the script. */
struct answer {
	const char	*word;
	enum manner	 manner;
	int		 status;		/* 0: this is not HTTP */
	const char	*body;			/* RAW: all there is */
	const char	*value;			/* 429:value, or NULL */
	bool		 as_date;		/* 429d:value */
};

static const struct answer answer_words[] = {
	{ "ok",	      PLAIN,	200, "ok", NULL, false },
	{ "telegram", PLAIN,	200, "{\"ok\":true,\"result\":{}}",
	  NULL, false },
	{ "drip",     DRIPPING,	200, "ok", NULL, false },
	{ "half",     RAW,	200, "HTTP/1.1 200 OK\r\n"
	  "Content-Length: 100\r\n\r\n0123456789", NULL, false },
	{ "nonsense", RAW,	  0, "\026\003 is not HTTP\r\n\r\n",
	  NULL, false },
	{ "hang",     HANGING,	  0, "", NULL, false },
	{ "reset",    RUDE,	  0, "", NULL, false },
};

static const struct {
	int		 status;
	const char	*reason;
} answer_reasons[] = {
	{ 200, "OK" }, { 202, "Accepted" }, { 204, "No Content" },
	{ 301, "Moved Permanently" }, { 302, "Found" },
	{ 400, "Bad Request" }, { 403, "Forbidden" }, { 404, "Not Found" },
	{ 410, "Gone" }, { 411, "Length Required" },
	{ 413, "Content Too Large" }, { 429, "Too Many Requests" },
	{ 500, "Internal Server Error" }, { 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
};

static struct answer answer_script[ANSWER_MAX];
static size_t answer_count, answer_at;

static inline const char *
answer_reason(int status)
{
	for (size_t i = 0; i < TOOL_LENGTH(answer_reasons); i++)
		if (answer_reasons[i].status == status)
			return answer_reasons[i].reason;
	return "Whatever";
}

/* Words of the table first, then STATUS, STATUS:VALUE and STATUSd:VALUE. */
static inline bool
answer_read(char *word, struct answer *ret)
{
	char *value = strchr(word, ':');
	int64_t status, seconds;

	for (size_t i = 0; i < TOOL_LENGTH(answer_words); i++)
		if (strcmp(word, answer_words[i].word) == 0) {
			*ret = answer_words[i];
			return true;
		}
	*ret = (struct answer){ .word = word, .manner = PLAIN, .body = "" };
	if (value != NULL) {
		*value = '\0';
		ret->value = value + 1;
		if (value > word && value[-1] == 'd') {
			ret->as_date = true;
			value[-1] = '\0';
		}
	}
	if (!tool_read_count(word, &status) || status < 200 || status > 599)
		return false;
	if (ret->as_date && !tool_read_count(ret->value, &seconds))
		return false;
	ret->status = (int)status;
	if (status >= 400)
		ret->body = answer_reason(ret->status);
	return true;
}

static inline void
answer_read_script(char *text)
{
	char *word;

	while ((word = strsep(&text, ",")) != NULL) {
		if (answer_count == ANSWER_MAX)
			tool_die("--script", "too many answers");
		if (!answer_read(word, &answer_script[answer_count]))
			tool_die(word, "no answer that I know");
		answer_count++;
	}
}

static inline const struct answer *
answer_next(void)
{
	if (answer_at < answer_count - 1)
		return &answer_script[answer_at++];
	return &answer_script[answer_count - 1];
}

/* A date has whole seconds: round up, so that it is never too early. */
static inline void
answer_put_date(FILE *f, const char *seconds_ahead)
{
	char date[64];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += strtol(seconds_ahead, NULL, 10) + (now.tv_nsec > 0);
	if (gmtime_r(&now.tv_sec, &tm) == NULL || strftime(date, sizeof date,
	    "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		tool_die(seconds_ahead, "no date so far ahead");
	fprintf(f, "Retry-After: %s\r\n", date);
}

static inline void
answer_put(FILE *f, const struct answer *a, bool last)
{
	fprintf(f, "HTTP/1.1 %d %s\r\n", a->status, answer_reason(a->status));
	if (a->value != NULL && a->as_date)
		answer_put_date(f, a->value);
	else if (a->value != NULL)
		fprintf(f, "%s: %s\r\n", a->status / 100 == 3 ?
		    "Location" : "Retry-After", a->value);
	if (last)
		fputs("Connection: close\r\n", f);
	if (a->status == 204)
		fputs("\r\n", f);
	else
		fprintf(f, "Content-Type: text/plain\r\n"
		    "Content-Length: %zu\r\n\r\n%s", strlen(a->body), a->body);
}

#endif
