#!/bin/sh
# What the app loses by being watched: its commit rate with litegauge beside it
# and without, A B A B ..., as ratios of neighbours.
#
# The app writes flat out, which no app does: a worse case for sharing
# processors than for sharing locks.  The agent is not ended for an A but
# stopped (SIGSTOP), so that A and B differ in nothing else, and is at the
# default interval.  The control has no agent.
#
#	PAIRS=8 SPAN=4	pairs, and seconds of writing for each half of one
#	DISK=DIR	where the disk is ($TMPDIR or /tmp)
# shellcheck disable=SC2154
# shellcheck source=tests/bench/pairs.sh
. "$(dirname "$0")/pairs.sh"

pairs=${PAIRS:-8}
span=${SPAN:-4}

# half WHICH FOLDER: with the agent going on or standing still; commits a second,
# flat out, on a database that is small again.
half() {
	[ -z "$agent_pid" ] || kill -"$1" "$agent_pid"
	rate=$(tool writers --synchronous off --update --seed-rows 100 \
		--duration "$span" --commits 1000000000 "$2/app.db" |
		commits_per_second)
}

load before
for where in ${memory:+memory} disk; do
	case $where in
	memory) folder=$memory ;;
	disk) folder=$disk ;;
	esac
	tool writers --setup-only --seed-rows 100 "$folder/app.db"
	half CONT "$folder"	# to warm up
	compare "$where.control" STOP CONT "$folder"
	start_agent --db "app=$folder/app.db" || exit 1
	half CONT "$folder"
	compare "$where.watched" STOP CONT "$folder"
	kill -CONT "$agent_pid"
	stop_agent
done
load after
echo
heading
for where in ${memory:+memory} disk; do
	show "$where, nobody watches" "$where.control"
	show "$where, litegauge watches" "$where.watched"
done
echo 'budget: a median of 0.99 at least, beside a control of 1'
