#!/bin/sh
# What the probe costs the app: its commit rate with the probe inside and
# without, A B A B ..., as ratios of neighbours.
#
# The app writes flat out: rows of 500 bytes with synchronous=NORMAL, in memory
# and on the disk, by one thread and by four; and, as the worst there can be, the
# same row over and over with synchronous=OFF in memory, where a commit takes a
# few microseconds and there is nothing for the probe to hide behind.  The control
# has no probe on either side.
#
#	PAIRS=20 SPAN=0.5	pairs, and seconds of writing for each half
# shellcheck disable=SC2154
# shellcheck source=tests/bench/pairs.sh
. "$(dirname "$0")/pairs.sh"

pairs=${PAIRS:-20}
span=${SPAN:-0.5}
preload=${PRELOAD:-$PWD/build/litegauge_preload.so}
LITEGAUGE_PROBE_DIR=$dir/probe
export LITEGAUGE_PROBE_DIR
mkdir "$LITEGAUGE_PROBE_DIR"

# half WITH FOLDER OPTIONS...: commits a second, flat out, on a new database;
# WITH: probe or none.
half() {
	half_with=$1 half_folder=$2
	shift 2
	rm -f "$half_folder"/app.db*
	tool writers --setup-only --seed-rows 100 "$half_folder/app.db" \
		>/dev/null
	rate=$(
		[ "$half_with" = probe ] && LD_PRELOAD=$preload &&
			export LD_PRELOAD
		tool writers --duration "$span" --commits 1000000000 "$@" \
			"$half_folder/app.db" | commits_per_second
	)
}

# both NAME FOLDER OPTIONS...: the control and the probe.
both() {
	name=$1
	shift
	half none "$@"	# to warm up
	compare "$name.control" none none "$@"
	compare "$name.probe" none probe "$@"
	names="$names $name"
}

load before
names=
if [ -n "$memory" ]; then
	both memory "$memory" --synchronous normal --bytes 500
	both memory-4-threads "$memory" --synchronous normal --bytes 500 \
		--threads 4
fi
both disk "$disk" --synchronous normal --bytes 500
both disk-full "$disk" --synchronous full --bytes 500
[ -z "$memory" ] || both worst "$memory" --synchronous off --update
load after
echo
heading
for name in $names; do
	show "$name, control" "$name.control"
	show "$name, probe" "$name.probe"
done
echo 'budget: a median of 0.98 at least, beside a control of 1, but for the worst'
