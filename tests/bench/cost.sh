#!/bin/sh
# What it costs to have litegauge run, beside node_exporter in the same run.
#
# One database, an app that commits 20 times a second, the default interval of
# 1 s with the lock sampling on.  Both agents run all the time and are measured
# at the same time: first nobody asks them for anything, then both are scraped
# every 15 seconds, then both are asked 200 times for /metrics, by turns, each
# time over a new connection.
#
#	SECONDS_EACH=60	how long CPU time is counted, for each of the two
#	SCRAPES=200	how often /metrics is timed, for each
#
# node_exporter is that of build/peers, else the one in PATH, else missing.
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/../scenario/lib.sh"

span=${SECONDS_EACH:-60}
scrapes=${SCRAPES:-200}
ticks=$(getconf CLK_TCK)
db=$dir/app.db

find_node_exporter() {
	for found in "${PEERS:-build/peers}/usr/bin/prometheus-node-exporter" \
		prometheus-node-exporter node_exporter; do
		command -v "$found" && return
	done
}

# ---- numbers ----------------------------------------------------------------

# rss PID: resident, as the kernel counts it, in kB.
rss() {
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"
}

# anon PID: the part of it that is in no file, so nobody else's.
anon() {
	awk '$1 == "RssAnon:" { print $2 }' "/proc/$1/status"
}

# pss PID: its share of what it shares with others.
pss() {
	awk '$1 == "Pss:" { print $2 }' "/proc/$1/smaps_rollup"
}

# cpu PID: ticks of user and system time.
cpu() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# For each agent, into $dir/NAME.WHAT: one number a line.
note() {
	for note_who in $who; do
		"$2" "$(pid_of "$note_who")" >>"$dir/$note_who.$1"
	done
}

pid_of() {
	case $1 in
	litegauge) echo "$agent_pid" ;;
	node_exporter) echo "$peer_pid" ;;
	esac
}

url_of() {
	case $1 in
	litegauge) echo "$agent_url/metrics" ;;
	node_exporter) echo "http://127.0.0.1:$peer_port/metrics" ;;
	esac
}

# took_ms URL: of one GET over a connection of its own.
took_ms() {
	curl -sf -m 10 -o "$dir/page" -H 'Connection: close' \
		-w '%{time_total}\n' "$1" | awk '{ print $1 * 1000 }'
}

# quantile Q FILE
quantile() {
	sort -n "$2" | awk -v q="$1" '{ v[NR] = $1 }
		END { i = int(q * NR + 0.999999); if (NR) print v[i < 1 ? 1 : i] }'
}

# CPU over a span, while COMMAND is done every 15 seconds.
count_cpu() {
	note "cpu.$1.from" cpu
	now
	count_end=$((now + span * 100))
	while now && [ "$now" -lt "$count_end" ]; do
		left=$((count_end - now))
		"$2"
		sleep "$(awk -v left="$left" \
			'BEGIN { s = left / 100; print s < 15 ? s : 15 }')"
	done
	note "cpu.$1.to" cpu
}

scrape_all() {
	for scrape_who in $who; do
		curl -sf -m 10 -o "$dir/page" "$(url_of "$scrape_who")"
	done
}

# ---- the run -----------------------------------------------------------------

tool writers --setup-only "$db"
start_tool writers --rate 20 --synchronous off --commits 1000000 "$db"
cat >"$dir/litegauge.ini" <<INI
[database app]
path = $db
INI
start_agent --config "$dir/litegauge.ini" || exit 1
who=litegauge
peer=$(find_node_exporter)
if [ -n "$peer" ]; then
	peer_port=$(free_port)
	start "$dir/peer.log" "$peer" \
		--web.listen-address="127.0.0.1:$peer_port"
	peer_pid=$child
	wait_for 20 'curl -sf -o "$dir/page" "$(url_of node_exporter)"' ||
		exit 1
	who='litegauge node_exporter'
else
	echo 'node_exporter is missing: build-aux/install.sh test unpacks it'
fi

echo "load average before: $(cut -d' ' -f1-3 /proc/loadavg)," \
	"$(nproc) processors"
count_cpu idle true
note rss.idle rss
note pss.idle pss
count_cpu scraped scrape_all
i=0
while [ "$i" -lt "$scrapes" ]; do
	i=$((i + 1))
	for each in $who; do
		took_ms "$(url_of "$each")" >>"$dir/$each.took"
	done
done
note rss.after rss
note pss.after pss
note anon.after anon
echo "load average after:  $(cut -d' ' -f1-3 /proc/loadavg)"

# ---- the table ---------------------------------------------------------------

# share NAME PHASE: CPU in percent of one processor.
share() {
	awk -v from="$(cat "$dir/$1.cpu.$2.from")" \
		-v to="$(cat "$dir/$1.cpu.$2.to")" -v hz="$ticks" -v s="$span" \
		'BEGIN { printf "%.2f", (to - from) / hz / s * 100 }'
}

mb() {
	awk '{ printf "%.1f", $1 / 1024 }' "$1"
}

row() {
	row_what=$1
	shift
	printf '%-36s' "$row_what"
	for each in $who; do
		printf ' %14s' "$("$@" "$each")"
	done
	printf '  %s\n' "$row_budget"
}

cell_share() {
	share "$2" "$1"
}

cell_mb() {
	mb "$dir/$2.$1"
}

cell_took() {
	quantile "$1" "$dir/$2.took"
}

cell_bytes() {
	curl -sf -m 10 "$(url_of "$1")" | wc -c | tr -d ' '
}

echo
printf '%-36s' "one database, 20 commits a second"
for each in $who; do
	printf ' %14s' "$each"
done
printf '  %s\n' budget
row_budget=0.3
row "CPU, % of one core, idle ($span s)" cell_share idle
row "the same, scraped every 15 s" cell_share scraped
row_budget=8
row 'VmRSS, MiB, idle' cell_mb rss.idle
row 'VmRSS, MiB, after scrapes' cell_mb rss.after
row_budget=
row 'Pss, MiB, idle' cell_mb pss.idle
row 'Pss, MiB, after scrapes' cell_mb pss.after
row 'RssAnon, MiB, after scrapes' cell_mb anon.after
row_budget=0.5
row '/metrics, ms, p50' cell_took 0.5
row_budget=
row '/metrics, ms, p95' cell_took 0.95
row '/metrics, bytes' cell_bytes
