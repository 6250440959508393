/*
 * How long an LZ4 frame is, decompressed: what the real library makes, frames
 * made by hand, and frames that lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/mem.h"
#include "litestream/lz4.h"

/* LZ4F_preferences_t of lz4frame.h. */
struct preferences {
	int	 block_size, block_mode, content_checksum, frame_type;
	unsigned long long content_size;
	unsigned dict;
	int	 block_checksum, level;
	unsigned auto_flush, favor, reserved[3];
};

typedef size_t bound_fn(size_t, const struct preferences *);
typedef size_t compress_fn(void *, size_t, const void *, size_t,
	    const struct preferences *);

static struct {
	bound_fn	*bound;
	compress_fn	*compress;
} lz4;

static bool
have_lz4(void)
{
	void *lib = dlopen("liblz4.so.1", RTLD_NOW);
	void *bound, *compress;

	if (lib == NULL)
		return false;
	bound = dlsym(lib, "LZ4F_compressFrameBound");
	compress = dlsym(lib, "LZ4F_compressFrame");
	memcpy(&lz4.bound, &bound, sizeof bound);
	memcpy(&lz4.compress, &compress, sizeof compress);
	return bound != NULL && compress != NULL;
}

/* Fed in spans of so many bytes. */
static int64_t
length_in_cuts(const unsigned char *bytes, size_t n, size_t span)
{
	struct lz4_meter m;
	int status = 0;

	lz4_meter_init(&m);
	for (size_t at = 0; at < n; at += span)
		status = lz4_meter_feed(&m, bytes + at,
		    span < n - at ? span : n - at);
	if (status == -1)	/* and it does not recover */
		assert_int_equal(lz4_meter_end(&m), -1);
	return lz4_meter_end(&m);
}

/* Of a file; and however its bytes are cut. */
static int64_t
length_of(const void *bytes, size_t n)
{
	static const size_t spans[] = { 1, 2, 3, 5, 7, 64, 4096, 65537 };
	int fd = memfd_create("frame", MFD_CLOEXEC);
	struct err e = { "" };
	int64_t ret;

	assert_int_equal(pwrite(fd, bytes, n, 0), n);
	ret = lz4_frame_length(fd, &e);
	assert_true((ret == -1) == (e.text[0] != '\0'));
	close(fd);
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
		assert_int_equal(length_in_cuts(bytes, n, spans[i]), ret);
	return ret;
}

/* So much that compresses well, badly or not at all. */
static void
fill(unsigned char *b, size_t n, int kind)
{
	uint32_t seed = 1;

	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		b[i] = 0;
		if (kind == 1)
			b[i] = (unsigned char)(seed >> 24);
		else if (kind == 2)
			b[i] = (unsigned char)"some words"[seed >> 29];
	}
}

static void
test_real(void **state)
{
	static const size_t sizes[] = { 0, 1, 4, 12, 13, 14, 15, 16, 100, 270,
	    271, 300, 4152, 65535, 65536, 65537, 200000, 4500000 };
	unsigned char *data = mem_new(1, 4500000), *frame;

	(void)state;
	if (!have_lz4())
		skip();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (int k = 0; k < 3 * 16; k += 5) {
			struct preferences p = {
				.block_size = sizes[i] > 300000 ? 7 : 4,
				.block_mode = k & 1,
				.content_checksum = k >> 1 & 1,
				.block_checksum = k >> 2 & 1,
				.content_size = k & 8 ? sizes[i] : 0,
			};
			size_t room = lz4.bound(sizes[i], &p), n;

			if (sizes[i] > 300000 && k != 35)
				continue;
			fill(data, sizes[i], k / 16);
			frame = mem_new(1, room);
			n = lz4.compress(frame, room, data, sizes[i], &p);
			assert_true(n <= room);
			assert_int_equal(length_of(frame, n), sizes[i]);
			free(frame);
		}
	free(data);
}

/* Cut anywhere, a frame is no frame: its end is marked. */
static void
test_truncated(void **state)
{
	const struct preferences p = { .block_size = 4 };
	unsigned char data[3000], frame[70000];
	size_t n;

	(void)state;
	if (!have_lz4())
		skip();
	fill(data, sizeof data, 2);
	n = lz4.compress(frame, sizeof frame, data, sizeof data, &p);
	assert_int_equal(length_of(frame, n), sizeof data);
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(length_of(frame, cut), -1);
}

#define HEAD	"\x04\x22\x4d\x18"
#define END	"\0\0\0\0"
#define XFF16	"\xff\xff\xff\xff\xff\xff\xff\xff" \
		"\xff\xff\xff\xff\xff\xff\xff\xff"
#define XFF64	XFF16 XFF16 XFF16 XFF16
#define XFF256	XFF64 XFF64 XFF64 XFF64

