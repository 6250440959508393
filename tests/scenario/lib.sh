# shellcheck shell=sh disable=SC2016,SC2034
# lib - what a scenario test is written in.
#
# A scenario is a shell script that runs the built agent against a real
# database and a real receiver, and speaks TAP, so that prove runs it:
#
#	#!/bin/sh
#	# The commit rate is the one the app has.
#	. "$(dirname "$0")/lib.sh"
#
#	tool writers --setup-only "$dir/app.db"
#	start_agent --db "app=$dir/app.db"
#	start_tool writers --rate 20 --duration 60 "$dir/app.db"
#	wait_for 5 'test "$(metric "sqlite_up{db=\"app\"}")" = 1' 'it is seen'
#	is "$(sink_count)" 0 'nobody is told'
#	stop_agent
#	done_testing
#
# The rules.  Wait for a condition with a limit (wait_for), never sleep and
# hope.  Everything a test writes is below $dir, which is private to it and is
# removed at the end (KEEP=1 keeps it and says where).  Every child is started
# with start_..., which has it ended with the test.  Assertions count in the
# shell that makes them: none in a subshell or a pipe.  A name comes last and
# is a sentence.
#
#	plan N			so many assertions will be made, or
#	done_testing		that were all of them; one of the two
#	skip_all WHY		instead of a test that cannot run here
#	pass NAME, fail NAME	an assertion that is decided already
#	ok 'COMMAND' NAME	the command succeeds; not_ok: it fails
#	is GOT WANT NAME	the same text
#	like GOT ERE NAME	matches; unlike: does not
#	cmp_num A OP B NAME	numbers, with < <= = != >= >
#	wait_for S 'COMMAND' [NAME]
#				the command succeeds within S seconds; without
#				a NAME it is heard of only when it does not
#	diag TEXT		a remark, on stderr, where prove shows it
#
#	tool NAME ARGS...	run a test tool, see the top of its source
#	start_tool NAME ARGS...	the same, beside the test: $tool_pid, and what
#				it prints in $tool_out; end_tool waits for it
#				and returns its status
#	start_agent ARGS...	litegauge run, on a $port of its own and with
#				$dir/state.db: $agent_pid, $agent_url, and its
#				log in $agent_log; returns when it is ready.
#				A second start has the same port and state
#	stop_agent, kill_agent	SIGTERM and its exit status, SIGKILL
#	scrape			/metrics into $dir/metrics
#	metric 'NAME{LABELS}'	one value, from a scrape of now; empty: absent
#	start_sink [SCRIPT]	a receiver that answers as the script says:
#				$sink_url, $sink_log, $sink_pid.  With another
#				start the names stand for the newest
#	restart_sink [SCRIPT]	it comes back after a stop_sink, on the same
#				port and with the same log
#	stop_sink		it goes away
#	sink_count		how many requests it had
#	sink_request N FILTER	request N, from 1, through jq -r
#	free_port		a TCP port of 127.0.0.1 that nobody uses
#	start LOG COMMAND ARGS...
#				any other child: $child
#	alive PID		a child that has not ended
#
# LITEGAUGE names the agent (build/litegauge), TOOLS the folder of the tools
# (build/tools).

case ${0##*/} in
lib.sh)
	echo "1..0 # SKIP this is what the tests are written in"
	exit 0
	;;
esac

tap_count=0 tap_failed=0 tap_plan=
children='' sinks=0 tools=0
port='' agent_pid='' agent_status='' agent_url=''
tool_pid='' tool_out='' sink_pid='' sink_url='' sink_log=''

dir=$(mktemp -d "${TMPDIR:-/tmp}/litegauge.XXXXXX") || exit 1
agent_log=$dir/agent.log

# ---- children -------------------------------------------------------------

