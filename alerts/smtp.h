/*
 * smtp - a mail as curl sends it, and where mail may be sent at all.
 *
 *	smtps://HOST[:465]	TLS from the first byte
 *	smtp://HOST[:25]	STARTTLS, or nothing is sent; but to localhost,
 *				127.0.0.1 and [::1] without TLS: nobody else
 *				can listen there
 *	smtp+plain://HOST[:25]	without TLS, because the URL says so; then a
 *				password is refused, unless it is to this host
 *
 * A name behind a slash is the one that the server is greeted with.
 */
#ifndef ALERTS_SMTP_H
#define ALERTS_SMTP_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct err;
struct request;

#define SMTP_SAID_MAX	256
#define SMTP_LOGIN_MAX	1024
#define SMTP_SOCKETS	4	/* at once; curl tries two addresses */

/* One mail on its way; embedded in whoever sends it, zeroed. */
struct smtp {
	const char	  *body;		/* still to be sent; borrowed */
	size_t		   left;		/* bytes of it */
	struct curl_slist *to;			/* owned */
	/* Shared, with the lock: what a thread opens the loop may shut. */
	pthread_mutex_t	   lock;
	curl_socket_t	   sockets[SMTP_SOCKETS];
	size_t		   nsockets;
	bool		   stopped;

	const char	  *password;		/* borrowed; or NULL */
	bool		   logging_in;
	char		   login[SMTP_LOGIN_MAX];	/* sent last for that */
	char		   said[SMTP_SAID_MAX];	/* its last complaint */
};

/* -1 and a sentence that does not repeat it. */
int	 smtp_check_url(const char *url, bool has_password, struct err *);
/* Borrows the request until the call has ended.  NULL: it could not be made. */
CURL	*smtp_easy(struct smtp *, const struct request *);
/* From another thread: shuts its sockets, so that it ends soon. */
void	 smtp_stop(struct smtp *);
void	 smtp_done(struct smtp *);	/* wipes what was secret */
/* What it means for people; NULL: curl's own words will do. */
const char *smtp_strerror(CURLcode);

#endif
