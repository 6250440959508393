#!/bin/sh
# What it costs to watch 1,000 and 10,000 databases, of which 1 % are active.
#
# Every database is a copy of the same small one in WAL mode.  The active ones
# have a writer each that commits once a second; nobody has the others open.
#
#	COUNTS='1000 10000'	how many
#	SECONDS_EACH=30		how long CPU time is counted
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

counts=${COUNTS:-1000 10000}
span=${SECONDS_EACH:-30}
ticks=$(getconf CLK_TCK)

# Ticks of user and system time.
cpu() {
	sed 's/.*) //' "/proc/$agent_pid/stat" | awk '{ print $12 + $13 }'
}

# field NAME: of the agent's status, in MiB.
field() {
	awk -v name="$1:" '$1 == name { printf "%.1f", $2 / 1024 }' \
		"/proc/$agent_pid/status"
}

# Folders of a thousand; a copy of each would take a process for each.
populate() {
	tool writers --setup-only "$dir/one.db"
	folder=0
	while [ $((folder * 1000)) -lt "$1" ]; do
		mkdir -p "$dir/tenants/$folder"
		seq $((folder * 1000)) $((folder * 1000 + 999)) |
			sed "s|.*|$dir/tenants/$folder/t&.db|" |
			ONE=$dir/one.db xargs -n 500 sh -c \
				'tee "$@" <"$ONE" >/dev/null' sh
		folder=$((folder + 1))
	done
}

activate() {
	writers=
	active=0
	while [ "$active" -lt $(($1 / 100)) ]; do
		at=$((active * 100))
		start_tool writers --rate 1 --synchronous off --commits 1000000 \
			"$dir/tenants/$((at / 1000))/t$at.db"
		writers="$writers $tool_pid"
		active=$((active + 1))
	done
}

seen() {
	scrape
	[ "$(grep -c '^sqlite_up{.*} 1$' "$dir/metrics")" -eq "$1" ]
}

measure() {
	rm -rf "$dir/tenants"
	rm -f "$dir"/state.db*
	populate "$1"
	activate "$1"
	start_agent --db "t=$dir/tenants/*/*.db" || exit 1
	wait_for 60 "seen $1" || exit 1
	sleep 5		# the first look at everything is not what is meant
	from=$(cpu)
	sleep "$span"
	to=$(cpu)
	awk -v n="$1" -v from="$from" -v to="$to" -v hz="$ticks" -v s="$span" \
		-v rss="$(field VmRSS)" -v anon="$(field RssAnon)" 'BEGIN {
		printf "%10d %12.2f %12.1f %14.1f %16.1f\n", n,
			(to - from) / hz / s * 100, rss, anon,
			(to - from) / hz / s / n * 1e6 }' >>"$dir/table"
	stop_agent
	for writer in $writers; do
		kill -TERM "$writer"
	done
	for writer in $writers; do
		end "$writer"
	done
}

echo "load average before: $(cut -d' ' -f1-3 /proc/loadavg)," \
	"$(nproc) processors; $span s each"
for count in $counts; do
	measure "$count"
done
echo "load average after:  $(cut -d' ' -f1-3 /proc/loadavg)"
echo
printf '%10s %12s %12s %14s %16s\n' databases '% of a core' 'VmRSS, MiB' \
	'RssAnon, MiB' 'us per database'
cat "$dir/table"
echo 'budget: 1,000 in 1.5 % and 16 MiB; 10,000 in 10 % and 64 MiB'
