/*
 * away - a call of curl's that a thread of its own makes.
 *
 * Once a mail is sent, curl waits for the server's word of it within the call
 * that it is in: a minute if need be, for some look at a mail before they take
 * it.  Nobody may wait on the loop, so such a call is made away from it.
 *
 * Until it has ended the thread has the easy handle and all that it was given.
 */
#ifndef BASE_AWAY_H
#define BASE_AWAY_H

#include <curl/curl.h>

struct away;
struct loop;

/* Called once, on the loop; the thread has gone and the struct away with it. */
typedef void away_ended_fn(void *arg, CURLcode);

/* Borrows the easy handle.  NULL: there is no thread to be had. */
struct away	*away_start(struct loop *, CURL *easy, away_ended_fn *,
		    void *arg);
/* Waits until curl has noticed, which is at once when its sockets are shut, and
 * within a second otherwise; ended() is not called. */
void		 away_stop(struct away *);

#endif
