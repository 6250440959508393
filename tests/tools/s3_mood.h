/*
 * s3_mood - how a bucket misbehaves, by a file that tests write.
 *
 *	deny OP			403 (OP: GET HEAD PUT POST DELETE LIST)
 *	status N		that, for everything
 *	slow MS			it thinks first
 *	hang			it never answers
 *	drip			a byte of an answer in a tenth of a second
 *	redirect URL		307
 *	skew S			its clock is so far ahead
 *	elsewhere REGION	it lies there, and says so
 *	nobucket		404
 *	million			its listings have no end
 *	garbage			200, and no sense
 *
 * "for KEY " before any of them: only for who signs with that access key.
 */
#ifndef TESTS_TOOLS_S3_MOOD_H
#define TESTS_TOOLS_S3_MOOD_H

#include "tests/tools/s3_talk.h"

/* What the control file says about this request. */
struct mood {
	bool		 deny, hang, drip, nobucket, million, garbage;
	int		 status;
	long		 slow_ms;
	char		 redirect[256];
};

static inline void
mood_obey(char *line, struct talk *t, struct mood *m)
{
	char *word, *value = line;

	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(value, "for ", 4) == 0) {
		value += 4;
		word = strsep(&value, " ");
		if (value == NULL || strcmp(word, t->sign.access) != 0)
			return;
	}
	word = strsep(&value, " ");
	if (value == NULL)
		value = line + strlen(line);
	m->deny |= strcmp(word, "deny") == 0 && strcmp(value, t->op) == 0;
	m->hang |= strcmp(word, "hang") == 0;
	m->drip |= strcmp(word, "drip") == 0;
	m->nobucket |= strcmp(word, "nobucket") == 0;
	m->million |= strcmp(word, "million") == 0;
	m->garbage |= strcmp(word, "garbage") == 0;
	if (strcmp(word, "status") == 0)
		m->status = (int)strtol(value, NULL, 10);
	if (strcmp(word, "slow") == 0)
		m->slow_ms = strtol(value, NULL, 10);
	if (strcmp(word, "skew") == 0)
		t->skew_s = strtol(value, NULL, 10);
	if (strcmp(word, "redirect") == 0)
		snprintf(m->redirect, sizeof m->redirect, "%s", value);
	if (strcmp(word, "elsewhere") == 0) {
		free((void *)(uintptr_t)t->region);
		t->region = strdup(value);
		t->told = true;
	}
}

static inline struct mood
mood_read(struct talk *t, const char *path)
{
	FILE *f = path == NULL ? NULL : fopen(path, "re");
	struct mood m = { 0 };
	char line[512];

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		mood_obey(line, t, &m);
	if (f != NULL)
		fclose(f);
	return m;
}

#endif
