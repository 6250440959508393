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
#	MODES='no sleeps always bursts'	what is compared with no; no: the control
#	PLACES='memory disk disk-full'	and where, as far as there is one
#	DISK=DIR	where the disk is ($TMPDIR or /tmp)
# shellcheck disable=SC2016,SC2154
# shellcheck source=tests/bench/pairs.sh
. "$(dirname "$0")/pairs.sh"

pairs=${PAIRS:-8}
span=${SPAN:-2}
modes=${MODES:-no sleeps always bursts}
places=${PLACES:-memory disk disk-full}

config() {	# folder, trace mode
	cat >"$dir/$2.ini" <<-INI
	[agent]
	trace = $2
	[database app]
	path = $1/app.db
	INI
}

# half MODE FOLDER SYNCHRONOUS DELAY: commits a second under that tracer, from
# DELAY centiseconds on.  The app has the database open before the agent comes,
# so it is known from the first look.
half() {
	rm -f "$dir/ready" "$dir/go"
	start_tool writers --synchronous "$3" --update --seed-rows 100 \
		--duration "$span" --commits 1000000000 \
		--ready-file "$dir/ready" --go-file "$dir/go" "$2/app.db"
	wait_for 10 '[ -e "$dir/ready" ]'
	start_agent --config "$dir/$1.ini" || exit 1
	# Two samples: it is aimed at by then.  A busy machine reads the table of
	# locks the more seldom.
	wait_for 60 '[ "$(metric "sqlite_processes{db=\"app\"}")" = 1 ]'
	scrape
	if [ "$1" != no ] && grep -q '_info{state="off"' "$dir/metrics"; then
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
	rate=$(commits_per_second <"$tool_out")
}

place() {	# NAME FOLDER SYNCHRONOUS
	tool writers --setup-only --seed-rows 100 "$2/app.db"
	for mode in $modes; do
		delay=0
		case $mode in
		no) what='control' ;;
		sleeps) what='the default, no burst' ;;
		always) what='locks' delay=320 ;;
		bursts) what='locks and fsync' ;;
		esac
		config "$2" no
		config "$2" "$mode"
		compare "$1.$3.$mode" no "$mode" "$2" "$3" "$delay"
		show "$1, sync $3: $what" "$1.$3.$mode"
	done
}

load before
heading
for where in $places; do
	case $where in
	memory) [ -z "$memory" ] || place memory "$memory" off ;;
	disk) place disk "$disk" off ;;
	disk-full) place disk "$disk" full ;;
	esac
done
load after
echo 'budget: medians of 0.98 by default and 0.93 on demand, beside a control of 1'
