/*
 * kernel - what runs in the kernel, for the databases that the agent names.
 *
 * Four small programs that count and measure, and wake nobody:
 *
 *	on_sleep	a thread of a named process sleeps as SQLite's busy
 *			handler does
 *	on_lock		fcntl(F_SETLK) on a named file: refusals, and how long
 *			the writer's and the checkpointer's byte are held
 *	on_sync, after_sync	how long fsync of a named file takes; or
 *	on_ext4, after_ext4	the same where ext4 tells of it
 *
 * The first is attached as long as there is somebody to be seen.  It is called
 * where a timer starts, which costs nothing to whoever does not sleep.  The
 * second costs a tenth of a microsecond a lock and on_sync as much for every
 * system call of the machine, so they are there for short bursts only: see
 * burst.h.
 *
 * What they share, and what they read of the kernel, is in kernel.bpf.h.
 */
#include "tracer/kernel.bpf.h"

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

/* Their numbers here; written before it is loaded. */
const volatile int call_nanosleep = -1, call_clock_nanosleep = -1;
const volatile int call_fsync = -1, call_fdatasync = -1;

/* Some process has several databases: note who asks for which lock. */
volatile int several;

/* When this burst began: what began before it is not known in full. */
volatile __u64 burst_ns;

struct when { long long s, ns; };	/* a timespec of the C library */

char terms[] SEC("license") = "GPL";

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

/*
 * To ask for the time is what costs most.  Where there are many holds in a tick
 * (a hundredth of a second or less) the first of them stand for the others: all
 * of them are short then, for a long one has the tick to itself.
 */
static __always_inline int
is_timed(struct trace_slot *s)
{
	__u64 tick = bpf_jiffies64();

	if (s->tick != tick) {
		s->tick = tick;
		s->timed = 0;
	}
	return s->timed++ < TRACE_TIMED;
}

/* A byte that one process at a time may hold is taken, or let go of. */
static __always_inline void
hold(struct trace_slot *s, enum trace_span what, int type, int ret)
{
	__u64 since = s->since_ns[what];
	__u32 tgid;

	if (ret != 0 || (type != LOCK_WRITE && !since))
		return;
	if (type == LOCK_WRITE && what == SPAN_WRITE && !is_timed(s)) {
		s->since_ns[what] = 0;
		return;
	}
	tgid = bpf_get_current_pid_tgid() >> 32;
	if (type == LOCK_WRITE) {
		s->holder[what] = tgid;
		s->since_ns[what] = bpf_ktime_get_ns();
	} else if (s->holder[what] == tgid) {
		if (since >= burst_ns)
			measure(&s->hists[what], bpf_ktime_get_ns() - since);
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

static __always_inline void
begin_sync(const struct trace_aim *aim, __u32 syncs)
{
	struct thread *t;

	if (!aim || aim->syncs != syncs || !(t = this_thread()))
		return;
	t->syncing = aim->slot + 1;
	t->sync_ns = bpf_ktime_get_ns();
}

static __always_inline void
end_sync(void)
{
	__u32 slot, tid = (__u32)bpf_get_current_pid_tgid();
	struct thread *t = bpf_map_lookup_elem(&threads, &tid);
	struct trace_slot *s;

	if (!t || !t->syncing)
		return;
	slot = t->syncing - 1;
	t->syncing = 0;
	s = bpf_map_lookup_elem(&slots, &slot);
	if (s && t->sync_ns >= burst_ns)
		measure(&s->hists[SPAN_SYNC], bpf_ktime_get_ns() - t->sync_ns);
}

SEC("tp_btf/sys_enter")
int
BPF_PROG(on_sync, struct pt_regs *regs, long id)
{
	if (id == call_fsync || id == call_fdatasync)
		begin_sync(aim_of_descriptor((unsigned int)ARGUMENT_1(regs)),
		    TRACE_BY_CALLS);
	return 0;
}

SEC("tp_btf/sys_exit")
int
BPF_PROG(after_sync, struct pt_regs *regs)
{
	long id = CALL(regs);

	if (id == call_fsync || id == call_fdatasync)
		end_sync();
	return 0;
}

SEC("tp_btf/ext4_sync_file_enter")
int
BPF_PROG(on_ext4, struct file *file)
{
	begin_sync(aim_of(file->f_inode), TRACE_BY_EXT4);
	return 0;
}

SEC("tp_btf/ext4_sync_file_exit")
int
BPF_PROG(after_ext4)
{
	end_sync();
	return 0;
}
