# pairs.sh - what the benches that compare have in common; sourced, not run.
#
# A B B A A B ...: each half is measured beside its other half, and what counts
# is the ratio of the two, so that a machine whose speed drifts is no matter.  The
# order within a pair changes from pair to pair, so that a drift favours neither.
# A control compares A with itself: what that shows is the noise.
#
# Whoever sources it defines half(), sets $pairs and $span, and has in $memory a
# folder in memory, or nothing, and in $disk one on a disk.
# shellcheck shell=sh disable=SC2034,SC2154
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

# A tmpfs that everybody has, if it is one.
memory=
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ]; then
	memory=$(mktemp -d /dev/shm/litegauge.XXXXXX)
fi
disk=$dir/disk
[ -z "${DISK:-}" ] || disk=$(mktemp -d "$DISK/litegauge.XXXXXX")
mkdir -p "$disk"

# Before leave(), which lib.sh has for the end; it looks at the status too.
clean_up() {
	clean_status=$?
	rm -rf "$disk" ${memory:+"$memory"}
	return "$clean_status"
}
trap 'clean_up; leave' EXIT

# commits_per_second: out of what writers says at its end.
commits_per_second() {
	LD_PRELOAD='' awk '$1 == "commits" { n = $2 }
		$1 == "elapsed" { s = $2 } END { print n / s }'
}

# compare NAME A B ARGS...: the pairs, one a line, for show.  half WHICH ARGS...
# measures one half and leaves its rate in $rate.
compare() {
	compare_name=$1 compare_a=$2 compare_b=$3
	shift 3
	compare_i=0
	while [ "$compare_i" -lt "$pairs" ]; do
		compare_i=$((compare_i + 1))
		if [ $((compare_i % 2)) = 1 ]; then
			half "$compare_a" "$@"
			a=$rate
			half "$compare_b" "$@"
			b=$rate
		else
			half "$compare_b" "$@"
			b=$rate
			half "$compare_a" "$@"
			a=$rate
		fi
		echo "$a $b" >>"$dir/$compare_name.pairs"
	done
}

heading() {
	printf '%-34s %10s %9s %9s %9s\n' 'commit rate, B / A' 'A, 1/s' \
		'quartile' 'median' 'quartile'
}

# show TEXT NAME: median and quartiles of the ratios, by the line between the
# two neighbours.
show() {
	awk '{ print $2 / $1 }' "$dir/$2.pairs" | sort -n | awk -v name="$1" \
		-v rate="$(awk '{ print $1 }' "$dir/$2.pairs" | sort -n |
		awk '{ v[NR] = $1 } END { print int(v[int((NR + 1) / 2)]) }')" '
		function at(q,  x, i) {
			x = 1 + q * (NR - 1)
			i = int(x)
			return i < NR ? v[i] + (x - i) * (v[i + 1] - v[i]) : v[NR]
		}
		{ v[NR] = $1 }
		END { printf "%-34s %10d %9.3f %9.3f %9.3f\n", name, rate,
			at(0.25), at(0.5), at(0.75) }'
}

# load WHEN: how busy the machine is with something else.
load() {
	echo "load average $1: $(cut -d' ' -f1-3 /proc/loadavg)," \
		"$(nproc) processors; $pairs pairs of $span s"
}
