#!/bin/sh
# What the probe costs the app: its commit rate with the probe inside and
# without, A B A B ..., as ratios of neighbours.
#
# The app writes flat out: rows of 500 bytes with synchronous=NORMAL, in memory
# and on the disk, by one thread and by four; and, as the worst there can be, the
# same row over and over with synchronous=OFF in memory, where a commit takes a
# few microseconds and there is nothing for the probe to hide behind.  For each a
# control does the same with no probe on either side: what that shows is the
# noise.  The order within a pair changes from pair to pair, so that a drift of
# the machine favours neither.
#
#	PAIRS=20 SPAN=0.5	pairs, and seconds of writing for each half
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

pairs=${PAIRS:-20}
span=${SPAN:-0.5}
preload=${PRELOAD:-$PWD/build/litegauge_preload.so}
LITEGAUGE_PROBE_DIR=$dir/probe
export LITEGAUGE_PROBE_DIR
mkdir "$LITEGAUGE_PROBE_DIR"

# A tmpfs that everybody has, if it is one.
memory=
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ]; then
	memory=$(mktemp -d /dev/shm/litegauge.XXXXXX)
fi
disk=$dir/disk
mkdir -p "$disk"

# Before leave(), which lib.sh has for the end; it looks at the status too.
clean_up() {
	clean_status=$?
	rm -rf ${memory:+"$memory"}
	return "$clean_status"
}
trap 'clean_up; leave' EXIT

# rate FOLDER WITH OPTIONS...: commits a second, flat out, on a new database;
# WITH: probe or none.
rate() {
	rate_folder=$1 rate_with=$2
	shift 2
	rm -f "$rate_folder"/app.db*
	tool writers --setup-only --seed-rows 100 "$rate_folder/app.db" \
		>/dev/null
	[ "$rate_with" = probe ] && LD_PRELOAD=$preload && export LD_PRELOAD
	tool writers --duration "$span" --commits 1000000000 "$@" \
		"$rate_folder/app.db" |
		LD_PRELOAD='' awk '$1 == "commits" { n = $2 }
			$1 == "elapsed" { s = $2 } END { print n / s }'
}

# compare FOLDER NAME B OPTIONS...: pairs of A (none) and B, one a line.
compare() {
	compare_folder=$1 compare_name=$2 compare_b=$3
	shift 3
	compare_i=0
	while [ "$compare_i" -lt "$pairs" ]; do
		compare_i=$((compare_i + 1))
		if [ $((compare_i % 2)) = 1 ]; then
			a=$(rate "$compare_folder" none "$@")
			b=$(rate "$compare_folder" "$compare_b" "$@")
		else
			b=$(rate "$compare_folder" "$compare_b" "$@")
			a=$(rate "$compare_folder" none "$@")
		fi
		echo "$a $b" >>"$dir/$compare_name"
	done
}

# Median and quartiles, by the line between the two neighbours.
show() {
	awk '{ print $2 / $1 }' "$dir/$2" | sort -n | awk -v name="$1" \
		-v rate="$(awk '{ print $1 }' "$dir/$2" | sort -n |
		awk '{ v[NR] = $1 } END { print int(v[int((NR + 1) / 2)]) }')" '
		function at(q,  x, i) {
			x = 1 + q * (NR - 1)
			i = int(x)
			return i < NR ? v[i] + (x - i) * (v[i + 1] - v[i]) : v[NR]
		}
		{ v[NR] = $1 }
		END { printf "%-28s %10d %10.3f %10.3f %10.3f\n", name, rate,
			at(0.25), at(0.5), at(0.75) }'
}

echo "load average before: $(cut -d' ' -f1-3 /proc/loadavg)," \
	"$(nproc) processors; $pairs pairs of $span s"
# both NAME FOLDER OPTIONS...: the control and the probe.
both() {
	name=$1 folder=$2
	shift 2
	rate "$folder" none "$@" >"$dir/warm-up"
	compare "$folder" "$name.control" none "$@"
	compare "$folder" "$name.probe" probe "$@"
	names="$names $name"
}

names=
if [ -n "$memory" ]; then
	both memory "$memory" --synchronous normal --bytes 500
	both memory-4-threads "$memory" --synchronous normal --bytes 500 \
		--threads 4
fi
both disk "$disk" --synchronous normal --bytes 500
both disk-full "$disk" --synchronous full --bytes 500
[ -z "$memory" ] || both worst "$memory" --synchronous off --update
echo "load average after:  $(cut -d' ' -f1-3 /proc/loadavg)"
echo
printf '%-28s %10s %10s %10s %10s\n' 'commit rate, B / A' 'A, 1/s' \
	'quartile' 'median' 'quartile'
for name in $names; do
	show "$name, control" "$name.control"
	show "$name, probe" "$name.probe"
done
echo 'budget: a median of 0.98 at least, beside a control of 1, but for the worst'
