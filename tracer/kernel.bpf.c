/*
 * kernel - what runs in the kernel, for the databases that the agent names.
 *
 * Four small programs that count and measure, and wake nobody:
 *
 *	on_sleep	a thread of a named process sleeps as SQLite's busy
 *			handler does
 *	on_lock		fcntl(F_SETLK) on a named file: refusals, and how long
 *			the writer's and the checkpointer's byte are held
 *	on_sync, after_sync	how long fsync of a named file takes
 *
 * The first is attached as long as there is somebody to be seen.  It is called
 * where a timer starts, which costs nothing to whoever does not sleep.  The
 * second costs a tenth of a microsecond a lock and the last two as much for
 * every system call of the machine, so they are there for short bursts only:
 * see burst.h.
 *
 * What is read of the kernel's structs is declared here by name only; where the
 * members lie is found out when the program is loaded (CO-RE), so no header of
 * a kernel is needed.
 */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "tracer/shared.h"

#define EAGAIN		11
#define EACCES		13
#define LOCK_READ	0	/* F_RDLCK, F_WRLCK, F_UNLCK */
#define LOCK_WRITE	1
#define LOCK_NONE	2
#define TOUCH_NS	50000000	/* a refusal and its sleep are closer */
#define TIMER_REL	1	/* HRTIMER_MODE_REL and _PINNED */
#define TIMER_PINNED	2
#define STACK_MAX	65536	/* of a task, in the kernel */

/* SQLite's bytes: of -shm, and of the database in rollback mode. */
#define BYTE_WRITE	120
#define BYTE_CKPT	121
#define BYTE_RECOVER	122
#define BYTE_PENDING	0x40000000
#define BYTE_RESERVED	(BYTE_PENDING + 1)

#define BY_NAME		__attribute__((preserve_access_index))

struct super_block { unsigned int s_dev; } BY_NAME;
struct inode { struct super_block *i_sb; unsigned long i_ino; } BY_NAME;
struct file { struct inode *f_inode; } BY_NAME;
struct fdtable { unsigned int max_fds; struct file **fd; } BY_NAME;
struct files_struct { struct fdtable *fdt; } BY_NAME;
struct task_struct { void *stack; struct files_struct *files; } BY_NAME;
struct hrtimer;
struct file_lock_core { unsigned char flc_type; } BY_NAME;
struct file_lock {
	struct file_lock_core c;	/* Linux 6.9 and later */
	long long fl_start, fl_end;
} BY_NAME;
struct file_lock___before { unsigned char fl_type; } BY_NAME;

/* Where the machine keeps a system call and its arguments. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs { unsigned long di, si, dx, orig_ax; } BY_NAME;
#define ARGUMENT_1(regs)	((regs)->di)
#define ARGUMENT_2(regs)	((regs)->si)
#define ARGUMENT_3(regs)	((regs)->dx)
#define CALL(regs)		((long)(regs)->orig_ax)
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs { unsigned long regs[31]; int syscallno; } BY_NAME;
#define ARGUMENT_1(r)		((r)->regs[0])
#define ARGUMENT_2(r)		((r)->regs[1])
#define ARGUMENT_3(r)		((r)->regs[2])
#define CALL(r)			((long)(r)->syscallno)
#else
#error "the registers of this machine are not known here"
#endif

/* Their numbers here; written before it is loaded. */
const volatile int call_nanosleep = -1, call_clock_nanosleep = -1;
const volatile int call_fsync = -1, call_fdatasync = -1;

/* Some process has several databases: note who asks for which lock. */
volatile int several;

/* When this burst began: what began before it is not known in full. */
volatile __u64 burst_ns;

struct when { long long s, ns; };	/* a timespec of the C library */

struct thread {
	struct sequence	busy;
	__u64	touched_ns;	/* when it last asked for a lock ... */
	__u32	touched;	/* ... of this slot */
	__u32	syncing;	/* 1 + the slot it syncs a file of; 0 */
	__u64	sync_ns;	/* since when */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TRACE_PROCS);
	__type(key, __u32);		/* tgid */
	__type(value, __u32);		/* slot; TRACE_NOBODY: of several */
} procs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TRACE_FILES);
	__type(key, struct trace_file);
	__type(value, struct trace_aim);
} files SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TRACE_SLOTS + 1);
	__type(key, __u32);
	__type(value, struct trace_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TRACE_THREADS);
	__type(key, __u32);		/* tid */
	__type(value, struct thread);
} threads SEC(".maps");

