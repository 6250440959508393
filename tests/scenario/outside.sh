#!/bin/sh
# The agent stays outside: it opens no watched file for writing, maps none, asks
# for locks and takes none, and leaves nothing beside the database.  What strace
# saw of it is the evidence, and sqlite3 itself shows that the search would find
# something.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

command -v strace >/dev/null || skip_all 'there is no strace'
strace -o "$dir/try" true 2>"$dir/said" ||
	skip_all "strace may not trace: $(head -n 1 "$dir/said")"

# Whatever opens, maps, locks, makes or changes a file; -y names descriptors.
calls=open,openat,openat2,creat,mmap,mmap2,fcntl,fcntl64,flock,rename,renameat,\
renameat2,link,linkat,symlink,symlinkat,mkdir,mkdirat,mknod,mknodat,unlink,\
unlinkat,rmdir,truncate,ftruncate,write,writev,pwrite64,pwritev,fallocate,\
chmod,fchmod,fchmodat,chown,fchown,fchownat,utimensat,setxattr,fsetxattr,\
copy_file_range,sendfile,splice,fsync,fdatasync,name_to_handle_at

# Every call of a trace that has no business in $dir/data; nothing: all is well.
# An open that only reads has, and so have F_GETLK, F_GETFL and the like.
breaches() {
	reads='F_(GETLK|GETFL|GETFD|SETFD)'
	grep -F "$dir/data" "$1" | grep -vE \
		-e '^[0-9]+ +open(at2?)?\(.*O_RDONLY' \
		-e '^[0-9]+ +fcntl\([^>]*>(\(deleted\))?, '"$reads" \
		-e '^[0-9]+ +(<\.\.\.|---|\+\+\+)'
	grep -F "$dir/data" "$1" |
		grep -E '^[0-9]+ +open.*(O_CREAT|O_TRUNC|O_TMPFILE)'
}

listing() {
	ls -AR "$dir/data"
}

# A leak cannot be looked for under strace.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS

mkdir "$dir/data" "$dir/data/sub"
for name in app sub/idle old; do
	tool writers --setup-only --seed-rows 20 --synchronous off \
		"$dir/data/$name.db" >"$dir/out"
done
sqlite3 "$dir/data/old.db" 'PRAGMA journal_mode = delete' >"$dir/out"
printf 'x%.0s' 1 2 3 4 5 6 7 8 >"$dir/data/broken.db"
mkdir "$dir/data/replica"
listing >"$dir/before"

# ---- the agent under strace -----------------------------------------------

# With -D strace is the child, and the agent the one that has been started.
cat >"$dir/traced" <<SH
#!/bin/sh
exec strace -D -f -y -s 16 -o '$dir/trace' -e trace=$calls \
	'${LITEGAUGE:-build/litegauge}' "\$@"
SH
chmod +x "$dir/traced"
litegauge=${LITEGAUGE:-build/litegauge}
LITEGAUGE=$dir/traced

cat >"$dir/test.ini" <<INI
[agent]
interval = 200ms
holders_interval = 5s
[database app]
path = $dir/data/app.db
[database idle]
path = $dir/data/sub/idle.db
[database old]
path = $dir/data/old.db
[database broken]
path = $dir/data/broken.db
[database missing]
path = $dir/data/missing.db
[database pattern]
path = $dir/data/*/*.db
[replica copy]
database = app
path = $dir/data/replica
INI
start_agent --config "$dir/test.ini"

# What it writes is whole when it is gone.
strace_is_done() {
	for cmdline in /proc/[0-9]*/cmdline; do
		tr '\0' ' ' 2>/dev/null <"$cmdline" |
		    grep -qF -- "-o $dir/trace -e" && return 1
	done
	return 0
}

start_tool reader --ready-file "$dir/ready" \
	--then-release-file "$dir/release" "$dir/data/app.db"
wait_for 10 '[ -s "$dir/ready" ]'
reader=$tool_pid
start_tool writers --synchronous off --procs 2 --rate 50 --duration 2 \
	--checkpoint passive --checkpoint-each 20 "$dir/data/app.db"
