#!/bin/sh
# What the probe costs the app: its commit rate with the probe inside and
# without, A B A B ..., as ratios of neighbours.
#
# The app writes flat out with synchronous=OFF, which is the worst case: there
# is nothing but the probe's own work to hide behind.  A control does the same
# with no probe on either side: what that shows is the noise.  The order within
# a pair changes from pair to pair, so that a drift of the machine favours
# neither.
#
#	PAIRS=12 SPAN=2	pairs, and seconds of writing for each half of one
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

pairs=${PAIRS:-12}
span=${SPAN:-2}
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

# rate FOLDER WITH OPTIONS...: commits a second, flat out; WITH: probe or none.
rate() {
	rate_folder=$1
	[ "$2" = probe ] && LD_PRELOAD=$preload && export LD_PRELOAD
	shift 2
	tool writers --synchronous off --update --seed-rows 100 \
		--duration "$span" --commits 1000000000 "$@" \
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
for where in ${memory:+memory} disk; do
	case $where in
	memory) folder=$memory ;;
	disk) folder=$disk ;;
	esac
	tool writers --setup-only --seed-rows 100 "$folder/app.db"
	rate "$folder" none >"$dir/warm-up"
	compare "$folder" "$where.control" none
	compare "$folder" "$where.one" probe
	compare "$folder" "$where.four" probe --threads 4
done
echo "load average after:  $(cut -d' ' -f1-3 /proc/loadavg)"
echo
printf '%-28s %10s %10s %10s %10s\n' 'commit rate, B / A' 'A, 1/s' \
	'quartile' 'median' 'quartile'
for where in ${memory:+memory} disk; do
	show "$where, no probe" "$where.control"
	show "$where, probe" "$where.one"
	show "$where, probe, 4 threads" "$where.four"
done
echo 'budget: a median of 0.98 at least, beside a control of 1'
