/*
 * exec - the notification as JSON on the standard input of a program.
 *
 * The way out to whatever speaks no protocol of ours.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "alerts/clean.h"
#include "alerts/receiver.h"
#include "alerts/words.h"
#include "base/err.h"
#include "base/mem.h"

#define SAID_SHOWN	200	/* bytes of what it complained of */

/* A path from somewhere would depend on where the agent was started. */
static int
check_command(const char *command, struct err *e)
{
	char **words = words_split(command, e);
	int rc = 0;

	if (words == NULL)
		return -1;
	if (words[0][0] != '/' && strchr(words[0], '/') != NULL)
		rc = err_set(e, "the program of command must be a whole path "
		    "or a name on PATH");
	words_free(words);
	return rc;
}

static int
write_request(const struct receiver *r, const struct message *m,
    struct request *ret, struct err *e)
{
	const struct notification *n = m->items[0];
	struct request q = { .kind = REQUEST_EXEC };

	if (receiver_text(r, RECEIVER_COMMAND, &q.url, e) == -1)
		return -1;
	if (check_command(q.url != NULL ? q.url : "", e) == -1) {
		request_done(&q);
		return -1;
	}
	q.body = notification_write(n);
	request_header(&q, "LITEGAUGE_ID=%s", n->id);
	request_header(&q, "LITEGAUGE_TYPE=%s",
	    notification_type_name(n->type));
	request_header(&q, "LITEGAUGE_ALERT=%s", n->alert);
	request_header(&q, "LITEGAUGE_DB=%s", n->db);
	request_header(&q, "LITEGAUGE_SEVERITY=%s", n->severity);
	*ret = q;
	return 0;
}

/* By sysexits.h: the same message would fail the same way.  Everything else
 * may be repaired within the day. */
static const struct final {
	long		 status;
	const char	*why;
} finals[] = {
	{ EX_USAGE,	"was called in a way that it does not know" },
	{ EX_DATAERR,	"calls the message malformed" },
	{ EX_NOUSER,	"does not know whom to tell" },
	{ EX_NOHOST,	"does not know the host" },
	{ EX_CONFIG,	"is configured wrongly" },
};

/* The first line of its complaint. */
static char *
complaint(const char *said)
{
	char *line;

	said += strspn(said, " \t\r\n");
	line = mem_printf("%.*s", (int)strcspn(said, "\r\n"), said);
	if (line[0] != '\0') {
		char *clean = clean_copy(line, SAID_SHOWN);

		free(line);
		return clean;
	}
	return line;
}

static enum verdict
judge(struct answer *a, struct err *e)
{
	const char *why = "ended";
	enum verdict verdict = VERDICT_RETRY;
	char *said;

	if (a->status == 0)
		return VERDICT_DELIVERED;
	for (size_t i = 0; i < sizeof finals / sizeof *finals; i++)
		if (finals[i].status == a->status) {
			verdict = VERDICT_REFUSED;
			why = finals[i].why;
		}
	said = complaint(a->body);
	err_set(e, "the program %s (exit status %ld)%s%s", why, a->status,
	    said[0] != '\0' ? ": " : "", said);
	free(said);
	return verdict;
}

extern const struct receiver_type receiver_exec;

const struct receiver_type receiver_exec = {
	.name = "exec",
	.help = "Runs a program with the notification as JSON, the body of a "
	    "webhook, on its standard input; 0 means delivered.",
	.needs = "command",
	.write = write_request,
	.judge = judge,
};
