/*
 * err - one error, told once, in a sentence.
 *
 * A function that can fail for more than one reason takes a struct err last,
 * returns 0 or -1, and fills the err only when it returns -1.  Each caller may
 * put its own context in front ("/data/app.db: open: Permission denied").  Only
 * the outermost caller logs: see log.h.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define ERR_TEXT_MAX	512	/* a longer story loses its end */

struct err {
	char text[ERR_TEXT_MAX];
};

/* Both return -1, so a failing function is one line: return err_set(...) */
int	err_set(struct err *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
int	err_prefix(struct err *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
