/*
 * hangfs - a disk that stops answering when it is told to.
 *
 *	hangfs --flag FILE [--ready-file FILE] SOURCE MOUNTPOINT
 *
 * A FUSE file system that shows the folder SOURCE, for reading.  While the flag
 * file exists nothing is answered, as on a dead mount; once it is gone
 * everything is.  A process that is killed while it waits is let go, as NFS
 * does it.  Locks are those of the files in SOURCE, to be asked for only.
 *
 * Two processes, so that no mount is ever left behind: the second serves, and
 * the first kills it and unmounts on SIGTERM, when the test that started it has
 * died, and when the second has.  Status 2: it could not be mounted.
 */
#define FUSE_USE_VERSION 314

#include <dirent.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "tests/tools/tool.h"

#define NAP		(5LL * TOOL_MS)	/* a flag is seen this late */
#define MAX_THREADS	32		/* so many may hang at a time */
#define NO_MOUNT	2

static struct {
	const char	*flag, *ready_file;
} opt;

static const struct tool_option options[] = {
	{ "flag", TOOL_TEXT, &opt.flag, "FILE", "Hang while it exists." },
	{ "ready-file", TOOL_TEXT, &opt.ready_file, "FILE",
	  "Where to leave the PID when it is mounted." },
};

static const char *source;

/* -EINTR: who asked was killed meanwhile. */
static int
hang(void)
{
	while (access(opt.flag, F_OK) == 0) {
		if (fuse_interrupted())
			return -EINTR;
		tool_nap(NAP);
	}
	return 0;
}

/* The name below SOURCE, once there is an answer at all; or -errno. */
static int
find(char real[PATH_MAX], const char *path)
{
	int rc = hang();

	if (rc == 0 && (size_t)snprintf(real, PATH_MAX, "%s%s", source,
	    path) >= PATH_MAX)
		rc = -ENAMETOOLONG;
	return rc;
}

static int
said(int rc)
{
	return rc == -1 ? -errno : rc;
}

static int
fs_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	char real[PATH_MAX];
	int rc = find(real, path);

	(void)fi;
	return rc == 0 ? said(lstat(real, st)) : rc;
}

static int
fs_statfs(const char *path, struct statvfs *v)
{
	char real[PATH_MAX];
	int rc = find(real, path);

	return rc == 0 ? said(statvfs(real, v)) : rc;
}

static int
fs_open(const char *path, struct fuse_file_info *fi)
{
	char real[PATH_MAX];
	int rc = find(real, path), fd;

	if (rc != 0)
		return rc;
	if ((fi->flags & O_ACCMODE) != O_RDONLY)
		return -EROFS;
	fd = open(real, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -errno;
	fi->fh = (uint64_t)fd;
	return 0;
}

static int
fs_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	return said(close((int)fi->fh));
}

static int
fs_read(const char *path, char *b, size_t n, off_t at,
    struct fuse_file_info *fi)
{
	int rc = hang();

	(void)path;
	return rc == 0 ? said((int)pread((int)fi->fh, b, n, at)) : rc;
}

static int
fs_readdir(const char *path, void *to, fuse_fill_dir_t fill, off_t at,
    struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	char real[PATH_MAX];
	int rc = find(real, path);
	struct dirent *d;
	DIR *dir;

	(void)at;
	(void)fi;
	(void)flags;
	if (rc != 0)
		return rc;
	if ((dir = opendir(real)) == NULL)
		return -errno;
	while ((d = readdir(dir)) != NULL)
		if (fill(to, d->d_name, NULL, 0, 0) != 0)
			break;
	closedir(dir);
	return 0;
}

static int
fs_lock(const char *path, struct fuse_file_info *fi, int cmd, struct flock *l)
{
	int rc = hang();

	(void)path;
	if (rc == 0 && cmd != F_GETLK)
		rc = -EROFS;
	return rc == 0 ? said(fcntl((int)fi->fh, F_GETLK, l)) : rc;
}

/* The kernel is to remember nothing, or it would answer while we hang. */
static void *
fs_init(struct fuse_conn_info *conn, struct fuse_config *c)
{
	(void)conn;
	c->use_ino = 1;
	c->direct_io = 1;
	c->entry_timeout = c->attr_timeout = c->negative_timeout = 0;
	if (opt.ready_file != NULL &&
	    !tool_leave(opt.ready_file, (long)getpid()))
		tool_die(opt.ready_file, strerror(errno));
	return NULL;
}

static const struct fuse_operations operations = {
	.getattr = fs_getattr,	.statfs  = fs_statfs,	.open = fs_open,
	.release = fs_release,	.read	 = fs_read,	.lock = fs_lock,
	.readdir = fs_readdir,	.init	 = fs_init,
};

static int
serve(char *name, const char *at)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_loop_config *loop = fuse_loop_cfg_create();
	struct fuse *f;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	fuse_loop_cfg_set_max_threads(loop, MAX_THREADS);
	fuse_opt_add_arg(&args, name);
	f = fuse_new(&args, &operations, sizeof operations, NULL);
	if (f == NULL || fuse_mount(f, at) != 0)
		return NO_MOUNT;	/* it has said why */
	return fuse_loop_mt(f, loop) == 0 ? 0 : 1;
}

/* Lazily, for somebody may still be in there. */
static void
unmount(const char *at)
{
	extern char **environ;
	char what[PATH_MAX], program[] = "fusermount3";
	char o1[] = "-u", o2[] = "-z", o3[] = "-q";
	char *argv[] = { program, o1, o2, o3, what, NULL };
	pid_t pid;

	(void)snprintf(what, sizeof what, "%s", at);
	if (posix_spawnp(&pid, program, NULL, NULL, argv, environ) == 0)
		(void)waitpid(pid, NULL, 0);
}

/* Until a signal comes; its own death is one too. */
static int
guard(pid_t server, const char *at, const sigset_t *signals)
{
	int which, status = 0;

	(void)sigwait(signals, &which);
	(void)kill(server, SIGKILL);
	(void)waitpid(server, &status, 0);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	unmount(at);
	return 0;
}

int
main(int argc, char **argv)
{
	char real[PATH_MAX];
	sigset_t signals;
	pid_t server;

	if (!tool_options(argc, argv, "hangfs --flag FILE [options] SOURCE "
	    "MOUNTPOINT", options, TOOL_LENGTH(options)) ||
	    argc - optind != 2 || opt.flag == NULL)
		return 1;
	source = realpath(argv[optind], real);
	if (source == NULL)
		tool_die(argv[optind], strerror(errno));
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	server = fork();
	if (server == -1)
		tool_die("fork", strerror(errno));
	if (server == 0)
		return serve(argv[0], argv[optind + 1]);
	return guard(server, argv[optind + 1], &signals);
}
