/*
 * secret - a password, a key or a URL that lies in a file of its own.
 *
 * Error texts tell where to look, never what is there.
 */
#ifndef AGENT_SECRET_H
#define AGENT_SECRET_H

struct err;

/* All of the file, at most 4 KB, without blanks around it; secret_wipe() it. */
int	secret_read(char **ret, const char *path, struct err *);
/* -1 and a sentence when others than its owner may open it. */
int	secret_check_mode(const char *path, struct err *);
/* Overwrites and frees; NULL is fine. */
void	secret_wipe(char *);

#endif
