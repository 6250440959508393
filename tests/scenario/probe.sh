#!/bin/sh
# What apps count themselves, where they have the probe: equal to what an app
# with a counting busy handler knows, for processes and for threads, for waits,
# for giving up and for snapshots that are too old.  And whatever else lies
# where the probes put their files is not believed.
. "$(dirname "$0")/lib.sh"

probe=${PROBE:-$PWD/build/litegauge_probe}
preload=${PRELOAD:-$PWD/build/litegauge_preload.so}
LITEGAUGE_PROBE_DIR=$dir/probe
export LITEGAUGE_PROBE_DIR
mkdir "$LITEGAUGE_PROBE_DIR"
db=$dir/app.db

of() {	# family: from the last scrape
	METRIC="$1{db=\"app\",source=\"probe\"} " awk '
		index($0, ENVIRON["METRIC"]) == 1 { print $NF }' "$dir/metrics"
}

truth() {
	jq "$1" "$dir/truth"
}

# The agent's totals go on from run to run: what came since is compared.
remember() {
	scrape
	for r_name in busy_retries busy_timeouts snapshot_refusals commits \
	    busy_wait_seconds; do
		r_value=$(of "sqlite_${r_name}_total")
		eval "was_$r_name=${r_value:-0}"
	done
}

since() {	# family, between "sqlite_" and "_total"
	eval "s_was=\$was_$1"
	awk -v a="$(of "sqlite_$1_total")" -v b="$s_was" \
	    'BEGIN { print a - b }'
}

arrived() {
	scrape
	[ "$(since commits)" = "$(truth .commits)" ] &&
		[ "$(of sqlite_busy_pending)" = 0 ]
}

# contend NAME PROCESSES BUSY-OPTIONS...: all that is known is equal.
contend() {
	c_name=$1 c_processes=$2
	shift 2
	rm -f "$dir/truth" "$dir/go"
	remember
	start_tool busy --probe "$probe" --truth "$dir/truth" \
	    --stay "$dir/go" "$@" "$db"
	wait_for 60 'test -s "$dir/truth"' || return
	wait_for 15 arrived "$c_name: commits are the app's"
	is "$(since busy_timeouts)" "$(truth .timeouts)" \
	    "$c_name: what came out as SQLITE_BUSY"
	is "$(since snapshot_refusals)" "$(truth .snapshots)" \
	    "$c_name: what came out as SQLITE_BUSY_SNAPSHOT"
	is "$(metric 'sqlite_probe_processes{db="app"}')" "$c_processes" \
	    "$c_name: processes"
	c_retries=$(since busy_retries)
	case " $* " in
	*' --handler '*) ;;
	*)	is "$c_retries" "$(truth .retries)" "$c_name: retries"
		# The clock is read a little outside the handler.
		c_off=$(awk -v a="$(since busy_wait_seconds)" \
		    -v b="$(truth .waited)" 'BEGIN { print a - b }')
		cmp_num "$c_off" '>=' -0.0001 "$c_name: no wait is missing"
		cmp_num "$c_off" '<=' "$(truth '.waited * 0.05 + 0.02')" \
		    "$c_name: nor too long" ;;
	esac
	diag "$c_name: retries $c_retries, truth $(jq -c . "$dir/truth")"
	touch "$dir/go"
	end_tool
}

gone() {
	[ "$(metric 'sqlite_probe_processes{db="app"}')" = 0 ]
}

tool busy --commits 1 "$db" >/dev/null
start_agent --db "app=$db"

contend 'one writer' 1 --commits 100
contend 'four processes' 4 --procs 4 --commits 200
contend '16 processes' 16 --procs 16 --commits 60
contend 'four threads' 1 --threads 4 --commits 200
contend '16 threads' 1 --threads 16 --commits 60
contend 'statements kept, two by four' 2 --procs 2 --threads 4 --commits 100 \
    --cached
