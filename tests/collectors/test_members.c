/*
 * Who counts for a database, and what of it is told: nothing twice, and nothing
 * of before.  The process is this one, and its files are made by hand.
 */
#include "tests/collectors/app.h"

#include <sys/mman.h>
#include <time.h>

#include "collectors/members.h"
#include "collectors/process.h"

static struct probe_file *
make_file(const struct place *p, const char *name)
{
	char *path = mem_printf("%s/%s.probe", p->dir, name);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
	struct probe_file *f;
	struct stat ns;
	FILE *boot;

	assert_int_not_equal(fd, -1);
	assert_int_equal(ftruncate(fd, sizeof *f), 0);
	f = mmap(NULL, sizeof *f, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(f, MAP_FAILED);
	close(fd);
	free(path);
	assert_int_equal(stat("/proc/self/ns/pid", &ns), 0);
	f->head = (struct probe_head){
		.magic = PROBE_MAGIC, .version = PROBE_VERSION,
		.slot_size = sizeof(struct probe_slot), .size = sizeof *f,
		.pid = (uint64_t)getpid(), .start = process_started(getpid()),
		.pid_ns = ns.st_ino,
	};
	boot = fopen("/proc/sys/kernel/random/boot_id", "r");
	assert_non_null(boot);
	assert_int_equal(fscanf(boot, "%39s", f->head.boot_id), 1);
	(void)fclose(boot);
	return f;
}

/* A database, and where the file counts for it. */
static int
make_database(const struct place *p, const char *name, struct probe_slot *slot)
{
	char *path = mem_printf("%s/%s.db", p->dir, name);
	int fd = open(path, O_RDWR | O_CREAT, 0644);
	struct stat st;

	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	slot->dev = st.st_dev;
	slot->ino = st.st_ino;
	free(path);
	return fd;
}

static uint64_t
commits(struct members *m, int fd)
{
	(void)members_search(m, fd, NULL, 0);
	members_read(m);
	return members_sum(m, PROBE_COMMITS);
}

/* A path that leads to another database, and then back to the first. */
static void
test_there_and_back(void **state)
{
	struct place *p = *state;
	struct probe_file *f = make_file(p, "one");
	struct members m = { 0 };
	int a = make_database(p, "a", &f->slots[0]);
	int b = make_database(p, "b", &f->slots[1]);

	f->slots[0].n[PROBE_COMMITS] = 100;
	f->slots[1].n[PROBE_COMMITS] = 7;
	assert_int_equal(commits(&m, a), 100);
	members_forget(&m);
	assert_int_equal(commits(&m, b), 107);
	assert_int_equal(members_processes(&m), 1);
	members_forget(&m);
	assert_int_equal(commits(&m, a), 107);
	f->slots[0].n[PROBE_COMMITS]++;
	f->slots[1].n[PROBE_COMMITS]++;	/* nobody looks there now */
	assert_int_equal(commits(&m, a), 108);
	assert_int_equal(members_processes(&m), 1);
	members_free(&m);
	close(a);
	close(b);
	assert_int_equal(munmap(f, sizeof *f), 0);
}

/* Two SQLites in one process have a file each. */
static void
test_two_files(void **state)
{
	struct place *p = *state;
	struct probe_file *f = make_file(p, "one"), *g = make_file(p, "two");
	struct members m = { 0 };
	int a = make_database(p, "a", &f->slots[0]);

	g->slots[0] = f->slots[0];
	f->slots[0].n[PROBE_COMMITS] = 3;
	g->slots[0].n[PROBE_COMMITS] = 4;
	assert_int_equal(commits(&m, a), 7);
	assert_int_equal(members_processes(&m), 1);
	members_free(&m);
	close(a);
	assert_int_equal(munmap(f, sizeof *f), 0);
	assert_int_equal(munmap(g, sizeof *g), 0);
}

/* An agent that begins again begins at 0, so that nothing is told twice. */
static void
test_before_the_agent(void **state)
{
	struct place *p = *state;
	struct probe_file *f = make_file(p, "one");
	int a = make_database(p, "a", &f->slots[0]), status;
	pid_t agent;

	f->slots[0].n[PROBE_COMMITS] = 100;
	f->slots[0].n[PROBE_PENDING] = 1;
	f->slots[0].n[PROBE_HOLD_MAX_NS] = 5;
	/* Its start is another tick of the clock. */
	(void)nanosleep(&(struct timespec){ 0, 50000000 }, NULL);
	agent = fork();
	assert_true(agent >= 0);
	if (agent == 0) {
		struct members m = { 0 };
		bool good = commits(&m, a) == 0 &&
		    members_sum(&m, PROBE_PENDING) == 1 &&
		    members_max(&m, PROBE_HOLD_MAX_NS) == 5;

		f->slots[0].n[PROBE_COMMITS]++;
		good = good && commits(&m, a) == 1;
		members_free(&m);
		_exit(!good);
	}
	assert_int_equal(waitpid(agent, &status, 0), agent);
	assert_int_equal(status, 0);
	close(a);
	assert_int_equal(munmap(f, sizeof *f), 0);
}

/* Each has a directory of its own. */
static int
begin(void **state)
{
	struct place *p;

	setup(state);
	p = *state;
	return setenv("LITEGAUGE_PROBE_DIR", p->dir, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_there_and_back, begin,
		    teardown),
		cmocka_unit_test_setup_teardown(test_two_files, begin,
		    teardown),
		cmocka_unit_test_setup_teardown(test_before_the_agent, begin,
		    teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