# A number that has been given to somebody else's process is not a child: a
# line of /proc/PID/stat says so, after the name, which may hold anything.
alive() {
	{ read -r stat_line <"/proc/$1/stat"; } 2>/dev/null || return 1
	# shellcheck disable=SC2086 # the words are wanted
	set -- ${stat_line##*) }
	[ "$2" = $$ ] && [ "$1" != Z ]
}

# Without our trap: a child must not lose a SIGTERM before it is a program.
start() {
	start_log=$1
	shift
	trap - TERM
	"$@" >>"$start_log" 2>&1 </dev/null &
	child=$!
	trap 'exit 143' TERM
	children="$children $child"
}

# Centiseconds since boot, without a process for it.
now() {
	read -r now_up _ </proc/uptime
	now=$((${now_up%.*} * 100 + 1${now_up#*.} - 100))
}

# pause_since BEGAN LEAST: before another look, by centiseconds.  The longer it
# takes the longer the pause: a look costs processes, which the others that are
# tested at the same time would rather have.
pause_since() {
	pause=$(((now - $1) / 8))
	[ "$pause" -ge "$2" ] || pause=$2
	[ "$pause" -le 50 ] || pause=50
	[ "$pause" -ge 10 ] || pause=0$pause
	sleep "0.$pause"
}

# end PID: SIGTERM, and SIGKILL for a child that is deaf to it.  Its status.
end() {
	alive "$1" && kill -TERM "$1" 2>/dev/null
	now
	end_at=$((now + 2000))
	end_began=$now
	while alive "$1" && now && [ "$now" -lt "$end_at" ]; do
		pause_since "$end_began" 1
	done
	if alive "$1"; then
		diag "process $1 did not end in 20 s and was killed"
		kill -KILL "$1" 2>/dev/null
	fi
	wait "$1" 2>/dev/null
}

leave() {
	leave_status=$?
	set +e
	trap - EXIT
	trap '' INT TERM HUP
	for leave_pid in $children; do
		alive "$leave_pid" && kill -TERM "$leave_pid" 2>/dev/null
	done
	for leave_pid in $children; do
		end "$leave_pid"
	done
	if [ -n "${KEEP:-}" ]; then
		diag "kept: $dir"
	else
		rm -rf "$dir"
	fi
	[ "$tap_failed" -eq 0 ] || leave_status=1
	exit "$leave_status"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- assertions -----------------------------------------------------------

diag() {
	printf '%s\n' "$*" | sed 's/^/# /' >&2
}

plan() {
	tap_plan=$1
	echo "1..$1"
}

done_testing() {
	[ -n "$tap_plan" ] || plan "$tap_count"
	exit 0
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

pass() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

fail() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	shift
	for fail_why in "$@"; do
		[ -z "$fail_why" ] || diag "$fail_why"
	done
	return 1
}

# What the agent said last, for whoever reads about a failure.
log_tail() {
	[ -s "$agent_log" ] || return 0
	diag "the agent's log ends:"
	diag "$(tail -n 20 "$agent_log")"
}

# A command in a string; what it says matters only when it disappoints.
try() {
	eval "$1" >"$dir/said" 2>&1
}

ok() {
	if try "$1"; then
		pass "$2"
	else
		fail "$2" "failed: $1" "$(tail -n 20 "$dir/said")"
	fi
}

not_ok() {
	if try "$1"; then
		fail "$2" "did not fail: $1" "$(tail -n 20 "$dir/said")"
	else
		pass "$2"
	fi
}

is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" " got: $1" "want: $2"
	fi
}

like() {
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then
		pass "$3"
	else
		fail "$3" "    got: $1" "matches: $2"
	fi
}

unlike() {
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then
		fail "$3" "            got: $1" "must not match: $2"
	else
		pass "$3"
	fi
}

# No number is no answer: it fails, whatever it is compared with.
cmp_num() {
	if awk -v a="$1" -v op="$2" -v b="$3" 'BEGIN {
		number = "^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$"
		if (a !~ number || b !~ number)
			exit 1
		d = a - b
		holds["<"] = d < 0
		holds["<="] = d <= 0
		holds["="] = d == 0
		holds["!="] = d != 0
		holds[">="] = d >= 0
		holds[">"] = d > 0
		exit !holds[op]
	}'; then
		pass "$4"
	else
		fail "$4" "not so: '$1' $2 '$3'"
	fi
}

wait_for() {
	now
	wait_began=$now
	until try "$2"; do
		now
		if [ $((now - wait_began)) -ge $(($1 * 100)) ]; then
			fail "${3:-$2}" "not within $1 s: $2" \
				"$(tail -n 20 "$dir/said")"
			log_tail
			return 1
		fi
		pause_since "$wait_began" 3
	done
	[ -z "${3:-}" ] || pass "$3"
}

# ---- tools ----------------------------------------------------------------

tool() {
	tool_name=$1
	shift
	"${TOOLS:-build/tools}/$tool_name" "$@"
}

start_tool() {
	tool_name=$1
	shift
	tools=$((tools + 1))
	tool_out=$dir/$tool_name.$tools.out
	start "$tool_out" "${TOOLS:-build/tools}/$tool_name" "$@"
	tool_pid=$child
}

end_tool() {
	wait "$tool_pid"
}

# Below the ports that the kernel gives to clients, so that none of those
# takes it before we do.
free_port() {
	while :; do
		port_try=$(od -An -N2 -tu2 /dev/urandom)
		port_try=$((20000 + port_try % 12000))
		port_hex=$(printf ':%04X ' "$port_try")
		grep -Fq "$port_hex" /proc/net/tcp /proc/net/tcp6 2>/dev/null ||
			break
	done
	echo "$port_try"
}

# ---- the agent ------------------------------------------------------------

agent_answers() {
	[ "$(curl -s -m 2 -o "$dir/agent.ready" -w '%{http_code}' \
		"$agent_url/-/ready")" = 200 ]
}

start_agent() {
	[ -n "$port" ] || port=$(free_port)
	agent_url=http://127.0.0.1:$port
	start "$agent_log" "${LITEGAUGE:-build/litegauge}" run \
		--listen "127.0.0.1:$port" --state "$dir/state.db" "$@"
	agent_pid=$child
	wait_for 10 '! alive "$agent_pid" || agent_answers' || return 1
	alive "$agent_pid" && return 0
	wait "$agent_pid"
	fail 'the agent starts' "it ended with status $?"
	log_tail
	return 1
}

stop_agent() {
	end "$agent_pid"
	agent_status=$?
	agent_pid=
	return "$agent_status"
}

kill_agent() {
	kill -KILL "$agent_pid"
	wait "$agent_pid" 2>/dev/null
	agent_pid=
	return 0
}

scrape() {
	: >"$dir/metrics"
	curl -sf -m 10 -o "$dir/metrics" "$agent_url/metrics"
}

metric() {
	scrape
	METRIC="$1 " awk 'index($0, ENVIRON["METRIC"]) == 1 {
		split(substr($0, length(ENVIRON["METRIC"]) + 1), rest, " ")
		print rest[1]
		exit
	}' "$dir/metrics"
}

# ---- the receiver ---------------------------------------------------------

open_sink() {
	start "$dir/sink.err" "${TOOLS:-build/tools}/sink" --log "$sink_log" \
		--port-file "$sink_log.port" "$@"
	sink_pid=$child
	wait_for 10 '[ -s "$sink_log.port" ] || ! alive "$sink_pid"'
	if ! alive "$sink_pid"; then
		fail 'the sink starts' "$(cat "$dir/sink.err")"
		return 1
	fi
	sink_port=$(cat "$sink_log.port")
	sink_url=http://127.0.0.1:$sink_port
}

start_sink() {
	sinks=$((sinks + 1))
	sink_log=$dir/sink.$sinks.jsonl
	: >"$sink_log"
	open_sink --script "${1:-200}"
}

restart_sink() {
	rm -f "$sink_log.port"
	open_sink --script "${1:-200}" --port "$sink_port"
}

stop_sink() {
	end "$sink_pid"
}

sink_count() {
	wc -l <"$sink_log" | tr -d ' '
}

sink_request() {
	sed -n "$1p" "$sink_log" | jq -r "$2"
}
