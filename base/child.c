/*
 * child - see child.h.
 *
 * Between fork(2) and exec the child calls only what is safe there although the
 * agent has threads.  Why exec failed comes back through a pipe that a
 * successful exec closes.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/err.h"
#include "base/mem.h"

#define IOPRIO_WHO_PROCESS	1
#define IOPRIO_IDLE		(3 << 13)
#define IOPRIO_NONE		0	/* as the nice value says */
#define NICEST			19
#define DEFAULT_PATH		"/usr/local/bin:/usr/bin:/bin"
#define MAX_FD			65536	/* as in loop.c */

void
child_step_back(void)
{
	/* Each is a courtesy; a kernel that refuses it is no failure. */
	(void)setpriority(PRIO_PROCESS, 0, NICEST);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_IDLE);
}

/* We may run before or behind the others, and it would after us. */
static void
stand_level(void)
{
	(void)setpriority(PRIO_PROCESS, 0, 0);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_NONE);
}

static void
be_first_to_go(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	if (write(fd, "1000", 4) == -1)
		(void)0;	/* the kernel chooses by itself, then */
	close(fd);
}

static void
reset_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);	/* not all may be set */
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* For good, and before anything of that user's is looked at. */
static int
drop(const struct child_plan *p)
{
	return setgroups(0, NULL) == -1 || setgid(p->gid) == -1 ||
	    setuid(p->uid) == -1 ? -1 : 0;
}

/* The ends of the pipes that are the child's; in is -1 when it gets none. */
struct ends {
	int	in, out, why;
};

static int
connect_ways(const struct child_plan *p, const struct ends *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int rc = null == -1 ||
	    dup2(c->in != -1 ? c->in : null, STDIN_FILENO) == -1 ||
	    dup2(p->mute ? null : c->out, STDOUT_FILENO) == -1 ||
	    dup2(c->out, STDERR_FILENO) == -1 ? -1 : 0;

	if (null != -1)
		close(null);
	return rc;
}

/* A library may have opened one that exec would leave open.  A kernel before
 * 5.11 has to be told of each. */
static void
close_the_rest(void)
{
	struct rlimit most;

	if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0 ||
	    getrlimit(RLIMIT_NOFILE, &most) == -1)
		return;
	for (int fd = STDERR_FILENO + 1; fd < MAX_FD &&
	    (rlim_t)fd < most.rlim_cur; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);	/* most are not open */
}

/* The first that can be run; that one may not be is worth more than that
 * another is not there. */
static void
run_one_of(const struct child_plan *p, char *const *paths)
{
	int error = ENOENT;

	for (; *paths != NULL; paths++) {
		execve(*paths, p->argv, p->envp != NULL ? p->envp : environ);
		if (errno != ENOENT && errno != ENOTDIR)
			error = errno;
	}
	errno = error;
}

static int
become(const struct child_plan *p, char *const *paths, pid_t parent,
    const struct ends *c)
{
	(void)setpgid(0, 0);
	reset_signals();
	if (p->equal) {
		stand_level();
	} else {
		child_step_back();
		be_first_to_go();
	}
	if (p->drop && drop(p) == -1)
		return -1;
	/* Not before: a change of user forgets it. */
	(void)prctl(PR_SET_PDEATHSIG, p->death);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);	/* it died before that was heard */
	(void)umask(077);
	if (connect_ways(p, c) == -1 || (p->cwd != NULL &&
	    chdir(p->cwd) == -1))
		return -1;
	close_the_rest();
	run_one_of(p, paths);
	return -1;
}

/* Where a program may be: NULL ends them.  Asks no disk. */
static char **
places_of(const char *program)
{
	const char *path = getenv("PATH");
	size_t n = 0, cap = 0, length;
	char **places = NULL;

	if (path == NULL)
		path = DEFAULT_PATH;
	if (strchr(program, '/') != NULL) {
		MEM_ROOM(places, n, cap);
		places[n++] = mem_strdup(program);
		path = "";
	}
	for (; *path != '\0'; path += length + (path[length] == ':')) {
		length = strcspn(path, ":");
		if (length == 0)
			continue;	/* never from where we happen to be */
		MEM_ROOM(places, n, cap);
		places[n++] = mem_printf("%.*s/%s", (int)length, path, program);
	}
	MEM_ROOM(places, n, cap);
	places[n] = NULL;
	return places;
}

