/*
 * listen - a socket that listens where a person said it should.
 */
#ifndef AGENT_PAGES_LISTEN_H
#define AGENT_PAGES_LISTEN_H

struct err;

/* "127.0.0.1:10925", "[::1]:0", "localhost:80".  Returns the descriptor or -1;
 * the sentence begins with the text.  *port is the real one. */
int	listen_on(const char *text, unsigned *port, struct err *);

#endif
