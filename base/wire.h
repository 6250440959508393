/*
 * wire - curl on the loop: its multi interface, and nothing about messages.
 *
 * Whoever wants to speak (notifications in alerts/post.c, buckets in
 * litestream/s3.c) makes an easy handle with all its options and hands it over;
 * when it has ended, done() is called once, on the loop.  wire_call() calls
 * nothing before it returns.
 *
 * A call has WIRE_LIMIT_MS for everything.  One that fetches much may be given
 * longer; then whoever drips instead of flowing is hung up on.  Mail servers
 * let people wait on purpose, so a mail has WIRE_MAIL_LIMIT_MS, of which the
 * greeting may take half.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <curl/curl.h>

struct loop;
struct wire;
struct wire_call;

#define WIRE_CONNECT_MS		5000L
#define WIRE_LIMIT_MS		15000L
#define WIRE_MAIL_LIMIT_MS	60000L
#define WIRE_HEAD_MAX		65536	/* bytes of headers and trailers, or of
					   what a mail server says */
#define WIRE_SLOW_BYTES		100L	/* a second; fewer than these ... */
#define WIRE_SLOW_S		10L	/* ... for so long are a drip */

/* The easy handle is still there to be asked; it is freed after. */
typedef void wire_done_fn(void *arg, CURL *easy, CURLcode);
/* Shuts the sockets that a thread may be waiting for. */
typedef void wire_stop_fn(void *arg);

struct wire	*wire_new(struct loop *);	/* never NULL */
void		 wire_free(struct wire *);	/* calls nobody */
struct loop	*wire_loop(const struct wire *);
/*
 * Takes the easy handle; NULL says that it could not be made, and done() hears
 * of it as of any other failure.  Sets what all must have: no signals, no
 * redirects, http and https only, a limit of headers, the time limits.
 */
struct wire_call *wire_call(struct wire *, CURL *easy, long limit_ms,
		    wire_done_fn *, void *arg);
/*
 * The same for smtp and smtps, but that a thread makes the call: the easy
 * handle and what it was given are its own until done() is called or
 * wire_cancel() has returned, which calls stop().
 */
struct wire_call *wire_mail(struct wire *, CURL *easy, wire_done_fn *,
		    wire_stop_fn *, void *arg);
/* done is not called.  Not from inside curl: not where bytes arrive. */
void		 wire_cancel(struct wire_call *);

#endif
