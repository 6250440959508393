#!/bin/sh
# Runs each fuzzer for so many seconds, from its seeds, one on each processor;
# what a run finds new is kept below build-fuzz, never in the tree.
# Usage: run.sh SECONDS FUZZER...
set -eu
seconds=$1; shift
mkdir -p build-fuzz/corpus
echo "fuzzing $# targets for $seconds s each, $(nproc) at a time"
export seconds
# shellcheck disable=SC2016 # for the shell below
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 sh -c '
	name=${0##*/fuzz_}
	log=build-fuzz/$name.log
	mkdir -p "build-fuzz/corpus/$name"
	if "$0" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
	    -print_final_stats=1 -verbosity=0 \
	    "build-fuzz/corpus/$name" "tests/fuzz/seeds/$name" >"$log" 2>&1
	then
		echo "$name: $(sed -n "s/^stat::number_of_executed_units: *//p" \
		    "$log") inputs"
	else
		sed "s/^/$name: /" "$log"
		exit 1
	fi'
