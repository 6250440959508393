/*
 * format - SQLite's bytes, as they lie in the files.
 *
 * Pure functions from bytes to structs; each says no to what is not right, and
 * none believes a size that it was told.  Sources: the SQLite file format
 * document (sections 1.3 and 4) and, for the wal-index, the comment at the top
 * of SQLite's wal.c with walIndexTryHdr(), walChecksumBytes() and
 * walFramePage().
 */
#ifndef COLLECTORS_FORMAT_H
#define COLLECTORS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define DB_HEADER_SIZE		100

struct db_header {
	uint32_t	page_size;	/* bytes, 512 to 65536 */
	bool		wal;		/* read and write version are 2 */
	uint32_t	change_counter;	/* rollback mode: +1 per transaction */
	uint32_t	pages;		/* as of the last checkpoint */
	uint32_t	free_pages;	/* the same */
};

/* -1: not SQLite (or encrypted), or nonsense in a field. */
int	db_header_parse(struct db_header *, const unsigned char *bytes,
	    size_t n, struct err *);

#define SHM_HEADER_SIZE		136	/* two copies of 48, then 40 */
#define SHM_READ_SLOTS		5

/* Lock bytes of the -shm file (WAL_WRITE_LOCK and so on, from byte 120). */
enum shm_byte {
	SHM_WRITE = 120, SHM_CKPT = 121, SHM_RECOVER = 122, SHM_READ0 = 123,
	SHM_DMS = 128,		/* held by every process that has it open */
};

struct shm_header {
	uint32_t	change;		/* iChange: +1 per write transaction */
	uint32_t	page_size;	/* bytes; 0: there is no log yet */
	uint32_t	max_frame;	/* mxFrame: the last committed frame */
	uint32_t	pages;		/* nPage: of the database after it */
	unsigned char	salt[8];	/* as in the -wal header: of this log */
	uint32_t	backfill;	/* nBackfill: copied back so far */
	uint32_t	marks[SHM_READ_SLOTS];	/* aReadMark; ~0: not used */
};

/*
 * From the first 136 bytes.  Native byte order.  The two copies differ while a
 * writer is between them: the second copy is written first, so it is taken when
 * its own checksum is right, else the first.  False: neither is valid (the file
 * is being made, or torn; that can last for milliseconds).
 */
bool	shm_header_parse(struct shm_header *, const unsigned char *bytes,
	    size_t n);
/* Where in -shm the page number of a frame (1 ...) stands: walFramePage(). */
uint64_t shm_frame_offset(uint32_t frame);

#define WAL_HEADER_SIZE		32
#define WAL_FRAME_SIZE		24	/* header of a frame; a page follows */

struct wal_header {
	uint32_t	page_size;
	unsigned char	salt[8];
};

struct wal_frame {
	uint32_t	page;		/* page number */
	uint32_t	commit;		/* database pages after; 0: no commit */
	unsigned char	salt[8];
};

bool	wal_header_parse(struct wal_header *, const unsigned char *bytes,
	    size_t n);
void	wal_frame_parse(struct wal_frame *, const unsigned char
	    bytes[WAL_FRAME_SIZE]);
/* Where frame (1 ...) begins, and so where frame - 1 ends. */
uint64_t wal_frame_offset(uint32_t frame, uint32_t page_size);

uint32_t be32(const unsigned char *);
uint64_t be64(const unsigned char *);

#endif
