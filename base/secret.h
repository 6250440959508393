/*
 * secret - a password, a key or a URL, and where it really is.
 *
 * In a file of its own, among systemd's credentials, or in the environment; in
 * the configuration itself when somebody wants that.  Error texts tell where to
 * look, never what is there.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

struct err;

/* All of the file, at most 4 KB, without blanks around it; secret_wipe() it.
 * A disk that hangs is waited for half a second, once: see aside.h. */
int	secret_read(char **ret, const char *path, struct err *);
/*
 * What a value of the configuration stands for: "credential:NAME" for the file
 * of that name in $CREDENTIALS_DIRECTORY, else the text itself, with ${NAME} in
 * it for what the environment holds and $$ for a dollar; a dollar before
 * anything else is one.  At most 4 KB; secret_wipe() it.
 */
int	secret_text(char **ret, const char *said, struct err *);
/* -1 and a sentence when others than its owner may open it. */
int	secret_check_mode(const char *path, struct err *);
/* Overwrites and frees; NULL is fine. */
void	secret_wipe(char *);

#endif
