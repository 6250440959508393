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

# Each case has a database of its own, app1, app2, ..., so that all can wait for
# the agent together.
names=$(seq 1 25)
printf '[agent]\nholders_interval = 5s\n' >"$dir/litegauge.ini"
for n in $names; do
	tool busy --commits 1 "$dir/app$n.db" >/dev/null
	printf '[database app%s]\npath = %s\n' "$n" "$dir/app$n.db" \
		>>"$dir/litegauge.ini"
done
start_agent --config "$dir/litegauge.ini"
n=0

of() {	# family, number: from the last scrape
	METRIC="$1{db=\"app$2\",source=\"probe\"} " awk '
		index($0, ENVIRON["METRIC"]) == 1 { print $NF }' "$dir/metrics"
}

processes() {	# number: how many count for it
	metric "sqlite_probe_processes{db=\"app$1\"}"
}

truth() {	# number, filter
	jq "$2" "$dir/truth$1"
}

# contend NAME PROCESSES BUSY-OPTIONS...: does it, and stays to be looked at.
contend() {
	n=$((n + 1))
	printf '%s\n' "$1" >"$dir/name$n"
	echo "$2" >"$dir/processes$n"
	shift 2
	case " $* " in
	*' --handler '*) touch "$dir/blind$n" ;;	# who does not count
	esac
	start_tool busy --probe "$probe" --truth "$dir/truth$n" \
	    --stay "$dir/go" "$@" "$dir/app$n.db"
	wait_for 60 'test -s "$dir/truth$n"'
}

# Somebody has the next one open, so that its index is there.  For who is refused
# while another makes it and comes again at once, in a prepare of its own, cannot
# be told from who was asleep in a handler, where SQLite has no lookaside memory.
keep_open() {
	start_tool reader --mark-only --ready-file "$dir/open$((n + 1))" \
	    "$dir/app$((n + 1)).db"
	wait_for 10 '[ -s "$dir/open$((n + 1))" ]'
}

arrived() {	# number
	scrape
	[ "$(of sqlite_commits_total "$1")" = "$(truth "$1" .commits)" ] &&
		[ "$(of sqlite_busy_pending "$1")" = 0 ]
}

check() {	# number: all that is known is equal
	name=$(cat "$dir/name$1")
	diag "$name: $(jq -c . "$dir/truth$1")," \
	    "retries counted $(of sqlite_busy_retries_total "$1")"
	wait_for 25 "arrived $1" "$name: commits are the app's"
	is "$(of sqlite_busy_timeouts_total "$1")" "$(truth "$1" .timeouts)" \
	    "$name: what came out as SQLITE_BUSY"
	is "$(of sqlite_snapshot_refusals_total "$1")" \
	    "$(truth "$1" .snapshots)" \
	    "$name: what came out as SQLITE_BUSY_SNAPSHOT"
	is "$(processes "$1")" "$(cat "$dir/processes$1")" "$name: processes"
	[ ! -e "$dir/blind$1" ] || return 0
	is "$(of sqlite_busy_retries_total "$1")" "$(truth "$1" .retries)" \
	    "$name: retries"
	# The clock is read a little outside the handler.
	off=$(awk -v a="$(of sqlite_busy_wait_seconds_total "$1")" \
	    -v b="$(truth "$1" .waited)" 'BEGIN { print a - b }')
	cmp_num "$off" '>=' -0.0001 "$name: no wait is missing"
	cmp_num "$off" '<=' "$(truth "$1" '.waited * 0.05 + 0.02')" \
	    "$name: nor too long"
}

contend 'one writer' 1 --commits 100
contend 'four processes' 4 --procs 4 --commits 200
contend '16 processes' 16 --procs 16 --commits 60
contend 'four threads' 1 --threads 4 --commits 200
contend '16 threads' 1 --threads 16 --commits 60
contend 'statements kept, two by four' 2 --procs 2 --threads 4 --commits 100 \
    --cached
contend 'a small timeout' 16 --procs 16 --commits 20 --timeout 5 --hold 1
cmp_num "$(truth "$n" .timeouts)" '>' 0 'some give up'
keep_open
contend 'no handler at all' 4 --procs 4 --commits 30 --handler none --hold 1
none=$n
cmp_num "$(truth "$n" .timeouts)" '>' 0 'without a handler they are refused'
keep_open
contend "SQLite's own handler" 8 --procs 8 --commits 30 --handler sqlite \
    --timeout 10 --hold 2