static void
places_free(char **places)
{
	for (size_t i = 0; places[i] != NULL; i++)
		free(places[i]);
	free(places);
}

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

char *
child_find(const char *program)
{
	char **places, *found = NULL;

	if (strchr(program, '/') != NULL)
		return mem_strdup(program);
	places = places_of(program);
	for (size_t i = 0; found == NULL && places[i] != NULL; i++)
		if (is_program(places[i]))
			found = mem_strdup(places[i]);
	places_free(places);
	return found;
}

static pid_t
split(const struct child_plan *p, char *const *paths, const struct ends *c)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid;
	(void)become(p, paths, parent, c);
	if (write(c->why, &errno, sizeof errno) == -1)
		_exit(EXIT_FAILURE);
	_exit(EXIT_FAILURE);
}

static void
close_one(int fd)
{
	if (fd != -1)
		close(fd);
}

static void
close_ours(struct child *c)
{
	close_one(c->in);
	close_one(c->out);
	close_one(c->why);
	close_one(c->pidfd);
	*c = (struct child){ .pidfd = -1, .out = -1, .in = -1, .why = -1 };
}

static void
close_theirs(const struct ends *c)
{
	close_one(c->in);
	close_one(c->out);
	close_one(c->why);
}

/* One way: from the child to us, or, when it reads, from us to it. */
static int
open_pipe(int *ours, int *theirs, bool reads, struct err *e)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) == -1)
		return err_set(e, "pipe: %s", strerror(errno));
	*ours = fd[reads];
	*theirs = fd[!reads];
	return 0;
}

static int
open_pipes(struct child *c, struct ends *theirs, bool fed, struct err *e)
{
	if (open_pipe(&c->out, &theirs->out, false, e) == -1 ||
	    open_pipe(&c->why, &theirs->why, false, e) == -1 ||
	    (fed && open_pipe(&c->in, &theirs->in, true, e) == -1))
		return -1;
	(void)fcntl(c->out, F_SETFL, O_NONBLOCK);
	if (fed)
		(void)fcntl(c->in, F_SETFL, O_NONBLOCK);
	return 0;
}

int
child_why(const struct child *c)
{
	int error = 0;
	ssize_t n;

	do
		n = read(c->why, &error, sizeof error);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof error ? error : 0;
}

static int
launch(struct child *c, const struct child_plan *p, char *const *paths,
    const struct ends *theirs, struct err *e)
{
	c->pid = split(p, paths, theirs);
	if (c->pid == -1)
		return err_set(e, "fork: %s", strerror(errno));
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd != -1)
		return 0;
	err_set(e, "%s: %s", p->program, strerror(errno));
	child_signal(c, SIGKILL);
	(void)waitpid(c->pid, NULL, 0);
	return -1;
}

int
child_begin(struct child *c, const struct child_plan *p, struct err *e)
{
	struct child ours = { .pidfd = -1, .out = -1, .in = -1, .why = -1 };
	struct ends theirs = { -1, -1, -1 };
	char **paths = places_of(p->program);
	int rc = -1;

	if (open_pipes(&ours, &theirs, p->fed, e) == 0)
		rc = launch(&ours, p, paths, &theirs, e);
	close_theirs(&theirs);
	if (rc == 0)
		*c = ours;
	else
		close_ours(&ours);
	places_free(paths);
	return rc;
}

int
child_start(struct child *c, const struct child_plan *p, struct err *e)
{
	int error;

	if (child_begin(c, p, e) == -1)
		return -1;
	error = child_why(c);
	if (error == 0)
		return 0;
	(void)child_reap(c);
	if (p->drop)
		return err_set(e, "%s as user %u: %s", p->program,
		    (unsigned)p->uid, strerror(error));
	return err_set(e, "%s: %s", p->program, strerror(error));
}

void
child_signal(const struct child *c, int sig)
{
	/* Its group is there from its first moment or not at all. */
	if (kill(-c->pid, sig) == -1)
		(void)kill(c->pid, sig);
}

int
child_reap(struct child *c)
{
	int status = 0;

	/* The group's name is ours for as long as its leader is not reaped. */
	(void)kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	close_ours(c);
	return status;
}

void
child_leave(struct child *c)
{
	close_ours(c);
}