contend 'a small timeout' 16 --procs 16 --commits 20 --timeout 5 --hold 1
cmp_num "$(truth .timeouts)" '>' 0 'some gave up'
contend 'no handler at all' 4 --procs 4 --commits 30 --handler none --hold 1
cmp_num "$(truth .timeouts)" '>' 0 'they were refused at once'
is "$c_retries" 0 'and none of that is a retry'
contend "SQLite's own handler" 8 --procs 8 --commits 30 --handler sqlite \
    --timeout 10 --hold 2
cmp_num "$c_retries" '>' 0 'its retries are counted too'
contend 'read, then write' 4 --procs 4 --commits 20 --upgrade --read 2
cmp_num "$(truth .snapshots)" '>' 0 'the snapshot was too old for some'
contend 'children of one who had it open' 3 --procs 2 --commits 50 --begun

# ---- rollback journal
wait_for 15 gone 'who has ended is not counted any more'
sqlite3 "$db" 'PRAGMA journal_mode = DELETE' >/dev/null
contend 'rollback journal' 4 --procs 4 --commits 40 --journal delete
contend 'rollback journal, threads' 1 --threads 4 --commits 40 --journal delete
contend 'rollback journal, upgrades' 4 --procs 4 --commits 20 \
    --journal delete --upgrade --timeout 20
sqlite3 "$db" 'PRAGMA journal_mode = WAL' >/dev/null

# ---- a crash
remember
rm -f "$dir/truth" "$dir/go"
start_tool busy --probe "$probe" --truth "$dir/truth" --stay "$dir/go" \
    --crash --commits 50 "$db"
wait_for 20 'test -s "$dir/truth"'
wait_for 15 arrived 'an app that will crash is counted'
touch "$dir/go"
end_tool
wait_for 15 gone 'and after its SIGKILL no more'
is "$(since commits)" 50 'but what it counted stays'
is "$(sqlite3 "$db" 'PRAGMA integrity_check')" ok 'the database is well'
cmp_num "$(find "$dir/probe" -name '*.probe' | wc -l)" '>' 0 'it left its file'
tool busy --probe "$probe" --commits 1 "$db" >/dev/null
is "$(find "$dir/probe" -name '*.probe' | wc -l)" 1 \
    'which the next process removed'

