#!/bin/sh
# What the app loses by being traced in the kernel: its commit rate with the
# default tracer, and with locks and fsyncs traced, against the same agent
# without a tracer, as ratios of neighbours; beside a control that compares it
# with itself.
#
# One writer, flat out: nobody waits for it, so all that is measured is what the
# tracer costs.  Programs in the kernel do not stand still with their agent
# (SIGSTOP), so for each half it is started anew.  Both `always` and `bursts`
# begin with a burst that traces fsync for 3 s: for the one, both halves wait
# until that is over.
#
#	PAIRS=8 SPAN=2	pairs, and seconds of writing for each half of one
#	DISK=DIR	where the disk is ($TMPDIR or /tmp)
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

pairs=${PAIRS:-8}
span=${SPAN:-2}

memory=
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ]; then
	memory=$(mktemp -d /dev/shm/litegauge.XXXXXX)
fi
disk=$dir/disk
[ -z "${DISK:-}" ] || disk=$(mktemp -d "$DISK/litegauge.XXXXXX")
mkdir -p "$disk"
clean_up() {
	clean_status=$?
	rm -rf "$disk" ${memory:+"$memory"}
	return "$clean_status"
}
trap 'clean_up; leave' EXIT

config() {	# folder, trace mode
	cat >"$dir/$2.ini" <<-INI
	[agent]
	trace = $2
	[database app]
	path = $1/app.db
	INI
}

# half FOLDER SYNCHRONOUS MODE DELAY: commits a second under that tracer, from
# DELAY centiseconds on.  The app has the database open before the agent comes,
# so it is known from the first look.
half() {
	rm -f "$dir/ready" "$dir/go"
	start_tool writers --synchronous "$2" --update --seed-rows 100 \
		--duration "$span" --commits 1000000000 \
		--ready-file "$dir/ready" --go-file "$dir/go" "$1/app.db"
	wait_for 10 '[ -e "$dir/ready" ]'
	start_agent --config "$dir/$3.ini" || exit 1
	# Two samples: it is aimed at by then.
	wait_for 10 '[ "$(metric "sqlite_processes{db=\"app\"}")" = 1 ]'
	scrape
	if [ "$3" != no ] && grep -q '_info{state="off"' "$dir/metrics"; then
		echo "the tracer cannot run here:"
		grep '_info{state="off"' "$dir/metrics"
		exit 0
	fi
	now
	half_until=$((now + $4))
	wait_for 10 'now; [ "$now" -ge "$half_until" ]'
	: >"$dir/go"
	end_tool
	stop_agent
	rate=$(awk '$1 == "commits" { n = $2 } $1 == "elapsed" { s = $2 }
		END { print n / s }' "$tool_out")
}

compare() {	# FOLDER SYNCHRONOUS MODE OUT
	compare_i=0 delay=0
	[ "$3" != always ] || delay=320
	while [ "$compare_i" -lt "$pairs" ]; do
		compare_i=$((compare_i + 1))
		if [ $((compare_i % 2)) = 1 ]; then
			half "$1" "$2" no "$delay"; a=$rate
			half "$1" "$2" "$3" "$delay"; b=$rate
		else
			half "$1" "$2" "$3" "$delay"; b=$rate
			half "$1" "$2" no "$delay"; a=$rate
		fi
		echo "$a $b" >>"$dir/$4"
	done
}

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
		END { printf "%-34s %10d %9.3f %9.3f %9.3f\n", name, rate,
			at(0.25), at(0.5), at(0.75) }'
}

echo "load average before: $(cut -d' ' -f1-3 /proc/loadavg)," \
	"$(nproc) processors; $pairs pairs of $span s"
printf '%-34s %10s %9s %9s %9s\n' 'commit rate, B / A' 'A, 1/s' \
	'quartile' 'median' 'quartile'
place() {	# NAME FOLDER SYNCHRONOUS
	tool writers --setup-only --seed-rows 100 "$2/app.db"
	for mode in no sleeps always bursts; do
		case $mode in
		no) what='control' ;;
		sleeps) what='the default, no burst' ;;
		always) what='locks' ;;
		bursts) what='locks and fsync' ;;
		esac
		config "$2" "$mode"
		compare "$2" "$3" "$mode" "$1.$3.$mode"
		show "$1, sync $3: $what" "$1.$3.$mode"
	done
}
[ -z "$memory" ] || place memory "$memory" off
place disk "$disk" off
place disk "$disk" full
echo "load average after:  $(cut -d' ' -f1-3 /proc/loadavg)"
echo 'budget: medians of 0.98 by default and 0.93 on demand, beside a control of 1'