default=$n
contend 'read, then write' 4 --procs 4 --commits 20 --upgrade --read 2
cmp_num "$(truth "$n" .snapshots)" '>' 0 'the snapshot is too old for some'
contend 'children of one who had it open' 3 --procs 2 --commits 50 --begun
contend 'rollback journal' 4 --procs 4 --commits 40 --journal delete
contend 'rollback journal, threads' 1 --threads 4 --commits 40 \
    --journal delete
contend 'rollback journal, upgrades' 4 --procs 4 --commits 20 \
    --journal delete --upgrade --timeout 20
contend 'a crash' 1 --commits 50 --crash
crash=$n
for k in $(seq 1 "$n"); do
	check "$k"
done
is "$(of sqlite_busy_retries_total "$none")" 0 \
    'who has no handler does not retry'
cmp_num "$(of sqlite_busy_retries_total "$default")" '>' 0 \
    "retries of SQLite's handler are counted too"

# ---- after the end, by SIGKILL or not
touch "$dir/go"
end_tool
wait_for 25 '[ "$(processes $crash)" = 0 ]' 'who is killed counts no more'
is "$(of sqlite_commits_total "$crash")" 50 'but what it counted stays'
wait_for 25 '[ "$(processes 1)" = 0 ]' 'nor does who has ended'
is "$(of sqlite_commits_total 1)" 100 'and that stays too'
is "$(sqlite3 "$dir/app$crash.db" 'PRAGMA integrity_check')" ok \
    'the database is well'
cmp_num "$(find "$dir/probe" -name '*.probe' | wc -l)" '>' 0 'files were left'
n=$((n + 1))
db=$dir/app$n.db
tool busy --probe "$probe" --commits 1 "$db" >/dev/null
is "$(find "$dir/probe" -name '*.probe' | wc -l)" 1 \
    'which the next process removed'

# ---- what is not a probe's file
whole=$(find "$dir/probe" -name '*.probe' | head -n 1)
cp "$whole" "$dir/dead"
rm -f "$dir/probe"/*
start_tool busy --probe "$probe" --truth "$dir/truth-live" --stay "$dir/go-live" \
    --commits 10 "$db"
wait_for 20 'test -s "$dir/truth-live"'
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
	metric "sqlite_probe_files_ignored{db=\"app$n\",reason=\"$1\"}"
}
wait_for 25 '[ "$(ignored damaged)" = 6 ]' \
    'a part, too much, noise, a pipe, a link, a directory: damaged'
is "$(ignored version)" 1 'another version is said to be one'
is "$(ignored dead)" 1 "and a dead process's file"
is "$(processes "$n")" 1 'the good one counts'
is "$(metric "sqlite_up{db=\"app$n\"}")" 1 'and nobody is disturbed'
if [ "$(id -u)" = 0 ]; then
	rm -f "$dir/probe"/[a-z]*.probe
	kill -STOP "$agent_pid"
	chown 65534 "$live"
	kill -CONT "$agent_pid"
	stop_agent
	start_agent --config "$dir/litegauge.ini"
	wait_for 25 '[ "$(ignored owner)" = 1 ]' \
	    "a file that is not its process's is not believed"
	is "$(processes "$n")" '' 'nor counted'
fi
touch "$dir/go-live"
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

is "$(ulimit -f 0; sqlite3 :memory: ".load $probe" ".open $dir/say.db" \
    'SELECT * FROM t')" 7 'who may write no file at all is not killed for ours'
rm -f "$dir/probe"/*
in_namespace() {
	unshare --pid --fork sqlite3 :memory: ".load $probe" \
	    ".open $dir/say.db" 'SELECT * FROM t'
}
if [ "$(in_namespace 2>/dev/null)" = 7 ]; then
	in_namespace >/dev/null
	is "$(find "$dir/probe" -name '*.probe' | wc -l)" 1 \
	    'of another PID namespace, too, the dead are removed'
	rm -f "$dir/probe"/*
	start "$dir/lives" unshare --pid --fork --kill-child sqlite3 :memory: \
	    ".load $probe" ".open $dir/say.db" 'SELECT * FROM t' \
	    '.shell echo lives; exec sleep 60'
	wait_for 20 'grep -q lives "$dir/lives"'
	sqlite3 :memory: ".load $probe" ".open $dir/say.db" 'SELECT * FROM t' \
	    >/dev/null
	is "$(find "$dir/probe" -name '*.probe' | wc -l)" 2 \
	    'and who lives there keeps its file'
	kill -KILL "$child"	# it is deaf to less
	wait "$child" 2>/dev/null
fi
rm -f "$dir/probe"/*
is "$(say >/dev/null; stat -c %a "$dir/probe"/*)" 444 \
    'nobody is to write to a file but through its mapping'
rm -f "$dir/probe"/*
stranger=$((100000 + $$))	# nobody's number
shm=/dev/shm/litegauge-probe-$stranger
if [ "$(id -u)" = 0 ] && [ ! -e /run/litegauge/probe ]; then
	mkdir "$dir/any"
	cp "$probe.so" "$dir/any"
	chmod -R 755 "$dir/any"
	chmod 711 "$dir"
	(umask 077; setpriv --reuid "$stranger" --clear-groups env \
	    -u LITEGAUGE_PROBE_DIR sqlite3 :memory: ".load $dir/any/${probe##*/}" \
	    ".open $dir/say.db" 'SELECT * FROM t') >/dev/null 2>&1
	is "$(stat -c %a "$shm")" 755 'the directory of a user is for all to read'
	rm -rf "$shm"
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

