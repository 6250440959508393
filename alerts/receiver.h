/*
 * receiver - where notifications go, one file per type in receivers/.
 *
 * A type is a const struct receiver_type receiver_<file name>; the Makefile
 * finds the file.  A type writes a request and judges the answer; it opens no
 * socket and keeps no state: post.c sends, outbox.c queues and tries again.
 *
 * Receiver URLs and secrets are secret: they come from the configuration, from
 * the environment, from systemd's credentials or from a file that is read again
 * at each use, and appear in no log, metric, page or error text.
 */
#ifndef ALERTS_RECEIVER_H
#define ALERTS_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/notification.h"

struct err;
struct receiver_type;

/* What a section may say beside its type, for the type to use. */
enum receiver_key {
	RECEIVER_URL,		/* where it is */
	RECEIVER_SECRET,	/* signs */
	RECEIVER_TOKEN,		/* proves who we are */
	RECEIVER_ROUTING_KEY,
	RECEIVER_USERNAME, RECEIVER_PASSWORD,
	RECEIVER_TOPIC, RECEIVER_CHAT_ID, RECEIVER_THREAD_ID,
	RECEIVER_FROM, RECEIVER_TO,
	RECEIVER_COMMAND,
	RECEIVER_KEYS
};

struct receiver_key_row {
	const char	*name;		/* as in the configuration */
	const char	*file;		/* "NAME_file"; NULL: not secret */
};
extern const struct receiver_key_row receiver_keys[RECEIVER_KEYS];

struct receiver {
	char			*name;		/* owned */
	const struct receiver_type *type;
	char			*texts[RECEIVER_KEYS];	/* owned; NULL where */
	char			*files[RECEIVER_KEYS];	/*   nothing was said */
	int64_t			 group_wait_ms;
	char			*fallback;	/* owned; a receiver; NULL */
	bool			 no_resolved;	/* wants no good news */
	bool			 reserve;	/* only stands in for others:
						   no rule names it */
};

#define MESSAGE_MAX	20	/* alerts in one message */
#define STORM_MAX	500	/* the most, of one rule: for types that show
				   what there is room for and count the rest */

/* What goes in one request: one notification, or several for a type that
 * groups, which are of one database, or of one rule when many databases meet it
 * at once.  Everything is borrowed. */
struct message {
	const struct notification *const *items;	/* the oldest first */
	size_t			 n;			/* from 1 */
	int64_t			 wall_s;		/* of the attempt */
};

enum request_kind {
	REQUEST_HTTP,	/* POST of the body to the url */
	REQUEST_MAIL,	/* the body, a whole message, to smtp(s)://host:port */
	REQUEST_EXEC,	/* a command (url), the body on its standard input */
};

#define REQUEST_MAX_HEADERS	8

struct request {
	enum request_kind kind;
	char	*url;				/* owned, and secret */
	char	*headers[REQUEST_MAX_HEADERS];	/* owned; "Name: value"; of a
						   command "NAME=value" of its
						   environment */
	size_t	 nheaders;
	char	*body;				/* owned; NULL: a GET */
	char	*from, *to;			/* owned; a mail's envelope */
	char	*username, *password;		/* owned; NULL: without */
};

struct answer {
	long		 status;	/* HTTP's or SMTP's, or a program's exit
					   status; 0 when there was no answer */
	const char	*body;		/* the first bytes of it; never NULL */
	int64_t		 retry_after_ms;	/* -1: not said; a judge that
					   finds it in the body sets it */
};

enum verdict {
	VERDICT_DELIVERED,
	VERDICT_RETRY,		/* later */
	VERDICT_REFUSED,	/* this message never will be */
	VERDICT_GONE,		/* nor will any other, until reconfigured */
};

struct receiver_type {
	const char	*name;		/* as in `type = ` */
	const char	*help;		/* the manual's sentence */
	const char	*needs, *takes;	/* keys: "url", "secret token" */
	bool		 groups;	/* several alerts in a message */
	size_t		 storm_max;	/* the same of one rule that many
					   databases meet; 0: MESSAGE_MAX */
	unsigned	 skips;		/* types that it is never sent: bits
					   1u << enum notification_type */
	int64_t		 gap_ms;	/* at least, between two requests */
	int64_t		 refresh_ms;	/* what is open is said again so often;
					   0: once is enough */
	int		(*write)(const struct receiver *,
			    const struct message *, struct request *,
			    struct err *);
	/* On anything but DELIVERED the err says why, without the URL. */
	enum verdict	(*judge)(struct answer *, struct err *);
};

/* Written by the Makefile: every type, by name; NULL ends the list. */
extern const struct receiver_type *const receiver_types[];

const struct receiver_type *receiver_type_find(const char *name);
void	receiver_done(struct receiver *);
/* A key's text as it is now: given, as secret_text() takes it, or read from its
 * file and trimmed; may be NULL with rc 0: nothing was said.  The caller
 * secret_wipe()s it. */
int	receiver_text(const struct receiver *, enum receiver_key, char **ret,
	    struct err *);
/* The url, which must be there and be one of http or https. */
int	receiver_url(const struct receiver *, char **ret, struct err *);
/* The same; where nothing was said, the vendor's own. */
int	receiver_url_or(const struct receiver *, const char *vendors,
	    char **ret, struct err *);
bool	receiver_skips(const struct receiver_type *, enum notification_type);
/* The sentences of errors are about this receiver, and do not name it: whoever
 * tells of them does. */
/* What its type needs is there, what it does not take is not; nobody else can
 * read its files.  -1 and a sentence. */
int	receiver_check(const struct receiver *, struct err *);
/* Would a request come of it, as it stands now?  Sends nothing.  -1 and a
 * sentence: no URL, a secret that cannot be decoded, a file that is missing. */
int	receiver_try(const struct receiver *, struct err *);
/* The request so far, for JSON, to the url; its body is still to come. */
int	request_begin(struct request *, const struct receiver *, struct err *);
void	request_header(struct request *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
void	request_done(struct request *);

#endif