static void
test_by_hand(void **state)
{
	static const struct {
		const char	*why, *bytes;
		size_t		 n;
		int64_t		 want;
	} rows[] = {
#define ROW(why, bytes, want)	{ why, bytes, sizeof bytes - 1, want }
		ROW("nothing in it", HEAD "\x64\x70\xb9" END, 0),
		ROW("stored", HEAD "\x64\x40\0" "\5\0\0\x80" "01234" END, 5),
		ROW("two blocks", HEAD "\x64\x40\0" "\1\0\0\x80" "0"
		    "\2\0\0\x80" "12" END, 3),
		ROW("checksums of blocks", HEAD "\x74\x40\0" "\1\0\0\x80" "0"
		    "ABCD" "\2\0\0\x80" "12" "ABCD" END, 3),
		ROW("content size", HEAD "\x6c\x40" "\5\0\0\0\0\0\0\0" "\0"
		    "\5\0\0\x80" "01234" END, 5),
		ROW("size and dictionary", HEAD "\x6d\x40" "\5\0\0\0\0\0\0\0"
		    "DICT\0" "\5\0\0\x80" "01234" END, 5),
		ROW("a match", HEAD "\x64\x40\0" "\5\0\0\0"
		    "\x13" "a\1\0" "\0" END, 8),
		ROW("a long match", HEAD "\x64\x40\0" "\7\0\0\0"
		    "\x1f" "a\1\0" "\xff\2" "\0" END, 1 + 4 + 15 + 257),
		ROW("long literals", HEAD "\x64\x40\0" "\x12\0\0\0"
		    "\xf0\1" "0123456789abcdef" END, 16),
		ROW("a skippable frame", "\x50\x2a\x4d\x18\0\0\0\0" END, -1),
		ROW("another version", HEAD "\xa4\x40\0" END, -1),
		ROW("encrypted", "age-encryption.org/v1\n", -1),
		ROW("no end", HEAD "\x64\x40\0" "\1\0\0\x80" "0", -1),
		ROW("a block beyond the end", HEAD "\x64\x40\0" "\x9\0\0\x80"
		    "0" END, -1),
		ROW("too large a block", HEAD "\x64\x40\0" "\1\0\x40\x80", -1),
		ROW("largest number", HEAD "\x64\x40\0" "\xff\xff\xff\xff",
		    -1),
		ROW("no offset", HEAD "\x64\x40\0" "\3\0\0\0" "\x10" "a\1" END,
		    -1),
		ROW("ends with a match", HEAD "\x64\x40\0" "\4\0\0\0"
		    "\x10" "a\1\0" END, -1),
		ROW("literals beyond the end", HEAD "\x64\x40\0" "\2\0\0\0"
		    "\x20" "a" END, -1),
		ROW("a length without end", HEAD "\x64\x40\0" "\4\0\0\0"
		    "\xf0\xff\xff\xff" END, -1),
		ROW("more than its largest block", HEAD "\x64\x40\0"
		    "\1\0\1\x80", -1),
		ROW("a match beyond the largest block", HEAD "\x64\x40\0"
		    "\x0a\1\0\0" "\x1f" "a\1\0" XFF256 "\1\0\0" "\0\0" END,
		    -1),
		ROW("an empty stored block", HEAD "\x64\x40\0" "\0\0\0\x80"
		    END, -1),
		ROW("a match at nothing", HEAD "\x64\x40\0" "\5\0\0\0"
		    "\x13" "a\0\0" "\0" END, -1),
		ROW("no such largest block", HEAD "\x64\x30\0" END, -1),
		ROW("something behind it", HEAD "\x64\x40\0" END "more", 0),
		ROW("only magic", HEAD, -1),
		ROW("empty", "", -1),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (length_of(rows[i].bytes, rows[i].n) != rows[i].want)
			fail_msg("%s: %lld", rows[i].why,
			    (long long)length_of(rows[i].bytes, rows[i].n));
}

/* The shortest way to a long block: refused before it is larger than its frame
 * declares, or the frame than we allow. */
static void
test_bomb(void **state)
{
	static const unsigned char head[7] = HEAD "\x64\x70\xb9";
	const size_t size = 16448;	/* gives not quite 4 MiB */
	unsigned char block[4 + 16470] = "\x40\x40\0\0" "\x1f" "a\1\0";
	struct lz4_meter m;
	unsigned i;

	(void)state;
	memset(block + 8, 0xff, sizeof block - 8);
	block[4 + size - 2] = block[4 + size - 1] = 0;
	lz4_meter_init(&m);
	assert_int_equal(lz4_meter_feed(&m, head, sizeof head), 0);
	for (i = 0; i < 3000; i++)
		if (lz4_meter_feed(&m, block, 4 + size) == -1)
			break;
	assert_int_equal(i, (8ll << 30) / (1 + 4 + 15 + 255 * (16448 - 6)));
	assert_int_equal(lz4_meter_end(&m), -1);
	assert_int_equal(lz4_meter_feed(&m, END, 4), -1);

	block[0] = 0x56;	/* 22 more */
	memset(block + 8, 0xff, sizeof block - 10);
	block[4 + 16470 - 2] = block[4 + 16470 - 1] = 0;
	lz4_meter_init(&m);
	assert_int_equal(lz4_meter_feed(&m, head, sizeof head), 0);
	assert_int_equal(lz4_meter_feed(&m, block, sizeof block), -1);
}

static void
test_no_frame(void **state)
{
	struct lz4_meter m;
	struct err e;

	(void)state;
	assert_int_equal(lz4_frame_length(-1, &e), -1);
	assert_non_null(strstr(e.text, "Bad file"));
	lz4_meter_init(&m);
	assert_false(lz4_meter_is_frame(&m));
	assert_int_equal(lz4_meter_feed(&m, "age-", 4), -1);
	assert_false(lz4_meter_is_frame(&m));
	assert_int_equal(lz4_meter_feed(&m, HEAD "\x64\x40\0" END, 11), -1);
	assert_false(lz4_meter_is_frame(&m));
	lz4_meter_init(&m);
	assert_int_equal(lz4_meter_feed(&m, HEAD "\x64\x40\0", 7), 0);
	assert_true(lz4_meter_is_frame(&m));
	assert_int_equal(lz4_meter_feed(&m, "\xff\xff\xff\xff", 4), -1);
	assert_int_equal(lz4_meter_feed(&m, "", 0), -1);
	assert_true(lz4_meter_is_frame(&m));
	assert_int_equal(lz4_meter_end(&m), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_by_hand), cmocka_unit_test(test_bomb),
		cmocka_unit_test(test_no_frame),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
