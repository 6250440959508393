#!/bin/sh
# The kernel tracer counts the retries that the app counts, in processes and in
# threads of one, and where it may not run it says why and nothing else suffers.
# shellcheck disable=SC2016
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

retries='sqlite_busy_retries_total{db="app",source="kernel"}'
wait_s='sqlite_busy_wait_seconds_total{db="app",source="kernel"}'
off='^litegauge_tracer_info{state="off"'

config() {	# trace mode
	cat >"$dir/litegauge.ini" <<-INI
	[agent]
	holders_interval = 5s
	trace = $1
	[database app]
	path = $dir/app.db
	INI
}

reason() {
	scrape
	sed -n 's/^litegauge_tracer_info{state="off",reason="\(.*\)"} 1$/\1/p' \
		"$dir/metrics"
}

# who_counts: whom measures believe now; on the page, in words.
who_counts() {
	curl -s "$agent_url/api/v1/databases" | jq -r '.data[0].busy_source'
}

page_says() {
	curl -s "$agent_url/" | grep -q "<td>app</td><td>$1</td>"
}

# contend NAME PROCESSES ARGS...: run it once everybody in it is known, and
# leave what the tracer counted meanwhile in $counted and $waited, beside the
# truth in $dir/NAME.json.
contend() {
	name=$1 known=$2
	shift 2
	rm -f "$dir/go" "$dir/ready"
	start_tool contend --ready-file "$dir/ready" --go-file "$dir/go" \
		"$@" "$dir/app.db"
	wait_for 20 '[ -e "$dir/ready" ] || ! alive "$tool_pid"'
	# On a busy machine the table of locks is read the more seldom.
	for seen in sqlite_processes sqlite_traced_processes; do
		wait_for 90 '[ "$(metric "$seen{db=\"app\"}")" = '"$known"' ]'
	done
	before=$(metric "$retries") before_s=$(metric "$wait_s")
	: >"$dir/go"
	[ "$name" != threads ] || {
		wait_for 8 '[ "$(who_counts)" = kernel ]' \
			'measures are of the kernel while it sees who waits'
		wait_for 8 'page_says "the kernel"' 'and the page says so'
	}
	end_tool || fail "$name: contend works" "$(cat "$tool_out")"
	cp "$tool_out" "$dir/$name.json"
	# One more sample, for what came last.
	at=$(curl -s "$agent_url/api/v1/databases" | jq -r '.data[0].at')
	wait_for 5 '[ "$(curl -s "$agent_url/api/v1/databases" |
		jq -r ".data[0].at")" != "'"$at"'" ]'
	counted=$(metric "$retries") waited=$(metric "$wait_s")
	counted=$((${counted:-0} - ${before:-0}))
	waited=$(echo "${waited:-0} ${before_s:-0}" | awk '{ print $1 - $2 }')
}

truth() {	# NAME KEY
	jq -r ".$2" "$dir/$1.json"
}

# Within one percent and two: a writer that was killed in its sleep, and the
# sleep itself, which the kernel sees begin.
beside() {	# NAME SENTENCE
	diag "$1: the app slept $(truth "$1" retries) times for" \
		"$(truth "$1" wait_seconds) s, the kernel saw $counted, $waited"
	cmp_num "$(truth "$1" retries)" '>' 20 "$2: there was something to see"
	cmp_num "$(echo "$(truth "$1" retries) $counted" |
		awk '{ d = $1 - $2; print d < 0 ? -d : d }')" '<=' \
		"$(truth "$1" retries | awk '{ print $1 / 100 + 2 }')" \
		"$2: retries are those of the app"
	cmp_num "$(echo "$(truth "$1" wait_seconds) $waited" |
		awk '{ d = $1 - $2; print d < 0 ? -d : d }')" '<=' \
		"$(truth "$1" wait_seconds | awk '{ print $1 / 100 + 0.2 }')" \
		"$2: so is the time"
}

# ---- where it may not run --------------------------------------------------

tool writers --setup-only "$dir/app.db" >/dev/null
config no
start_agent --config "$dir/litegauge.ini"
is "$(reason)" 'the configuration says no' 'it can be turned off'
is "$(metric "$retries")" '' 'then it counts nothing'
stop_agent

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	config auto
	chmod 755 "$dir"
	: >"$agent_log"
	real=${LITEGAUGE:-build/litegauge}
	cat >"$dir/poor" <<-SH
	#!/bin/sh
	exec setpriv --bounding-set -bpf,-perfmon,-sys_admin "$real" "\$@"
	SH
	chmod 755 "$dir/poor"
	LITEGAUGE=$dir/poor
	start_agent --config "$dir/litegauge.ini"
	LITEGAUGE=$real
	like "$(reason)" 'CAP_BPF and CAP_PERFMON are needed|built without' \
		'without the capabilities it is off and says so'
	is "$(grep -c 'kernel tracer is off' "$agent_log")" 1 'once, in the log'
	start_tool writers --rate 20 --duration 60 "$dir/app.db"
	wait_for 10 '[ "$(metric "sqlite_write_transactions_total{db=\"app\"}")" -ge 20 ]' \
		'everything else works'
	ok 'scrape; grep -q "source=\"sampled\"" "$dir/metrics"' \
		'retries are estimated'
	is "$(who_counts)" sampled 'and measures say that they are'
	end "$tool_pid"
	stop_agent
