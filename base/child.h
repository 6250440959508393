/*
 * child - another program, run so that it can harm nobody.
 *
 * It runs behind everything else on the machine (nice 19, idle I/O), leads a
 * process group of its own, dies when we die, and is what the kernel takes
 * first when memory is short; one that carries a message is an equal among
 * equals instead.  What it prints is a pipe.  It gets no other descriptor.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct err;

struct child_plan {
	const char	*program;	/* a path, or a name on PATH */
	char *const	*argv;		/* NULL ends it */
	char *const	*envp;		/* NULL: our own environment */
	const char	*cwd;		/* NULL: ours */
	bool		 fed;		/* its standard input is a pipe */
	bool		 mute;		/* of what it prints, only errors */
	bool		 equal;		/* does not run behind the others */
	int		 death;		/* signal that it gets when we die */
	bool		 drop;		/* become this user first: */
	uid_t		 uid;
	gid_t		 gid;
};

struct child {
	pid_t	pid;
	int	pidfd;		/* readable when it has ended */
	int	out;		/* non-blocking; what it prints, both ways */
	int	in;		/* non-blocking; what it reads; -1: nothing */
	int	why;		/* see child_why() */
};

/* -1: there is no such program, or it may not be run. */
int	child_start(struct child *, const struct child_plan *, struct err *);
/* The same, but does not wait for a disk to say whether the program is there:
 * one that is not ends at once, and child_why() tells. */
int	child_begin(struct child *, const struct child_plan *, struct err *);
/* Once it has ended, before it is reaped: the errno with which it could not
 * be run, or 0. */
int	child_why(const struct child *);
/* To the whole group. */
void	child_signal(const struct child *, int sig);
/* Once it has ended; its status as of waitpid(2).  Kills what it left. */
int	child_reap(struct child *);
/* Has not ended, and nobody waits for it: whoever inherits it reaps it. */
void	child_leave(struct child *);
/* Where execvp(3) would find a name; NULL: nowhere.  The caller frees. */
char	*child_find(const char *program);
/* Run behind everything else; for a process to do to itself. */
void	child_step_back(void);

#endif
