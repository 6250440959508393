/*
 * wire - HTTP on the loop: curl's multi interface, and nothing about messages.
 *
 * Whoever wants to speak (notifications in alerts/post.c, buckets in
 * litestream/s3.c) makes an easy handle with all its options and hands it over;
 * when it has ended, done() is called once, on the loop.  wire_call() calls
 * nothing before it returns.
 */
#ifndef AGENT_WIRE_H
#define AGENT_WIRE_H

#include <curl/curl.h>

struct err;
struct loop;
struct wire;
struct wire_call;

/* The easy handle is still there to be asked; it is freed after. */
typedef void wire_done_fn(void *arg, CURL *easy, CURLcode);

struct wire	*wire_new(struct loop *, struct err *);
void		 wire_free(struct wire *);	/* calls nobody */
/* Takes the easy handle.  Sets what all must have: no signals, no redirects,
 * http and https only, both time limits. */
struct wire_call *wire_call(struct wire *, CURL *easy, wire_done_fn *,
		    void *arg);
void		 wire_cancel(struct wire_call *);	/* done is not called */

#endif