char terms[] SEC("license") = "GPL";

static __always_inline void
add(__u64 *to, __u64 n)
{
	__sync_fetch_and_add(to, n);
}

static __always_inline struct thread *
this_thread(void)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct thread none = { 0 }, *t = bpf_map_lookup_elem(&threads, &tid);

	if (t)
		return t;
	bpf_map_update_elem(&threads, &tid, &none, BPF_ANY);
	return bpf_map_lookup_elem(&threads, &tid);
}

static __always_inline __u32
bucket_of(__u64 ns)
{
	__u32 n = 0;

	for (__u32 step = 32; step > 0; step >>= 1)
		if (ns >> step) {
			ns >>= step;
			n += step;
		}
	return n < TRACE_BUCKETS ? n : TRACE_BUCKETS - 1;
}

static __always_inline void
measure(struct trace_hist *h, __u64 ns)
{
	add(&h->count, 1);
	add(&h->total_ns, ns);
	add(&h->log2[bucket_of(ns)], 1);
	if (ns > h->max_ns)
		h->max_ns = ns;
}

static __always_inline struct trace_aim *
aim_of(struct inode *inode)
{
	struct trace_file key = { 0 };

	key.ino = inode->i_ino;
	key.dev = inode->i_sb->s_dev;
	return bpf_map_lookup_elem(&files, &key);
}

/* How long the call sleeps, in ns; 0: it is no such call. */
static __always_inline __u64
sleep_asked_for(struct pt_regs *regs, long id)
{
	struct when t = { 0 };
	const void *at;

	if (id == call_clock_nanosleep && ARGUMENT_2(regs) == 0)
		at = (const void *)ARGUMENT_3(regs);
	else if (id == call_nanosleep)
		at = (const void *)ARGUMENT_1(regs);
	else
		return 0;	/* or until a time of day: SQLite never does */
	if (bpf_probe_read_user(&t, sizeof t, at) != 0 || t.s != 0)
		return 0;	/* longer than a second: nor that */
	return (__u64)t.ns;
}

static __always_inline void
count_sleep(__u32 slot, __u64 ns)
{
	__u64 now = bpf_ktime_get_ns();
	struct thread *t = this_thread();
	struct trace_slot *s;

	if (!t || !sequence_step(&t->busy, ns, now))
		return;
	if (slot == TRACE_NOBODY && now - t->touched_ns < TOUCH_NS)
		slot = t->touched;
	s = bpf_map_lookup_elem(&slots, &slot);
	if (s) {
		add(&s->retries, 1);
		add(&s->wait_ns, ns);
	}
}

/*
 * The timer of a sleep lies on the stack of the task that sleeps; one that an
 * interrupt starts meanwhile lies elsewhere.  A sleep that a signal has cut in
 * two goes on until a point in time, so it counts once.
 */
SEC("tp_btf/hrtimer_start")
int
BPF_PROG(on_sleep, struct hrtimer *timer, int mode)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs;
	__u32 tgid, *named;
	__u64 ns;
	long id;

	if (!(mode & TIMER_REL) || (mode & TIMER_PINNED) ||
	    (__u64)timer - (__u64)task->stack >= STACK_MAX)
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	id = CALL(regs);
	if (id != call_clock_nanosleep && id != call_nanosleep)
		return 0;
	tgid = bpf_get_current_pid_tgid() >> 32;
	named = bpf_map_lookup_elem(&procs, &tgid);
	ns = named ? sleep_asked_for(regs, id) : 0;
	if (ns)
		count_sleep(*named, ns);
	return 0;
}

/* A byte that one process at a time may hold is taken, or let go of. */
static __always_inline void
hold(struct trace_slot *s, enum trace_span what, int type, int ret)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u64 now = bpf_ktime_get_ns();

	if (ret != 0)
		return;
	if (type == LOCK_WRITE) {
		s->holder[what] = tgid;
		s->since_ns[what] = now;
	} else if (s->since_ns[what] && s->holder[what] == tgid) {
		if (s->since_ns[what] >= burst_ns)
			measure(&s->hists[what],
			    now - s->since_ns[what]);
		s->since_ns[what] = 0;
	}
}

