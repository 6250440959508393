/*
 * copies - Litestream directories, made by hand.
 */
#ifndef TESTS_LITESTREAM_COPIES_H
#define TESTS_LITESTREAM_COPIES_H

#include "tests/collectors/app.h"

#include "base/buf.h"

#define GENERATION	"0123456789abcdef"
#define MAX_COPY	(16u << 20)

static inline void
make_dirs(const char *path)
{
	char *text = mem_strdup(path);

	for (char *at = text + 1; (at = strchr(at, '/')) != NULL; at++) {
		*at = '\0';
		(void)mkdir(text, 0700);
		*at = '/';
	}
	free(text);
}

/* A file below dir, with the directories on the way to it. */
static inline void
put_file(const char *dir, const char *name, const void *bytes, size_t n)
{
	char *path = mem_printf("%s/%s", dir, name);
	int fd;

	make_dirs(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
	free(path);
}

static inline void
put_generation(const char *dir, const char *generation)
{
	char *line = mem_printf("%s\n", generation);

	put_file(dir, "generation", line, strlen(line));
	free(line);
}

static inline void
store_be(unsigned char *b, uint64_t v, unsigned n)
{
	while (n-- > 0) {
		b[n] = (unsigned char)v;
		v >>= 8;
	}
}

/* The 32 bytes that begin a log. */
static inline void
wal_bytes(unsigned char b[32], uint32_t page_size, const char *salt)
{
	memset(b, 0, 32);
	store_be(b, 0x377f0682, 4);
	store_be(b + 4, 3007000, 4);
	store_be(b + 8, page_size, 4);
	memcpy(b + 16, salt, 8);
}

/* 0.3's local copy: a log of so many bytes. */
static inline void
put_shadow(const char *dir, const char *generation, unsigned index,
    const void *bytes, size_t n)
{
	char *name = mem_printf("generations/%s/wal/%08x.wal", generation,
	    index);

	put_file(dir, name, bytes, n);
	free(name);
}

/* 0.3's replica: n bytes of a log from offset on, as one stored LZ4 block. */
static inline void
put_piece(const char *dir, const char *generation, unsigned index,
    unsigned offset, size_t n)
{
	static const unsigned char head[7] = "\x04\x22\x4d\x18\x64\x70\xb9";
	char *name = mem_printf("generations/%s/wal/%08x_%08x.wal.lz4",
	    generation, index, offset);
	unsigned char *b = mem_new(1, n + 15);

	memcpy(b, head, sizeof head);
	for (unsigned i = 0; i < 4; i++)
		b[7 + i] = (unsigned char)((n | 0x80000000u) >> 8 * i);
	put_file(dir, name, b, n + 15);
	free(b);
	free(name);
}

/* 0.5, on both sides: the pass `txid` reached so far into that log. */
static inline void
put_ltx(const char *dir, uint64_t txid, uint32_t page_size, const void *salt,
    uint64_t offset, uint64_t size)
{
	unsigned char b[200] = "LTX1";
	char *name = mem_printf("ltx/0/%016llx-%016llx.ltx",
	    (unsigned long long)txid, (unsigned long long)txid);

	store_be(b + 4, 2, 4);
	store_be(b + 8, page_size, 4);
	store_be(b + 12, 5, 4);
	store_be(b + 16, txid, 8);
	store_be(b + 24, txid, 8);
	store_be(b + 48, offset, 8);
	store_be(b + 56, size, 8);
	memcpy(b + 64, salt, 8);
	put_file(dir, name, b, sizeof b);
	free(name);
}

static inline void
remove_file(const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

#endif
