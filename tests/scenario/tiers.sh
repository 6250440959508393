#!/bin/sh
# One, four and sixteen writers, as processes and as threads of one, and what
# each way of counting makes of their waiting, beside what they count themselves:
# all of it of the same run.
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

probe=${PROBE:-$PWD/build/litegauge_probe}
LITEGAUGE_PROBE_DIR=$dir/probe
export LITEGAUGE_PROBE_DIR
mkdir "$LITEGAUGE_PROBE_DIR"

# A database for each crew: its counters begin at 0.  Sampling begins when a sample
# has seen commits, so in a run of two seconds the samples must be close.
crews='p1 t1 p4 t4 p16 t16'
cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 200ms
holders_interval = 5s
trace = always
INI
for crew in $crews; do
	tool busy --commits 1 "$dir/$crew.db" >/dev/null
	printf '[database %s]\npath = %s\n' "$crew" "$dir/$crew.db" \
		>>"$dir/litegauge.ini"
done
start_agent --config "$dir/litegauge.ini"
scrape
kernel=$(grep -c '^litegauge_tracer_info{state="on"' "$dir/metrics")

retries() {	# crew, source: from the last scrape
	METRIC="sqlite_busy_retries_total{db=\"$1\",source=\"$2\"} " awk '
		index($0, ENVIRON["METRIC"]) == 1 { print $NF }' "$dir/metrics"
}

of() {	# crew, metric
	metric "$2{db=\"$1\"}"
}

settled() {	# crew: the probe's last word is in
	scrape
	[ "$(of "$1" 'sqlite_probe_processes')" = "$known" ] && [ "$(metric \
		"sqlite_commits_total{db=\"$1\",source=\"probe\"}")" = \
		"$(jq .commits "$dir/$1.json")" ]
}

shape_of() {	# crew: $writers of them, $known by the probe, $as what
	writers=${1#[pt]}
	case $1 in
	p*) known=$writers as=processes shape="--procs $writers" ;;
	t*) known=1 as=threads shape="--threads $writers" ;;
	esac
}

# All are there before any begins: on a busy machine the table of locks, which
# tells who is who, is read the more seldom.
for crew in $crews; do
	shape_of "$crew"
	# shellcheck disable=SC2086 # the words are wanted
	start_tool busy --probe "$probe" $shape --handler same --hold 3 \
		--commits $((600 / writers)) --truth "$dir/$crew.json" \
		--ready-file "$dir/$crew.ready" --go-file "$dir/$crew.go" \
		--stay "$dir/$crew.leave" "$dir/$crew.db"
	wait_for 20 '[ -e "$dir/$crew.ready" ]'
done
for crew in $crews; do
	shape_of "$crew"
	wait_for 90 '[ "$(of $crew sqlite_processes)" = $known ]'
	[ "$kernel" = 0 ] ||
		wait_for 30 '[ "$(of $crew sqlite_traced_processes)" = $known ]'
done
for crew in $crews; do
	shape_of "$crew"
	: >"$dir/$crew.go"
	wait_for 180 '[ -s "$dir/$crew.json" ]'
	wait_for 60 'settled $crew'
	# One more sample, for what came last.
	at=$(curl -s "$agent_url/api/v1/databases" | jq -r '.data[0].at')
	wait_for 60 '[ "$(curl -s "$agent_url/api/v1/databases" |
		jq -r ".data[0].at")" != "'"$at"'" ]'
	scrape
	truth=$(jq .retries "$dir/$crew.json")
	# Who opens it while another makes the index waits for that, and mostly
	# the kernel is not told yet whose sleeps to count.
	early=$(jq .early "$dir/$crew.json")
	name="$writers writers as $as"
	diag "$name waited $truth times, $early to open;" \
		"probe $(retries $crew probe)," \
		"kernel $(retries $crew kernel)," \
		"sampled $(retries $crew sampled)"
	is "$(retries $crew probe)" "$truth" "$name: the probe has them all"
	[ "$kernel" = 0 ] || {
		cmp_num "$(retries $crew kernel)" '>=' $((truth - early)) \
			"$name: so has the kernel, from when it was aimed"
		cmp_num "$(retries $crew kernel)" '<=' "$truth" \
			"$name: and none twice"
	}
	case $writers in
	1) is "$truth" 0 "$name: nobody is in the way" ;;
	*) cmp_num "$truth" '>' 20 "$name: there was something to see" ;;
	esac
	# An estimate of something else: how many met the lock, not how often.
	case $crew in
	p1 | t*) is "$(retries $crew sampled)" 0 "$name: sampling sees none" ;;
	*) cmp_num "$(retries $crew sampled)" '>' 20 "$name: sampling sees some" ;;
	esac
	: >"$dir/$crew.leave"
done
stop_agent
done_testing
