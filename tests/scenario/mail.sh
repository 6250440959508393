#!/bin/sh
# Mail: encrypted or not at all, to a server that proves who it is; read back
# with a mail reader that is not ours.
# shellcheck disable=SC2016,SC2034
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"

command -v openssl >"$dir/openssl" || skip_all 'there is no openssl'
umask 077
litegauge=${LITEGAUGE:-build/litegauge}

# certificate NAME: for that host, signed by itself.
certificate() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" \
		-addext "subjectAltName=DNS:$1" -keyout "$dir/$1.key" \
		-out "$dir/$1.pem" 2>"$dir/openssl.err"
}

certificate mail.localhost
certificate other.localhost
echo 'pass word"s3cr3t' >"$dir/password"

# server OPTIONS: $box is its port, and mail and log are in $dir/box.N.
boxes=0
server() {
	boxes=$((boxes + 1))
	mail=$dir/box.$boxes
	mkdir "$mail"
	: >"$mail/log"
	start_tool smtp --port-file "$mail/port" --dir "$mail" "$@"
	box_pid=$tool_pid
	wait_for 10 '[ -s "$mail/port" ]'
	box=$(cat "$mail/port")
}

# receiver URL KEYS...: a configuration with that one.
receiver() {
	cat >"$dir/litegauge.ini" <<INI
[agent]
interval = 100ms
[database app]
path = $dir/app.db
[receiver ops]
type = email
url = $1
from = litegauge@example.org
to = ops@example.org, night@example.org
INI
	shift
	printf '%s\n' "$@" >>"$dir/litegauge.ini"
}

# What test-notify says of the first message; its log is $dir/said.
first() {
	"$litegauge" test-notify --config "$dir/litegauge.ini" >"$dir/tried" \
		2>&1
	sed -n 1p "$dir/tried"
}

tool writers --setup-only "$dir/app.db"
SSL_CERT_FILE=$dir/mail.localhost.pem
export SSL_CERT_FILE

# ---- where mail goes and where it does not -------------------------------------

server --tls starttls --cert "$dir/mail.localhost.pem" \
	--key "$dir/mail.localhost.key" --login 'me:pass word"s3cr3t'
receiver "smtp://mail.localhost:$box" 'username = me' \
	"password_file = $dir/password"
ok '"$litegauge" check-config --config "$dir/litegauge.ini"' 'a receiver of mail'
is "$(first)" 'ops: firing: delivered' 'is written to, after STARTTLS'
is "$(grep -c ': delivered$' "$dir/tried") $(wc -l <"$dir/tried" | tr -d ' ')" \
	'8 8' 'with every kind of message'
is "$(sort -u "$mail/log")" '250 tls=1 user=me from=<litegauge@example.org> to=<ops@example.org>,<night@example.org>' \
	'encrypted, logged in, to both'
good=$mail

receiver "smtp://mail.localhost:$box" 'username = me' 'password = wrong'
like "$(first)" '^ops: firing: failed: the mail server answered 535' \
	'a wrong password is said to be one'
unlike "$(cat "$dir/tried")" 'wrong|s3cr3t|mail.localhost' \
	'and not which, nor where'

server --tls starttls --cert "$dir/other.localhost.pem" \
	--key "$dir/other.localhost.key"
receiver "smtp://mail.localhost:$box"
like "$(first)" 'failed: .*certificate' 'a stranger is not believed'
SSL_CERT_FILE=$dir/other.localhost.pem
like "$(first)" 'failed: .*certificate' 'nor is a friend with another name'
unlike "$(cat "$mail/log")" '^250|<' 'and neither is told anything'
SSL_CERT_FILE=$dir/mail.localhost.pem

server
receiver "smtp://mail.localhost:$box"
like "$(first)" 'failed: The mail server offers no STARTTLS' \
	'without encryption there is no mail'
unlike "$(cat "$mail/log")" '^250' 'none'
receiver "smtp+plain://mail.localhost:$box"
is "$(first)" 'ops: firing: delivered' 'unless the URL says so'
receiver "smtp://127.0.0.1:$box"
is "$(first)" 'ops: firing: delivered' 'or it stays on this machine'
receiver "smtp+plain://mail.localhost:$box" 'username = me' 'password = s3cr3t'
not_ok '"$litegauge" check-config --config "$dir/litegauge.ini"' \
	'but a password does not go out in the clear'
like "$(cat "$dir/said")" '\[receiver ops\].*not sent without TLS' 'as is said'

