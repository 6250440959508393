/*
 * judge - what an HTTP status means, by a table.
 *
 * What is not in the table is tried again: most of what is wrong with a
 * receiver is put right within the day.  Sentences have no URL.
 */
#ifndef ALERTS_JUDGE_H
#define ALERTS_JUDGE_H

#include "alerts/receiver.h"

struct judgement {
	long		 status;	/* 0 ends the table */
	enum verdict	 verdict;
	const char	*why;		/* "calls the message too large" */
};

/* By the first row of that status; who begins the sentence: "Discord". */
enum verdict	judge_by(const struct judgement *, const char *who,
		    const struct answer *, struct err *);
/* For a program of which nothing is known but that it speaks HTTP. */
enum verdict	judge_http(struct answer *, struct err *);

#endif
