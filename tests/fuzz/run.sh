#!/bin/sh
# Runs each fuzzer for so many seconds, from its seeds; what a run finds new is
# kept below build-fuzz, never in the tree.
# Usage: run.sh SECONDS FUZZER...
set -eu
seconds=$1; shift
for f in "$@"; do
	name=${f##*/fuzz_}
	mkdir -p "build-fuzz/corpus/$name"
	echo "fuzzing $name for $seconds s"
	"$f" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
	    -print_final_stats=1 -verbosity=0 \
	    "build-fuzz/corpus/$name" "tests/fuzz/seeds/$name"
done