writers=$tool_pid
start_tool writers --synchronous off --journal delete --rate 50 --duration 2 \
	"$dir/data/old.db"
old=$tool_pid
for run in 1 2 3 4 5; do
	tool writers --synchronous off --reopen 5 --rate 50 --commits 10 \
		"$dir/data/sub/idle.db" >"$dir/out"
done
for page in / /metrics /api/v1/databases /api/v1/alerts; do
	ok 'curl -sf -m 10 -o "$dir/out" "$agent_url$page"' "GET $page"
done
wait "$writers" && wait "$old"
: >"$dir/release"
wait "$reader"

# Somebody dies and somebody else recovers.
start_tool writers --synchronous off --rate 200 --duration 20 \
	--ready-file "$dir/ready.w" "$dir/data/app.db"
wait_for 10 '[ -s "$dir/ready.w" ]'
before=$(metric 'sqlite_write_transactions_total{db="app"}')
wait_for 10 '[ "$(metric "sqlite_write_transactions_total{db=\"app\"}")" \
	-gt "$before" ]' 'it sees commits while it is traced'
kill -KILL "$tool_pid"
end "$tool_pid"
tool writers --synchronous off --commits 20 "$dir/data/app.db" >"$dir/out"
wait_for 10 '[ ! -e "$dir/data/app.db-shm" ]'
is "$(metric 'sqlite_up{db="app"}')" 1 'and goes on after a crash'
ok stop_agent 'the agent ends well'
wait_for 20 strace_is_done 'and strace has said all of it'

listing >"$dir/after"
ok 'diff "$dir/before" "$dir/after"' 'the folder is as it was'

# ---- what it did ----------------------------------------------------------

cmp_num "$(grep -cF "$dir/data/app.db" "$dir/trace")" '>' 50 \
	'the trace has what it did with the database'
for file in app.db app.db-shm app.db-wal old.db sub/idle.db-shm; do
	ok 'grep -qE "open(at2?)?\(.*\"$dir/data/$file\", [^,]*O_RDONLY" \
		"$dir/trace"' \
		"it has read $file"
done
ok 'grep -qF "$dir/data/app.db-shm>, F_GETLK" "$dir/trace"' \
	'it has asked who holds a lock'
breaches "$dir/trace" >"$dir/breaches"
is "$(head -n 5 "$dir/breaches")" '' 'it did nothing but read and ask'
is "$(grep -E 'F_(OFD_)?SETLKW?|flock\(' "$dir/trace" |
	grep -vF "$dir/state.db")" '' 'it locks its own file only'

# Names that were made, ever, and later removed perhaps.
sed -nE 's/.*(open|openat2?|creat)\(.*"([^"]*)", .*O_CREAT.*/\2/p' \
	"$dir/trace" | sort -u >"$dir/made"
ok 'grep -qF "$dir/state.db" "$dir/made"' 'it has made its state file'
# The thread sanitizer maps a file of its own.
is "$(grep -vF "$dir/state.db" "$dir/made" | grep -v /tsan.rodata)" '' \
    'and no other file, ever'

# ---- would it be seen? ----------------------------------------------------

for sql in 'SELECT count(*) FROM t' 'DELETE FROM t WHERE id = 1'; do
	strace -f -y -s 16 -o "$dir/trace.sql" -e "trace=$calls" \
		sqlite3 "$dir/data/app.db" "$sql" >"$dir/out"
	breaches "$dir/trace.sql" >"$dir/found"
	for what in O_RDWR O_CREAT F_SETLK mmap unlink; do
		ok 'grep -q "$what" "$dir/found"' \
			"it would be seen: $what of $sql"
	done
done

# once and discover are outside as well.
for command in once discover; do
	strace -f -y -s 16 -o "$dir/trace.$command" -e "trace=$calls" \
		"$litegauge" "$command" --config "$dir/test.ini" \
		>"$dir/out" 2>&1
	breaches "$dir/trace.$command" >"$dir/found"
	is "$(cat "$dir/found")" '' "$command does nothing but read and ask"
done
listing >"$dir/after"
ok 'diff "$dir/before" "$dir/after"' 'and leaves nothing either'

done_testing
