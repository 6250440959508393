/*
 * duration - spans of time as Go writes them: "10s", "1m30s", "1.5h".
 */
#ifndef LITESTREAM_DURATION_H
#define LITESTREAM_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds, as time.ParseDuration; false: it is none. */
bool	duration_parse(const char *, int64_t *ret_ns);

#endif
