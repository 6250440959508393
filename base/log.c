/*
 * log - see log.h.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#define MAX_LINE	4096
#define FIRST_GAP_MS	60000
#define LAST_GAP_MS	(6 * 3600 * 1000)

static const char *const level_names[] = {
	[LOG_LEVEL_DEBUG] = "debug",
	[LOG_LEVEL_INFO]  = "info",
	[LOG_LEVEL_WARN]  = "warn",
	[LOG_LEVEL_ERROR] = "error",
};

static enum log_level level = LOG_LEVEL_INFO;
static enum log_format format = LOG_FORMAT_LOGFMT;

int
log_set_level(const char *name)
{
	for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++)
		if (strcmp(name, level_names[i]) == 0) {
			level = (enum log_level)i;
			return 0;
		}
	return -1;
}

int
log_set_format(const char *name)
{
	if (strcmp(name, "logfmt") == 0)
		format = LOG_FORMAT_LOGFMT;
	else if (strcmp(name, "json") == 0)
		format = LOG_FORMAT_JSON;
	else
		return -1;
	return 0;
}

/* Quotes, so that no text from outside can start a line or a field of ours. */
static void
add_quoted(struct buf *b, const char *text)
{
	buf_adds(b, "\"");
	for (const char *c = text; *c != '\0'; c++) {
		unsigned char u = (unsigned char)*c;

		if (u == '"' || u == '\\')
			buf_addf(b, "\\%c", u);
		else if (u < 0x20 || u == 0x7f)
			buf_addf(b, "\\u%04x", u);
		else
			buf_add(b, c, 1);
	}
	buf_adds(b, "\"");
}

static void
say(enum log_level l, const char *msg)
{
	const char *shape = format == LOG_FORMAT_JSON ?
	    "{\"time\":\"%s\",\"level\":\"%s\",\"msg\":" :
	    "time=%s level=%s msg=";
	char when[CLOCK_TEXT_MAX];
	struct buf line;

	clock_text(when, wall_ms());
	buf_init(&line, 4 * MAX_LINE);	/* if every byte is escaped */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buf_addf(&line, shape, when, level_names[l]);
#pragma GCC diagnostic pop
	add_quoted(&line, msg);
	buf_adds(&line, format == LOG_FORMAT_JSON ? "}\n" : "\n");
	/* One write, so that lines of two threads do not mix. */
	if (line.len > 0 && write(STDERR_FILENO, line.data, line.len) == -1)
		(void)0;	/* nobody is left to tell */
	buf_free(&line);
}

#define SAY(l, fmt) do {						\
	char text_[MAX_LINE / 2];					\
	va_list ap_;							\
									\
	if ((l) < level)						\
		break;							\
	va_start(ap_, fmt);						\
	vsnprintf(text_, sizeof text_, fmt, ap_);			\
	va_end(ap_);							\
	say((l), text_);						\
} while (0)

void
log_debug(const char *fmt, ...)
{
	SAY(LOG_LEVEL_DEBUG, fmt);
}

void
log_info(const char *fmt, ...)
{
	SAY(LOG_LEVEL_INFO, fmt);
}

void
log_warn(const char *fmt, ...)
{
	SAY(LOG_LEVEL_WARN, fmt);
}

void
log_error(const char *fmt, ...)
{
	SAY(LOG_LEVEL_ERROR, fmt);
}

void
log_complain(struct complaint *c, const char *fmt, ...)
{
	int64_t now = mono_ms();

	if (c->since_ms == 0)
		*c = (struct complaint){ now, now, FIRST_GAP_MS / 2 };
	if (now < c->next_ms)
		return;
	if (c->gap_ms < LAST_GAP_MS)
		c->gap_ms *= 2;
	c->next_ms = now + c->gap_ms;
	SAY(LOG_LEVEL_WARN, fmt);
}

void
log_relent(struct complaint *c, const char *fmt, ...)
{
	if (c->since_ms == 0)
		return;
	*c = (struct complaint){ 0 };
	SAY(LOG_LEVEL_INFO, fmt);
}