# ---- what is not a probe's file
whole=$(find "$dir/probe" -name '*.probe' | head -n 1)
cp "$whole" "$dir/dead"
rm -f "$dir/probe"/*
start_tool busy --probe "$probe" --truth "$dir/truth2" --stay "$dir/go2" \
    --commits 10 "$db"
wait_for 20 'test -s "$dir/truth2"'
live=$(find "$dir/probe" -name '*.probe')
head -c 1000 "$live" >"$dir/probe/truncated.probe"
cp "$live" "$dir/probe/other-version.probe"
printf '\377' | dd of="$dir/probe/other-version.probe" bs=1 seek=8 \
    conv=notrunc 2>/dev/null
cp "$live" "$dir/probe/huge.probe"
truncate -s 1T "$dir/probe/huge.probe" 2>/dev/null ||
	truncate -s 1G "$dir/probe/huge.probe"
mkfifo "$dir/probe/fifo.probe"
ln -s "$live" "$dir/probe/link.probe"
mkdir "$dir/probe/directory.probe"
head -c 65776 /dev/urandom >"$dir/probe/noise.probe"
cp "$dir/dead" "$dir/probe/dead.probe"
ignored() {	# reason
	metric "sqlite_probe_files_ignored{db=\"app\",reason=\"$1\"}"
}
wait_for 15 '[ "$(ignored damaged)" = 6 ]' \
    'a part, too much, noise, a pipe, a link, a directory: damaged'
is "$(ignored version)" 1 'another version is said to be one'
is "$(ignored dead)" 1 "and a dead process's file"
is "$(metric 'sqlite_probe_processes{db="app"}')" 1 'the good one counts'
is "$(metric 'sqlite_up{db="app"}')" 1 'and nobody is disturbed'
if [ "$(id -u)" = 0 ]; then
	rm -f "$dir/probe"/[a-z]*.probe
	kill -STOP "$agent_pid"
	chown 65534 "$live"
	kill -CONT "$agent_pid"
	stop_agent
	start_agent --db "app=$db"
	wait_for 15 '[ "$(ignored owner)" = 1 ]' \
	    "a file that is not its process's is not believed"
	is "$(metric 'sqlite_probe_processes{db="app"}')" '' 'nor counted'
fi
touch "$dir/go2"
end_tool
rm -rf "$dir/probe"/*

# ---- places where nothing can be written
say() {	# shell with the extension: rows of a table in a database of its own
	rm -f "$dir/say.db"
	sqlite3 :memory: ".load $probe" ".open $dir/say.db" \
	    'CREATE TABLE t(x); INSERT INTO t VALUES(7); SELECT * FROM t'
}
ok 'LITEGAUGE_PROBE_DIR=$dir/nowhere say' 'a directory that is not there'
ok 'LITEGAUGE_PROBE_DIR=/proc say' 'one in which nothing can be made'
ln -s "$dir/probe" "$dir/linked"
is "$(LITEGAUGE_PROBE_DIR=$dir/linked say)" 7 'one that is a link'
is "$(find "$dir/probe" -type f | wc -l)" 0 'is not followed'
if [ "$(id -u)" = 0 ] && mkdir "$dir/full" &&
    mount -t tmpfs -o size=16k none "$dir/full" 2>/dev/null; then
	is "$(LITEGAUGE_PROBE_DIR=$dir/full say)" 7 'a full file system'
	is "$(find "$dir/full" -type f | wc -l)" 0 'keeps no part of a file'
	umount "$dir/full"
fi

# ---- other programs
counted() {	# by files alone: the processes are over
	find "$dir/probe" -name '*.probe' | wc -l
}
is "$(LD_PRELOAD=$preload sqlite3 "$dir/say.db" 'SELECT * FROM t')" 7 \
    'the shell, preloaded'
is "$(counted)" 1 'was counted from its first connection'
rm -f "$dir/probe"/*
is "$(LD_PRELOAD=$preload echo still)" still 'who has no SQLite is left alone'

# held PROGRAM...: it says "ready", and is counted while it waits.
held() {
	h_name=$1
	shift
	remember
	start "$dir/held" "$@"
	wait_for 20 'grep -q ready "$dir/held"' || { cat "$dir/held"; return; }
	wait_for 15 '[ "$(metric "sqlite_probe_processes{db=\"app\"}")" = 1 ]' \
	    "$h_name is seen"
	is "$(scrape; since commits)" 3 "$h_name: its commits"
	end "$child"
	: >"$dir/held"
	wait_for 15 gone
}

cat >"$dir/app.py" <<'PY'
import sqlite3, sys, time
if sys.argv[2]:
    loader = sqlite3.connect(":memory:")
    loader.enable_load_extension(True)
    loader.load_extension(sys.argv[2])
    loader.close()
c = sqlite3.connect(sys.argv[1])
for i in range(3):
    with c:
        c.execute("UPDATE t SET n = n + 1")
print("ready", flush=True)
time.sleep(60)
PY
cat >"$dir/app.js" <<'JS'
const { DatabaseSync } = require('node:sqlite');
const loader = new DatabaseSync(':memory:', { allowExtension: true });
loader.loadExtension(process.argv[3]);
loader.close();
const db = new DatabaseSync(process.argv[2]);
for (let i = 0; i < 3; i++)
	db.exec('UPDATE t SET n = n + 1');
console.log('ready');
setTimeout(() => {}, 60000);
JS
tool busy --commits 1 "$db" >/dev/null
loads='import sqlite3; sqlite3.connect(":memory:").enable_load_extension(True)'
for python in /usr/bin/python3 python3; do
	command -v "$python" >/dev/null || continue
	[ -z "${python_done:-}" ] || continue
	"$python" -c "$loads" 2>/dev/null || continue
	held "python, loaded" "$python" "$dir/app.py" "$db" "$probe"
	python_done=1
done
if python3 -c 'import sqlite3' 2>/dev/null; then
	held 'python, preloaded' env "LD_PRELOAD=$preload" python3 \
	    "$dir/app.py" "$db" ''
fi
if node -e 'require("node:sqlite")' 2>/dev/null; then
	held node node "$dir/app.js" "$db" "$probe"
fi
stop_agent
done_testing