static __always_inline void
on_shm(struct trace_slot *s, int type, long long start, long long end, int ret)
{
	if (type == LOCK_READ) {
		if (start == BYTE_RECOVER && end == BYTE_RECOVER)
			add(&s->probes, 1);
		return;
	}
	if (start <= BYTE_WRITE && end >= BYTE_WRITE) {
		if (ret == -EAGAIN || ret == -EACCES)
			add(&s->refused, 1);
		else if (type == LOCK_WRITE && ret == 0)
			add(&s->taken, 1);
		hold(s, SPAN_WRITE, type, ret);
	}
	if (start <= BYTE_CKPT && end >= BYTE_CKPT)
		hold(s, SPAN_CHECKPOINT, type, ret);
}

/* In rollback mode every refusal is one call of the busy handler. */
static __always_inline void
on_db(struct trace_slot *s, int type, long long start, long long end, int ret)
{
	if (start >= BYTE_PENDING && (ret == -EAGAIN || ret == -EACCES))
		add(&s->refused, 1);
	if (type != LOCK_READ && start <= BYTE_RESERVED && end >= BYTE_RESERVED)
		hold(s, SPAN_WRITE, type, ret);
}

static __always_inline void
touch(__u32 slot)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u32 *named = bpf_map_lookup_elem(&procs, &tgid);
	struct thread *t;

	if (!named || *named != TRACE_NOBODY || !(t = this_thread()))
		return;
	t->touched = slot;
	t->touched_ns = bpf_ktime_get_ns();
}

SEC("tp_btf/fcntl_setlk")
int
BPF_PROG(on_lock, struct inode *inode, struct file_lock *fl, int ret)
{
	struct trace_slot *s;
	struct trace_aim *aim;
	long long start, end;
	int type;

	if (!fl || !inode)	/* there was no memory for one */
		return 0;
	start = fl->fl_start;
	end = fl->fl_end;
	if (start > BYTE_RECOVER && end < BYTE_PENDING && !several)
		return 0;	/* a reader's; most are */
	aim = aim_of(inode);
	if (!aim || !(s = bpf_map_lookup_elem(&slots, &aim->slot)))
		return 0;
	type = bpf_core_field_exists(fl->c) ? fl->c.flc_type :
	    ((struct file_lock___before *)fl)->fl_type;
	if (aim->kind == TRACE_SHM)
		on_shm(s, type, start, end, ret);
	else if (aim->kind == TRACE_DB)
		on_db(s, type, start, end, ret);
	if (several)
		touch(aim->slot);
	return 0;
}

static __always_inline struct trace_aim *
aim_of_descriptor(unsigned int fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **all = BPF_CORE_READ(table, fd), *file = NULL;
	struct trace_file key = { 0 };

	if (fd >= BPF_CORE_READ(table, max_fds) ||
	    bpf_probe_read_kernel(&file, sizeof file, all + fd) != 0 || !file)
		return NULL;
	key.ino = BPF_CORE_READ(file, f_inode, i_ino);
	key.dev = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	return bpf_map_lookup_elem(&files, &key);
}

SEC("tp_btf/sys_enter")
int
BPF_PROG(on_sync, struct pt_regs *regs, long id)
{
	struct trace_aim *aim;
	struct thread *t;

	if (id != call_fsync && id != call_fdatasync)
		return 0;
	aim = aim_of_descriptor((unsigned int)ARGUMENT_1(regs));
	if (!aim || !(t = this_thread()))
		return 0;
	t->syncing = aim->slot + 1;
	t->sync_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int
BPF_PROG(after_sync, struct pt_regs *regs)
{
	long id = CALL(regs);
	struct trace_slot *s;
	struct thread *t;
	__u32 slot, tid;

	if (id != call_fsync && id != call_fdatasync)
		return 0;
	tid = (__u32)bpf_get_current_pid_tgid();
	t = bpf_map_lookup_elem(&threads, &tid);
	if (!t || !t->syncing)
		return 0;
	slot = t->syncing - 1;
	t->syncing = 0;
	s = bpf_map_lookup_elem(&slots, &slot);
	if (s && t->sync_ns >= burst_ns)
		measure(&s->hists[SPAN_SYNC], bpf_ktime_get_ns() - t->sync_ns);
	return 0;
}
