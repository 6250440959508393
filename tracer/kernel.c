/*
 * kernel - see kernel.h.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "programs.skel.h"

#include "base/err.h"
#include "base/mem.h"
#include "tracer/kernel.h"

#define NEEDED_MAJOR	5	/* bpf_task_pt_regs() */
#define NEEDED_MINOR	15
#define HOST_PIDS	0xEFFFFFFCU	/* the kernel's PROC_PID_INIT_INO */
#define LINKS_MAX	2

struct kernel {
	struct programs		*programs;	/* owned */
	struct bpf_link		*links[KERNEL_GROUPS][LINKS_MAX];
	bool			 ext4;
	const struct trace_slot	*slots;		/* mapped */
	size_t			 size;
};

/* What the kernel's numbers do not say. */
static int
check_machine(struct err *e)
{
	struct utsname u;
	struct stat st;
	unsigned major, minor;

	if (uname(&u) == 0 &&
	    sscanf(u.release, "%u.%u", &major, &minor) == 2 &&
	    (major < NEEDED_MAJOR ||
	    (major == NEEDED_MAJOR && minor < NEEDED_MINOR)))
		return err_set(e, "it needs Linux %u.%u, this is %s",
		    NEEDED_MAJOR, NEEDED_MINOR, u.release);
	if (access("/sys/kernel/btf/vmlinux", R_OK) == -1)
		return err_set(e, "this kernel tells nothing about its own "
		    "types: /sys/kernel/btf/vmlinux: %s (it is there with "
		    "CONFIG_DEBUG_INFO_BTF)", strerror(errno));
	if (stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != HOST_PIDS)
		return err_set(e, "this is a container with PIDs of its own, "
		    "which the kernel's programs do not know: share the "
		    "host's (\"pid: host\")");
	return 0;
}

static int
refused(struct err *e, const char *what, int error)
{
	if (error == EPERM || error == EACCES)
		return err_set(e, "%s: the kernel does not allow it: CAP_BPF "
		    "and CAP_PERFMON are needed, and no lockdown", what);
	return err_set(e, "%s: %s", what, strerror(error));
}

/* 0, or the number of the error. */
static int
try_load(struct kernel *k)
{
	struct programs *p;

	k->programs = p = programs__open();
	if (p == NULL)
		return errno;
	p->rodata->call_nanosleep = SYS_nanosleep;
	p->rodata->call_clock_nanosleep = SYS_clock_nanosleep;
	p->rodata->call_fsync = SYS_fsync;
	p->rodata->call_fdatasync = SYS_fdatasync;
	bpf_program__set_autoload(p->progs.on_ext4, k->ext4);
	bpf_program__set_autoload(p->progs.after_ext4, k->ext4);
	errno = 0;
	return programs__load(p) == 0 ? 0 : errno;
}

/* Without ext4 there is nothing to tell of its fsyncs. */
static int
load(struct kernel *k, struct err *e)
{
	int error;

	libbpf_set_print(NULL);		/* the sentence is ours to say */
	k->ext4 = true;
	error = try_load(k);
	if (error != 0) {
		programs__destroy(k->programs);
		k->ext4 = false;
		error = try_load(k);
	}
	return error == 0 ? 0 : refused(e, "loading the programs", error);
}

static int
map_slots(struct kernel *k, struct err *e)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t each = (sizeof *k->slots + 7) / 8 * 8;
	void *at;

	k->size = (each * (TRACE_SLOTS + 1) + page - 1) / page * page;
	at = mmap(NULL, k->size, PROT_READ, MAP_SHARED,
	    bpf_map__fd(k->programs->maps.slots), 0);
	if (at == MAP_FAILED)
		return refused(e, "mapping the counters", errno);
	k->slots = at;
	return 0;
}

struct kernel *
kernel_open(struct err *e)
{
	struct kernel *k;

	if (check_machine(e) == -1)
		return NULL;
	NEW(k);
	if (load(k, e) == -1 || map_slots(k, e) == -1) {
		kernel_close(k);
		return NULL;
	}
	return k;
}

void
kernel_close(struct kernel *k)
{
	if (k == NULL)
		return;
	for (int g = 0; g < KERNEL_GROUPS; g++)
		kernel_detach(k, (enum kernel_group)g);
	if (k->slots != NULL)
		munmap((void *)(uintptr_t)k->slots, k->size);
	programs__destroy(k->programs);
	free(k);
}

static int
attach_one(struct bpf_link **ret, struct bpf_program *p, struct err *e)
{
	*ret = bpf_program__attach(p);
	return *ret != NULL ? 0 : refused(e, bpf_program__name(p), errno);
}

int
kernel_has_ext4(const struct kernel *k)
{
	return k->ext4;
}

/* On the clock of bpf_ktime_get_ns(). */
static __u64
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (__u64)t.tv_sec * 1000000000 + (__u64)t.tv_nsec;
}

int
kernel_attach(struct kernel *k, enum kernel_group g, struct err *e)
{
	struct programs *s = k->programs;
	struct bpf_program *of[KERNEL_GROUPS][LINKS_MAX] = {
		[KERNEL_SLEEPS]	= { s->progs.on_sleep },
		[KERNEL_LOCKS]	= { s->progs.on_lock },
		[KERNEL_CALLS]	= { s->progs.after_sync, s->progs.on_sync },
		[KERNEL_EXT4]	= { s->progs.after_ext4, s->progs.on_ext4 },
	};

	if (g != KERNEL_SLEEPS)
		s->bss->burst_ns = now_ns();
	for (int i = 0; i < LINKS_MAX && of[g][i] != NULL; i++)
		if (attach_one(&k->links[g][i], of[g][i], e) == -1) {
			kernel_detach(k, g);
			return -1;
		}
	return 0;
}

void
kernel_detach(struct kernel *k, enum kernel_group g)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		(void)bpf_link__destroy(k->links[g][i]);
		k->links[g][i] = NULL;
	}
}

void
kernel_name(struct kernel *k, __u32 tgid, __u32 slot)
{
	(void)bpf_map__update_elem(k->programs->maps.procs, &tgid, sizeof tgid,
	    &slot, sizeof slot, BPF_ANY);
}

void
kernel_forget(struct kernel *k, __u32 tgid)
{
	(void)bpf_map__delete_elem(k->programs->maps.procs, &tgid, sizeof tgid,
	    0);
}

void
kernel_name_file(struct kernel *k, const struct trace_file *f,
    const struct trace_aim *aim)
{
	(void)bpf_map__update_elem(k->programs->maps.files, f, sizeof *f, aim,
	    sizeof *aim, BPF_ANY);
}

void
kernel_forget_file(struct kernel *k, const struct trace_file *f)
{
	(void)bpf_map__delete_elem(k->programs->maps.files, f, sizeof *f, 0);
}

void
kernel_set_several(struct kernel *k, int several)
{
	k->programs->bss->several = several;
}

const struct trace_slot *
kernel_slots(const struct kernel *k)
{
	return k->slots;
}