# ---- a library that has an SQLite of its own inside, seen from everywhere
cat >"$dir/inside.c" <<'C'
int sqlite3_open(const char *name, void **ret);

int
sqlite3_open(const char *name, void **ret)
{
	static int connection;

	*ret = &connection;
	return name[0] == 'x' ? 42 : 1;
}

int
call(void)
{
	void *connection;

	return sqlite3_open("x", &connection) + 1;	/* not a jump */
}

int
jump(void)
{
	static void *connection;

	return sqlite3_open("x", &connection);
}
C
cat >"$dir/inside.py" <<'PY'
import ctypes, sys
if sys.argv[2]:
    import sqlite3
    sqlite3.connect(":memory:").execute("SELECT 1")
print(getattr(ctypes.CDLL(sys.argv[1]), sys.argv[3])())
PY
inside() {	# 1: beside the system's; function
	LD_PRELOAD=$preload python3 "$dir/inside.py" "$dir/inside.so" "$@" 2>&1
}
if ! python3 -c 'import ctypes, sqlite3' 2>/dev/null ||
    ! cc -O2 -fPIC -shared -o "$dir/inside.so" "$dir/inside.c"; then
	pass 'no compiler or no Python here: # SKIP'
else
	is "$(inside '' call)" 43 'an SQLite inside of a library is that one'
	is "$(inside '' jump)" 42 'also when it is opened by a jump'
	is "$(inside 1 call)" 43 "and beside the system's it is not that"
fi

# held NUMBER NAME PROGRAM...: it says "ready" when it has made three commits to
# its database, and stays until all of them are seen.
held=
held() {
	h_n=$1
	echo "$2" >"$dir/name$1"
	shift 2
	start "$dir/held$h_n" "$@"
	held="$held $h_n"
}

cat >"$dir/app.py" <<'PY'
import os, sqlite3, sys, time
if sys.argv[2]:
    loader = sqlite3.connect(":memory:")
    loader.enable_load_extension(True)
    loader.load_extension(sys.argv[2])
    loader.close()
if sys.argv[3:] == ["drop"]:
    os.setgid(65534)
    os.setuid(65534)
    sys.argv.pop()
c = sqlite3.connect(sys.argv[1])
for i in range(3):
    with c:
        c.execute("UPDATE t SET n = n + 1")