server --tls implicit --cert "$dir/mail.localhost.pem" \
	--key "$dir/mail.localhost.key"
receiver "smtps://mail.localhost:$box"
is "$(first)" 'ops: firing: delivered' 'TLS from the first byte is fine'
like "$(tail -n 1 "$mail/log")" '^250 tls=1' 'and is TLS'

# ---- the answers of a server ---------------------------------------------------

server --script rcpt=550,end=451,greet=554,ok
receiver "smtp://127.0.0.1:$box"
like "$(first)" 'failed: the mail server answered 550: refused, as' \
	'a refusal is told in the words of the server'
like "$(sed -n 2p "$dir/tried")" 'answered 451' 'also at the end of a mail'
like "$(sed -n 3p "$dir/tried")" 'answered 554' 'and at the beginning'
is "$(find "$mail" -name '*.mail' | wc -l | tr -d ' ')" 5 'the others are there'

# ---- as others read it -----------------------------------------------------------

cat >"$dir/read.py" <<'END'
import email, email.policy, pathlib, sys
mails = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.mail"),
                   key=lambda p: int(p.stem)):
    raw = path.read_bytes()
    assert all(len(l) <= 78 for l in raw.split(b"\r\n")), path
    assert b"\n" not in raw.replace(b"\r\n", b""), path
    raw.decode("ascii")
    m = email.message_from_bytes(raw, policy=email.policy.default)
    assert not m.defects, m.defects
    for header in ("Date", "From", "To", "Subject", "Message-ID"):
        assert not m[header].defects, (header, m[header].defects)
    assert m["Date"].datetime.year >= 2023
    assert [a.addr_spec for a in m["To"].addresses] == [
        "ops@example.org", "night@example.org"]
    assert m["From"].addresses[0].addr_spec == "litegauge@example.org"
    assert m["Auto-Submitted"] == "auto-generated"
    mails.append(m)
    print(m["Subject"], "|", m.get_content().splitlines()[0], "|",
          m["In-Reply-To"])
assert len({m["Message-ID"] for m in mails}) == len(mails)
END
if command -v python3 >"$dir/python"; then
	ok 'python3 "$dir/read.py" "$good" >"$dir/read"' \
		'a mail reader finds no fault in them'
	is "$(wc -l <"$dir/read" | tr -d ' ')" 8 'in none of the eight'
	like "$(sed -n 1p "$dir/read")" '^\[firing\] test on test \(warning\) \| test: ' \
		'their subjects and texts are read'
	is "$(sed -n '1p;6p' "$dir/read" | sed 's/.*| //' | sort -u | wc -l |
		tr -d ' ')" 1 'and a resolve belongs to its firing'
fi

# ---- the agent --------------------------------------------------------------------

server --script end=451,quit
receiver "smtp://127.0.0.1:$box" '[alert tall]' 'when = database_size > 1 MB' \
	'receivers = ops'
resize() {
	sqlite3 -batch -cmd '.timeout 10000' "$dir/app.db" 'DELETE FROM pad' \
		"INSERT INTO pad VALUES (zeroblob($1))" VACUUM \
		'PRAGMA wal_checkpoint' >"$dir/resized" 2>&1
}

sqlite3 "$dir/app.db" 'CREATE TABLE pad (b BLOB)'
start_tool reader --mark-only "$dir/app.db"	# the app, which stays open
resize 1000
start_agent --config "$dir/litegauge.ini"
resize 1500000
wait_for 40 'grep -q ^451 "$mail/log"' 'an alert is mailed'
wait_for 40 'ls "$mail"/*.mail' 'and again, as the server wished'
took=$(curl -s -m 10 -o "$dir/page" -w '%{time_total}' "$agent_url/metrics")
cmp_num "$took" '<' 0.5 'a server that is silent at the end stops nobody'
resize 1000
wait_for 40 '[ "$(ls "$mail"/*.mail | wc -l)" -ge 2 ]' 'its end is mailed too'
is "$(cat "$mail"/*.mail | sed -n 's/^Subject: //p' | tr -d '\r' | paste -sd,)" \
	'[firing] tall on app (warning),[resolved] tall on app (warning)' \
	'in this order'
is "$(cat "$mail"/*.mail | sed -n 's/^In-Reply-To: //p' | sort -u | wc -l |
	tr -d ' ')" 1 'in one thread'
ok stop_agent 'the agent stops'
like "$(cat "$agent_log")" 'receiver ops: the mail server answered 451' \
	'what went wrong is in its log'
done_testing
