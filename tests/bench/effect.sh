#!/bin/sh
# What the app loses by being watched: its commit rate with litegauge beside it
# and without, A B A B ..., as ratios of neighbours.
#
# The app writes flat out, which no app does: a worse case for sharing
# processors than for sharing locks.  The agent is not ended for an A but
# stopped (SIGSTOP), so that A and B differ in nothing else, and is at the
# default interval.  A control does the same without an agent: what that shows
# is the noise.  The order within a pair changes from pair to pair, so that a
# drift of the machine favours neither.
#
#	PAIRS=8 SPAN=4	pairs, and seconds of writing for each half of one
#	DISK=DIR	where the disk is ($TMPDIR or /tmp)
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

pairs=${PAIRS:-8}
span=${SPAN:-4}

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

# rate FOLDER: commits a second, flat out, on a database that is small again.
rate() {
	tool writers --synchronous off --update --seed-rows 100 \
		--duration "$span" --commits 1000000000 "$1/app.db" |
		awk '$1 == "commits" { n = $2 } $1 == "elapsed" { s = $2 }
			END { print n / s }'
}

# half FOLDER WHICH: with the agent going on (B) or standing still (A).
half() {
	if [ -n "$agent_pid" ] && [ "$2" = B ]; then
		kill -CONT "$agent_pid"
	elif [ -n "$agent_pid" ]; then
		kill -STOP "$agent_pid"
	fi
	rate "$1"
}

# Ratios B / A, one a line.
compare() {
	rate "$1" >"$dir/warm-up"
	compare_i=0
	while [ "$compare_i" -lt "$pairs" ]; do
		compare_i=$((compare_i + 1))
		if [ $((compare_i % 2)) = 1 ]; then
			a=$(half "$1" A)
			b=$(half "$1" B)
		else
			b=$(half "$1" B)
			a=$(half "$1" A)
		fi
		echo "$a $b" >>"$dir/$2"
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
	compare "$folder" "$where.control"
	start_agent --db "app=$folder/app.db" || exit 1
	compare "$folder" "$where.watched"
	kill -CONT "$agent_pid"
	stop_agent
done
echo "load average after:  $(cut -d' ' -f1-3 /proc/loadavg)"
echo
printf '%-28s %10s %10s %10s %10s\n' 'commit rate, B / A' 'A, 1/s' \
	'quartile' 'median' 'quartile'
for where in ${memory:+memory} disk; do
	show "$where, nobody watches" "$where.control"
	show "$where, litegauge watches" "$where.watched"
done
echo 'budget: a median of 0.99 at least, beside a control of 1'
