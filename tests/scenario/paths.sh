#!/bin/sh
# A path that is wrong says why and holds up nobody; once it is right, what is
# behind it is counted exactly, wherever the file comes from and goes to.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

# A database to put somewhere: fresh FILE [ROWS]
fresh() {
	rm -f "$1"
	tool writers --setup-only --synchronous off \
		--seed-rows "${2:-0}" "$1" >"$dir/out"
}

# The agent has this file's -shm open.
follows() {
	find "/proc/$agent_pid/fd" -lname "$(readlink -f "$1")-shm" |
		grep -q .
}

# So many commits, by a program that opens the file and closes it again.  An
# app lives longer than that, so it waits to be seen: writes FILE N [SECONDS]
writes() {
	rm -f "$dir/opened" "$dir/go"
	start_tool writers --synchronous off --commits "$2" \
		--ready-file "$dir/opened" --go-file "$dir/go" "$1"
	wait_for 5 '[ -s "$dir/opened" ]'
	wait_for "${3:-5}" "follows \"$1\""
	: >"$dir/go"
	end_tool || fail "the writers of $1 fail" "$(cat "$tool_out")"
}

count() {
	metric "sqlite_write_transactions_total{db=\"$1\"}"
}

up() {
	[ "$(metric "sqlite_up{db=\"$1\"}")" = "$2" ]
}

counted() {
	[ "$(count "$1")" = "$2" ]
}

# What the API says of a database: api NAME FILTER
api() {
	curl -sf -m 5 "$agent_url/api/v1/databases" |
		jq -r --arg db "$1" ".data[] | select(.name == \$db) | $2"
}

page() {
	curl -sf -m 5 "$agent_url/"
}

# ---- wrong from the start -------------------------------------------------

# A name, what is there, and why that is down.
wrong='absent:No such file or directory
noise:not an SQLite database, or an encrypted one
text:not an SQLite database: only 6 bytes
fifo:not a regular file
folder:not a regular file
closed:Permission denied'

lay() {
	fresh "$dir/closed.db"
	chmod 000 "$dir/closed.db"
	head -c 8192 /dev/urandom >"$dir/noise.db"
	echo hello >"$dir/text.db"
	: >"$dir/empty.db"
	mkfifo "$dir/fifo.db"
	mkdir "$dir/folder.db"
	fresh "$dir/good.db"
}

# Root may read everything, so it runs the agent as somebody else.
drop_privileges() {
	[ "$(id -u)" = 0 ] || return 0
	cp "${LITEGAUGE:-build/litegauge}" "$dir/litegauge"
	printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 %s\n' \
		"--clear-groups '$dir/litegauge' \"\$@\"" >"$dir/nobody"
	chmod 755 "$dir" "$dir/nobody" "$dir/litegauge"
	LITEGAUGE=$dir/nobody
	chown 65534:65534 "$dir/state"
}

lay
mkdir -p "$dir/state"
drop_privileges
set --
for name in good empty absent noise text fifo folder closed; do
	set -- "$@" --db "$name=$dir/$name.db"
done
start_agent --state "$dir/state/state.db" "$@"

# Opening a FIFO for reading would let this one through.
start "$dir/fifo.out" sh -c 'echo in >"$1"' sh "$dir/fifo.db"
fifo_writer=$child

start_tool writers --synchronous off --rate 100 --duration 2 "$dir/good.db"
page >"$dir/page"
echo "$wrong" >"$dir/wrong"
while IFS=: read -r name why; do
	is "$(metric "sqlite_up{db=\"$name\"}")" 0 "$name is down"
	like "$(api "$name" '"\(.up) \(.reason)"')" "^false .*$why\$" \
		"and the API says why"
	ok 'grep -q "$name.db: $why" "$dir/page"' 'and so does the page'
done <"$dir/wrong"
is "$(metric 'sqlite_up{db="empty"}')" 1 \
	'no bytes are a database to be, as they are to SQLite'
ok 'grep -q "^sqlite_database_info{db=\"empty\".*journal_mode=\"none\"" \
	"$dir/metrics"' 'which has no journal mode yet'
is "$(grep -c 'down: ' "$agent_log")" 6 'the log has said each reason once'

ok end_tool 'writers went on meanwhile'
wait_for 5 'counted good "$(awk "\$1 == \"commits\" { print \$2 }" \
	"$tool_out")"' 'and were counted exactly'
ok 'alive "$fifo_writer"' 'nobody has opened the FIFO'

# ---- and then right -------------------------------------------------------

end "$fifo_writer" || :
rm "$dir/fifo.db"
rmdir "$dir/folder.db"
chmod 644 "$dir/closed.db"
fresh "$dir/new.db"
cat "$dir/new.db" >"$dir/text.db"	# the same inode
for name in absent noise fifo folder; do
	cp "$dir/new.db" "$dir/copy.db"
	mv "$dir/copy.db" "$dir/$name.db"
done
tool writers --setup-only "$dir/empty.db" >"$dir/out"
for name in absent noise text fifo folder closed; do
	wait_for 5 'up "$name" 1' "$name is picked up when it is right"
done
wait_for 5 '[ "$(api empty ".info[0].labels.journal_mode")" = wal ]' \
	'the empty file has become a database'
empty_before=$(count empty)
for name in absent noise text fifo folder closed; do
	writes "$dir/$name.db" 25
done
writes "$dir/empty.db" 25
for name in absent noise text fifo folder closed; do
	wait_for 5 'counted "$name" 25' "and from then on $name is exact"
done
wait_for 5 'counted empty $((empty_before + 25))' 'and so is the empty one'
ok stop_agent 'the agent ends well'

# ---- come and go ----------------------------------------------------------

mkdir "$dir/a" "$dir/b" "$dir/many" "$dir/link"
fresh "$dir/a/app.db"
fresh "$dir/b/app.db" 100
fresh "$dir/many/app.db"
fresh "$dir/many/app.db2"
fresh "$dir/many/tenant1.sqlite"
fresh "$dir/new.db"
ln -s "$dir/a/app.db" "$dir/link/app.db"
cat >"$dir/test.ini" <<INI
[agent]
lock_interval = 0
[database later]
path = $dir/later.db
[database linked]
path = $dir/link/app.db
interval = 2s
[database app]
path = $dir/many/app.db
[database app2]
path = $dir/many/app.db2
[database tenants]
path = $dir/many/*.sqlite
INI
start_agent --state "$dir/state/state.db" --config "$dir/test.ini"
is "$(metric 'sqlite_up{db="later"}')" 0 'a database may come later'
cp "$dir/new.db" "$dir/copy.db"
mv "$dir/copy.db" "$dir/later.db"
wait_for 5 'up later 1' 'and is seen when it does'
writes "$dir/later.db" 30
wait_for 5 'counted later 30' 'and counted'
rm "$dir/later.db"
wait_for 5 'up later 0' 'it goes'
like "$(api later .reason)" 'No such file' 'and that is said'
is "$(count later)" 30 'its count stays'
cp "$dir/new.db" "$dir/copy.db"
mv "$dir/copy.db" "$dir/later.db"
wait_for 5 'up later 1' 'it comes back'
writes "$dir/later.db" 20
wait_for 5 'counted later 50' 'and the count goes on'

# Right away: nothing need be noticed between the rename and the first commit.
cp "$dir/new.db" "$dir/copy.db"
mv "$dir/copy.db" "$dir/later.db"
writes "$dir/later.db" 15
wait_for 5 'counted later 65' 'a file that is replaced by rename is counted'
start_tool reader --mark-only --ready-file "$dir/ready.r" "$dir/later.db"
wait_for 5 '[ -s "$dir/ready.r" ]'
writes "$dir/later.db" 15
wait_for 5 'counted later 80' 'and while somebody has it open'
end "$tool_pid"

# ---- behind a link --------------------------------------------------------

size_of() {
	[ "$(metric "sqlite_database_size_bytes{db=\"$1\"}")" = \
		"$(stat -c %s "$2")" ]
}

writes "$dir/link/app.db" 30
wait_for 5 'counted linked 30' 'a link is followed'
ln -s "$dir/b/app.db" "$dir/link/new"
mv -T "$dir/link/new" "$dir/link/app.db"
wait_for 6 'size_of linked "$dir/b/app.db"' 'to where it comes to point'

# Seen long before the next sample, since its new folder is watched as well.
for run in 1 2 3; do
	writes "$dir/b/app.db" 5 1
done
wait_for 6 'counted linked 45' 'and the sum goes on'
tool writers --synchronous off --commits 5 "$dir/a/app.db" >"$dir/out"
writes "$dir/b/app.db" 3
wait_for 6 'counted linked 48' 'without what the old file does now'

# ---- neighbours -----------------------------------------------------------

start_tool writers --synchronous off --rate 60 --commits 120 "$dir/many/app.db"
longer=$tool_pid
writes "$dir/many/app.db2" 70
ok 'wait "$longer"' 'a name may begin with all of another name'
wait_for 5 'counted app 120' 'the shorter one is counted'
wait_for 5 'counted app2 70' 'and the longer one'

# A pattern that has changed is looked at again at once; by itself it is every
# half a minute.
wait_for 5 'up tenants/tenant1.sqlite 1' 'a pattern has a match'
fresh "$dir/many/tenant2.sqlite"
before=$(count app)
sed 's/\*\.sqlite/tenant*.sqlite/' "$dir/test.ini" >"$dir/next.ini"
mv "$dir/next.ini" "$dir/test.ini"
kill -HUP "$agent_pid"
wait_for 5 'up tenants/tenant2.sqlite 1' 'and another'
writes "$dir/many/tenant1.sqlite" 11
writes "$dir/many/tenant2.sqlite" 12
wait_for 5 'counted tenants/tenant1.sqlite 11' 'which are two databases'
wait_for 5 'counted tenants/tenant2.sqlite 12' 'with a count each'
is "$(count app)" "$before" 'the others stay as they are'
ok stop_agent 'the agent ends well again'

done_testing
