/*
 * crew - processes and threads that start together and are counted.
 *
 * Each thread is a worker.  A worker says when it is ready, waits for the gate,
 * does its work and counts it in memory that all processes share, which may be
 * a file.  One failure, or a SIGTERM to any of the processes, stops them all;
 * none outlives the first process.  With one process there is no fork, so that
 * the work is done under the PID that the shell knows.
 */
#ifndef TESTS_TOOLS_CREW_H
#define TESTS_TOOLS_CREW_H

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/tools/tool.h"

#define CREW_MAX	1024			/* workers */
#define CREW_NAP	(20LL * TOOL_MS)	/* a stop is seen this late */

/* Lives in shared memory: plain numbers, all zero at first. */
static struct crew {
	int64_t		 procs, threads, workers;
	atomic_bool	 go, stop, failed;
	_Atomic int64_t	 present;		/* workers, ready to work */
	_Atomic int64_t	 began, ended;		/* ns */
	_Atomic int64_t	 retries, waited, rows;	/* the work's own sums */
	_Atomic int64_t	 counts[];		/* one per worker */
} *crew;

static_assert(sizeof crew->counts[0] == sizeof(int64_t),
    "a count file is read as plain integers");

struct crew_worker {
	pthread_t	 thread;
	int64_t		 index;			/* in counts */
	void		(*work)(int64_t index);
};

static inline bool crew_fail(const char *, ...)
    __attribute__((format(printf, 1, 2)));

/* Say why, stop everybody, and be the caller's "return false". */
static inline bool
crew_fail(const char *fmt, ...)
{
	char why[8192];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s: %s.\n", program_invocation_short_name, why);
	if (crew != NULL)
		crew->failed = crew->stop = true;
	return false;
}

static inline void
crew_nap_until(int64_t due)
{
	int64_t left;

	while (!crew->stop && (left = due - tool_now_ns()) > 0)
		tool_nap(left < CREW_NAP ? left : CREW_NAP);
}

static inline void
crew_on_signal(int sig)
{
	(void)sig;
	crew->stop = true;
}

/* Called before anything else here; count_file may be NULL. */
static inline bool
crew_gather(int64_t procs, int64_t threads, const char *count_file)
{
	const struct sigaction stop = { .sa_handler = crew_on_signal };
	const size_t size = sizeof *crew +
	    (size_t)(procs * threads) * sizeof crew->counts[0];
	const int fd = count_file == NULL ?
	    memfd_create("crew", MFD_CLOEXEC) :
	    open(count_file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	void *map = MAP_FAILED;

	if (fd != -1 && ftruncate(fd, (off_t)size) == 0)
		map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	if (map == MAP_FAILED)
		return crew_fail("%s: %s", count_file == NULL ?
		    "shared memory" : count_file, strerror(errno));
	close(fd);
	crew = map;
	crew->procs = procs;
	crew->threads = threads;
	crew->workers = procs * threads;
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	return true;
}

/* The total of a count file, whether or not it is being counted in. */
static inline bool
crew_print_count(const char *file)
{
	const size_t skip = offsetof(struct crew, counts);
	int64_t total = 0, n;
	FILE *f = fopen(file, "r");

	if (f == NULL || fseek(f, (long)skip, SEEK_SET) == -1)
		return crew_fail("%s: %s", file, strerror(errno));
	while (fread(&n, sizeof n, 1, f) == 1)
		total += n;
	fclose(f);
	printf("%lld\n", (long long)total);
	return fflush(stdout) == 0;
}

static inline int64_t
crew_count(void)
{
	int64_t total = 0;

	for (int64_t i = 0; i < crew->workers; i++)
		total += crew->counts[i];
	return total;
}

/* A worker calls this once, when only the work itself is left to do. */
static inline void
crew_wait_for_gate(void)
{
	crew->present++;
	while (!crew->go && !crew->stop)
		tool_nap(TOOL_MS);
}

/* The last to leave is told so: all the work is done, by all of them. */
static inline bool
crew_leave(void)
{
	return --crew->present == 0;
}

/* A process that ended before the gate opened will never be ready. */
static inline bool
crew_lost_one(void)
{
	siginfo_t ended = { 0 };

	return crew->procs > 1 && waitid(P_ALL, 0, &ended,
	    WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0;
}

static inline void
crew_open_gate(const char *ready_file, const char *go_file)
{
	while (crew->present < crew->workers && !crew->stop) {
		tool_nap(TOOL_MS);
		if (crew_lost_one())
			crew->stop = true;
	}
	if (ready_file != NULL && !crew->stop &&
	    !tool_leave(ready_file, getpid()))
		crew_fail("%s: %s", ready_file, strerror(errno));
	while (go_file != NULL && !crew->stop && access(go_file, F_OK) == -1)
		tool_nap(TOOL_MS);
	crew->began = tool_now_ns();
	crew->go = true;
}

static inline void *
crew_thread(void *arg)
{
	const struct crew_worker *w = arg;

	w->work(w->index);
	crew->ended = tool_now_ns();
	return NULL;
}

/*
 * The threads of one process.  They are deaf to signals: the first thread has
 * nothing to do but to hear them, and no file access of a worker is cut short.
 */
static inline void
crew_start(struct crew_worker *team, int64_t first, void (*work)(int64_t))
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (int64_t i = 0; i < crew->threads; i++) {
		team[i] = (struct crew_worker){ 0, first + i, work };
		if (pthread_create(&team[i].thread, NULL, crew_thread,
		    &team[i]) == 0)
			continue;
		crew_fail("no thread could be started");
		exit(1);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static inline void
crew_join(const struct crew_worker *team)
{
	for (int64_t i = 0; i < crew->threads; i++)
		pthread_join(team[i].thread, NULL);
}

static inline bool
crew_fork(struct crew_worker *team, int64_t first, void (*work)(int64_t))
{
	const pid_t parent = getpid(), child = fork();

	if (child == -1)
		return crew_fail("fork: %s", strerror(errno));
	if (child > 0)
		return true;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent) {
		crew_start(team, first, work);
		crew_join(team);
	}
	_exit(0);
}

static inline void
crew_wait(void)
{
	int status = 0;

	while (wait(&status) != -1 || errno == EINTR) {
		if (status != 0)
			crew_fail("a process died with status %d", status);
		status = 0;
	}
}

/* Returns when all the work is done, or nothing more will be. */
static inline bool
crew_run(void (*work)(int64_t index), const char *ready_file,
    const char *go_file)
{
	static struct crew_worker team[CREW_MAX];

	if (crew->procs == 1) {
		crew_start(team, 0, work);
		crew_open_gate(ready_file, go_file);
		crew_join(team);
		return !crew->failed;
	}
	for (int64_t p = 0; p < crew->procs && !crew->stop; p++)
		crew_fork(team, p * crew->threads, work);
	crew_open_gate(ready_file, go_file);
	crew_wait();
	return !crew->failed;
}

#endif
