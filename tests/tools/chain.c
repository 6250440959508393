/*
 * chain - says what litegauge says about the chain of a file replica.
 *
 *	chain DIRECTORY [GENERATION]
 *
 * Prints "whole" or the first hole, and how far a restore would come.  Unlike
 * the other tools it is made of the agent's own files: it proves nothing, it is
 * compared with the real `litestream restore`.
 */
#include <stdio.h>

#include "base/err.h"
#include "litestream/chain.h"

int
main(int argc, char *argv[])
{
	struct chain c;
	struct err e;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: chain DIRECTORY [GENERATION]\n");
		return 2;
	}
	if (chain_of_directory(&c, NULL, litestream_version_of(argv[1]),
	    argv[1], argc == 3 ? argv[2] : "", &e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 2;
	}
	printf("%s\nsnapshot %s %llu, at %llu:%lld, %llu files%s\n",
	    c.broken ? c.why : "whole", c.has_snapshot ? "yes" : "no",
	    (unsigned long long)c.snapshot, (unsigned long long)c.at,
	    (long long)c.offset, (unsigned long long)c.files,
	    c.measured ? ", measured" : "");
	return c.broken;
}