else
	pass 'not root, or no setpriv: # SKIP'
fi

# ---- where it may ----------------------------------------------------------

config auto
start_agent --config "$dir/litegauge.ini"
scrape
if grep -q "$off" "$dir/metrics"; then
	pass "# SKIP the tracer cannot run here: $(reason)"
	stop_agent
	done_testing
fi
contend processes 4 --procs 4 --duration 8 --synchronous full
beside processes '4 processes'
contend threads 1 --procs 1 --threads 4 --duration 8
beside threads '4 threads of one process'
contend own 2 --procs 2 --threads 2 --handler own --duration 6
beside own 'a handler that sleeps the same way'

# A burst had reason to begin: refusals, holds.
scrape
cmp_num "$(metric 'sqlite_traced_seconds_total{db="app",source="kernel"}')" \
	'>' 1 'locks were traced, since something was wrong'
cmp_num "$(metric 'sqlite_write_lock_holds_total{db="app",source="kernel"}')" \
	'>' 50 'holds were measured'
cmp_num "$(metric 'sqlite_write_lock_hold_p50_seconds{db="app",source="kernel"}')" \
	'>=' 0.003 'they took the 3 ms that the app holds'
cmp_num "$(metric 'sqlite_write_lock_refusals_total{db="app",source="kernel"}')" \
	'>' 0 'and refusals were counted'
cmp_num "$(metric 'sqlite_fsyncs_total{db="app",source="kernel"}')" '>' 50 \
	'so were fsyncs'

# kill -9: nothing of it stays in the kernel.
programs() {
	bpftool prog show 2>/dev/null | grep -cE 'name (on_sleep|on_lock)'
}
PATH=$PATH:/usr/sbin
if command -v bpftool >/dev/null; then
	others=$(($(programs) - 2))
	kill_agent
	wait_for 5 '[ "$(programs)" = '"$others"' ]' \
		'the programs are gone with the agent, killed or not'
else
	kill_agent
	pass 'no bpftool: # SKIP'
fi

# ---- locks all the time ----------------------------------------------------

config always
start_agent --config "$dir/litegauge.ini"
contend elsewhere 4 --procs 4 --handler elsewhere --duration 8
cmp_num "$(metric 'sqlite_busy_unslept_ratio{db="app",source="kernel"}')" \
	'>' 0.9 'a handler that sleeps elsewhere is found out'
is "$(metric "$retries")" '' 'and then there is no count rather than a wrong one'
is "$(metric 'sqlite_traced_processes{db="app"}')" 0 'nor is it believed'
wait_for 20 '[ "$(who_counts)" = sampled ]' 'measures are estimated again'

# holds ARGS...: of the writer lock, that were timed while writers worked.
holds() {
	holds_before=$(metric "$holds_total")
	tool writers "$@" "$dir/app.db" >"$dir/writers.out"
	at=$(curl -s "$agent_url/api/v1/databases" | jq -r '.data[0].at')
	wait_for 5 '[ "$(curl -s "$agent_url/api/v1/databases" |
		jq -r ".data[0].at")" != "'"$at"'" ]'
	holds=$(($(metric "$holds_total") - holds_before))
}
holds_total='sqlite_write_lock_holds_total{db="app",source="kernel"}'
# One who stays keeps the -shm that is aimed at.
start_tool reader --mark-only "$dir/app.db"
wait_for 90 '[ "$(metric "sqlite_processes{db=\"app\"}")" = 1 ]'
holds --rate 100 --commits 300 --checkpoint passive --checkpoint-each 301
cmp_num "$holds" '>=' 300 'every hold of a busy app is timed'
cmp_num "$holds" '<=' 305 'and nothing else'
holds --synchronous off --update --seed-rows 10 --commits 100000
diag "of 100000 holds flat out $holds were timed"
cmp_num "$holds" '>' 100 'flat out, some are'
cmp_num "$holds" '<' 90000 'and some of them stand for the others'
stop_agent
done_testing