print("ready", flush=True)
if sys.argv[3:]:
    while not os.path.exists(sys.argv[3]):
        time.sleep(0.05)
    os.execv(sys.executable, [sys.executable] + sys.argv[:3])
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
cat >"$dir/app.rb" <<'RB'
require 'sqlite3'
loader = SQLite3::Database.new(':memory:')
loader.enable_load_extension(true)
loader.load_extension(ARGV[1])
loader.close
db = SQLite3::Database.new(ARGV[0])
3.times { db.execute('UPDATE t SET n = n + 1') }
puts 'ready'
$stdout.flush
sleep 60
RB
cat >"$dir/app.pl" <<'PL'
use DBI;
$| = 1;
my $loader = DBI->connect('dbi:SQLite::memory:', '', '', { RaiseError => 1 });
$loader->sqlite_enable_load_extension(1);
$loader->sqlite_load_extension($ARGV[1]);
$loader->disconnect;
my $db = DBI->connect("dbi:SQLite:$ARGV[0]", '', '', { RaiseError => 1 });
$db->do('UPDATE t SET n = n + 1') for 1 .. 3;
print "ready\n";
sleep 60;
PL
cat >"$dir/app.php" <<'PHP'
<?php
$loader = new SQLite3(':memory:');
$loader->loadExtension($argv[2]);
$loader->close();
$db = $argv[3] === 'pdo' ? new PDO("sqlite:$argv[1]") : new SQLite3($argv[1]);
for ($i = 0; $i < 3; $i++)
	$db->exec('UPDATE t SET n = n + 1');
echo "ready\n";
sleep(60);
PHP
extensions=sqlite3.extension_dir=${probe%/*}	# as php.ini may say
loads='import sqlite3; sqlite3.connect(":memory:").enable_load_extension(True)'
for python in /usr/bin/python3 python3; do
	"$python" -c "$loads" 2>/dev/null || continue
	held 17 'Python, loaded' "$python" "$dir/app.py" "$dir/app17.db" \
	    "$probe"
	break
done
if python3 -c 'import sqlite3' 2>/dev/null; then
	held 18 'Python, preloaded' env "LD_PRELOAD=$preload" python3 \
	    "$dir/app.py" "$dir/app18.db" ''
	held 24 'Python that becomes another program' env \
	    "LD_PRELOAD=$preload" python3 "$dir/app.py" "$dir/app24.db" '' \
	    "$dir/go24"
fi
# What belongs to it in /proc is root's then.
if [ "$(id -u)" = 0 ] && /usr/bin/python3 -c 'import sqlite3' 2>/dev/null; then
	cp "$preload" "$dir/pre.so"
	mkdir -p "$dir/any"
	mv "$dir"/app25.db* "$dir/any"
	ln -s "$dir/any/app25.db" "$dir/app25.db"
	chmod 711 "$dir"
	chmod 1777 "$dir/probe"
	chmod 644 "$dir/app.py"
	chmod 755 "$dir/pre.so"
	chown -R 65534 "$dir/any"
	held 25 'a server that gave up being root' env \
	    "LD_PRELOAD=$dir/pre.so" /usr/bin/python3 "$dir/app.py" \
	    "$dir/app25.db" '' drop
fi
if node -e 'require("node:sqlite")' 2>/dev/null; then
	held 19 Node node "$dir/app.js" "$dir/app19.db" "$probe"
fi
if ruby -e 'require "sqlite3"' 2>/dev/null; then
	held 20 Ruby ruby "$dir/app.rb" "$dir/app20.db" "$probe"
else
	pass 'Ruby has no sqlite3 here: # SKIP'
fi
if perl -MDBD::SQLite -e 1 2>/dev/null; then
	held 21 Perl perl "$dir/app.pl" "$dir/app21.db" "$probe"
else
	pass 'Perl has no DBD::SQLite here: # SKIP'
fi
if php -r 'exit(!class_exists("SQLite3"));' 2>/dev/null; then
	held 22 PHP php -d "$extensions" "$dir/app.php" "$dir/app22.db" \
	    "${probe##*/}.so" class
else
	pass 'PHP has no SQLite3 here: # SKIP'
fi
if php -r 'exit(!extension_loaded("pdo_sqlite"));' 2>/dev/null; then
	held 23 "PHP's PDO" php -d "$extensions" "$dir/app.php" \
	    "$dir/app23.db" "${probe##*/}.so" pdo
else
	pass 'PHP has no PDO for SQLite here: # SKIP'
fi
for n in $held; do
	name=$(cat "$dir/name$n")
	wait_for 20 'grep -q ready "$dir/held$n"' || cat "$dir/held$n"
	wait_for 25 '[ "$(processes "$n")" = 1 ]' "$name is seen"
	is "$(of sqlite_commits_total "$n")" 3 "$name: its commits"
done
: >"$dir/go24"
case $held in
*24*)
	wait_for 25 'scrape && [ "$(of sqlite_commits_total 24)" = 6 ]' \
	    'and those of the program that it has become'
	is "$(processes 24)" 1 'which is the same process'
	;;
esac
stop_agent
done_testing
