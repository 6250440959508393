#!/bin/sh
# lint.sh - what a machine can say of the dashboard and of the alert rules, so
# that nobody finds out at three in the morning that a panel was always empty.
#
#	lint.sh		metric families from `litegauge once`
#	lint.sh -	metric families from standard input: an exposition, or
#			one name a line; then every name has to be there
#
# The rules for the dashboard are those of Grafana's dashboard-linter, which is
# not needed to run this.  Every rule is a jq program that prints one line for
# each breach, and comes with an edit that breaks it: a rule that does not
# notice its own mistake fails as well.
#
# Environment: PROMTOOL (promtool), LITEGAUGE (build/litegauge).
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
cd "$(dirname "$0")/../.." || exit 1
. tests/scenario/lib.sh

PROMTOOL=${PROMTOOL:-promtool}
LITEGAUGE=${LITEGAUGE:-build/litegauge}
dash=dashboards/grafana/litegauge.json
alerts=dashboards/prometheus/alerts.yml
stories=dashboards/prometheus/alerts_test.yml

# judge COMMAND...: what it prints are breaches; so is a failure without any.
judge() {
	"$@" >"$dir/breaches" 2>&1 || echo "failed: $1" >>"$dir/breaches"
}

# clean NAME: there was no breach.
clean() {
	if [ -s "$dir/breaches" ]; then
		fail "$1" "$(head -n 20 "$dir/breaches")"
	else
		pass "$1"
	fi
}

# noticed NAME PATTERN: such a breach was wanted, and nothing else.
noticed() {
	if [ -s "$dir/breaches" ] && ! grep -qv -e "$2" "$dir/breaches"; then
		pass "$1"
	else
		fail "$1" "wanted: $2" "$(head -n 20 "$dir/breaches")"
	fi
}

# fails_with ERE COMMAND...: the command fails and says why.
fails_with() {
	fails_why=$1
	shift
	"$@" >"$dir/fails" 2>&1 && return 1
	cat "$dir/fails"
	grep -Eq -e "$fails_why" "$dir/fails"
}

# --- Looking into PromQL

# A selector is a name and braces; a metric is a name that is neither a word of
# the language nor a label in a list nor inside a string.
cat >"$dir/defs.jq" <<'JQ'
def panels: .panels[] | recurse(.panels[]?) | select(.type != "row");
def at(sentence): "\(.title // .name // "dashboard"): \(sentence)";
def templates: .templating.list[];
def queries: (panels | {title, expr: .targets[]?.expr}),
	(.annotations.list[] | select(.expr) | {title: .name, expr});

def range_of: "\\[[^\\]]*\\]";
def selector: "([a-zA-Z_:][a-zA-Z0-9_:]*)" +
	"\\{((?:[^}\"]|\"(?:\\\\.|[^\"\\\\])*\")*)\\}";
def selectors: [scan(selector) | {name: .[0], labels: .[1]}];
def metrics:
	gsub("\"(?:\\\\.|[^\"\\\\])*\""; "")
	| gsub("#[^\n]*"; "")
	| gsub("\\{[^}]*\\}"; "")
	| gsub(range_of; "")
	| gsub("\\b(by|without|on|ignoring|group_left|group_right)\\s*" +
	    "\\([^)]*\\)"; " ")
	| gsub("\\b[0-9][0-9a-zA-Z.]*"; "")
	| [scan("[a-zA-Z_:][a-zA-Z0-9_:]*\\b(?!\\s*\\()")]
	- ["and", "or", "unless", "bool", "offset", "inf", "Inf", "nan", "NaN"];
def count_of(pattern): [match(pattern; "g")] | length;

# Families with the label db; up and ALERTS are of Prometheus.
def has_db: test("^sqlite_") or
	. == "litegauge_sample_late_seconds" or
	. == "litegauge_collector_success";
def lacks(name; which): queries
	| (.expr | metrics) as $metrics
	| (.expr | selectors | map(select((.name | which) and
	    (.labels | contains("\(name)=~\"$\(name)\""))))) as $good
	| select($metrics == [] or
	    ($metrics | map(select(which)) | length) != ($good | length))
	| at("a selector without \(name)=~\"$\(name)\": \(.expr)");
def template_breaches(wanted): . as $dash
	| if [templates | select(.name == wanted)] | length == 1
	  then templates | select(.name == wanted)
	    | if .type != "query" then at("not a query") else empty end,
	      if .label != ({job: "Job", instance: "Instance", db: "Database"}
	        [wanted]) then at("wrong label \(.label)") else empty end,
	      if .datasource.uid != "${datasource}" then at("data source")
	        else empty end,
	      if .multi != true then at("not multi") else empty end,
	      if .includeAll != true then at("no All") else empty end,
	      if .allValue != ".+" then at("allValue") else empty end
	  else "no template \(wanted)" end;
def units: ["bytes", "decbytes", "binBps", "Bps", "s", "ms", "dtdurations",
	"dthms", "wps", "rps", "ops", "cps", "cpm", "iops", "percentunit",
	"percent", "short", "none", "bool_yes_no", "bool_on_off",
	"dateTimeFromNow", "dateTimeAsIso", "string", "locale",
	"currencyUSD"];
JQ

breaches_of() {	# FILE JQ
	jq -r "$(cat "$dir/defs.jq") ($2) | \"breach: \(.)\"" "$1"
}

# rule NAME SENTENCE JQ EDIT
rule() {
	judge breaches_of "$dash" "$3"
	clean "$1: $2"
	if jq "$4" "$dash" >"$dir/edited.json"; then
		judge breaches_of "$dir/edited.json" "$3"
	else
		echo "failed: $4" >"$dir/breaches"
	fi
	noticed "$1 notices a mistake" '^breach: '
}

# --- The dashboard.  Most edits are made to .panels[3], a tile with one rate.

rule template-datasource 'one data source template, named as Grafana expects' '
	[templates | select(.type == "datasource")]
	| if length != 1 then "not one data source template"
	  else .[0]
	    | select(.name != "datasource" or .label != "Data source" or
	        .query != "prometheus")
	    | at("wrong name, label or query")
	  end' '
	(.templating.list[] | select(.type == "datasource") | .label) =
	    "Data Source"'
rule template-job 'jobs can be chosen, several of them' '
	template_breaches("job")' '
	(.templating.list[] | select(.name == "job") | .allValue) = ".*"'
rule template-instance 'instances can be chosen, several of them' '
	template_breaches("instance")' '
	del(.templating.list[] | select(.name == "instance"))'
rule template-db 'databases can be chosen, several of them' '
	template_breaches("db")' '
	(.templating.list[] | select(.name == "db") | .multi) = false'
rule template-on-time-change-reload 'templates follow the time range' '
	templates | select(.type == "query" and .refresh != 2)
	| at("refresh is not 2")' '
	(.templating.list[] | select(.name == "db") | .refresh) = 1'
rule template-label-promql 'templates ask for the values of one label' '
	templates | select(.type == "query")
	| select(.query.query
	    | test("^label_values\\([a-z_]+(\\{[^}]*\\})?, [a-z]+\\)$") | not)
	| at("not label_values(SELECTOR, LABEL): \(.query.query)")' '
	(.templating.list[] | select(.name == "db") | .query.query) =
	    "sqlite_up"'
rule template-chain 'each template narrows the next' '
	{instance: ["job"], db: ["job", "instance"]} as $needs
	| templates | . as $t | ($needs[.name] // [])[]
	| . as $by
	| select($t.query.query | contains("\($by)=~\"$\($by)\"") | not)
	| "\($t.name): not narrowed by \($by)"' '
	(.templating.list[] | select(.name == "db") | .query.query) =
	    "label_values(sqlite_up, db)"'
rule template-uneditable 'the file is the source, not the browser' '
	select(.editable != false) | at("editable")' '
	.editable = true'
rule panel-datasource 'every panel asks the chosen data source' '
	(panels | select(.datasource.uid != "${datasource}")
	    | at("data source \(.datasource.uid)")),
	(panels | .title as $t | .targets[]?
	    | select(.datasource and .datasource.uid != "${datasource}")
	    | "\($t): data source of a query")' '
	.panels[-1].datasource.uid = "prometheus"'
rule panel-title-description 'every panel says what it shows' '
	panels | select((.title // "") == "" or (.description // "") == "")
	| "panel \(.id): no title or no description"' '
	del(.panels[3].description)'
rule panel-no-targets 'every panel asks something' '
	panels | select((.targets // []) | length == 0) | at("no query")' '
	.panels[3].targets = []'
rule panel-units 'every unit is one that Grafana knows' '
	panels | . as $p
	| (.fieldConfig.defaults
	    | select((.mappings // []) | length == 0) | .unit // "none given"),
	  (.fieldConfig.overrides[]?.properties[]
	    | select(.id == "unit") | .value)
	| select(. as $u | units | index($u) | not)
	| "\($p.title): unit \(.)"' '
	.panels[3].fieldConfig.defaults.unit = "errors/sec"'
rule target-job 'every selector has the job' '
	lacks("job"; true)' '
	.panels[3].targets[0].expr |= sub("job=~\"\\$job\", "; "")'
rule target-instance 'every selector has the instance' '
	lacks("instance"; true)' '
	.panels[-1].targets += [{expr: "up"}]'
rule target-db 'every selector of a database has the database' '
	lacks("db"; has_db)' '
	.panels[3].targets[0].expr |= sub(", db=~\"\\$db\""; "")'
rule target-rate-interval 'rates are over $__rate_interval' '
	queries
	| select((.expr | count_of("\\b(rate|irate|increase)\\s*\\(")) !=
	    (.expr | count_of("\\b(rate|irate|increase)\\(" + selector +
	    "\\[\\$__rate_interval\\]\\)")))
	| at("a rate over something else: \(.expr)")' '
	.panels[3].targets[0].expr |= sub("\\$__rate_interval"; "5m")'
rule target-counter-agg 'counters are only shown as rates' '
	queries
	| select((.expr | selectors | map(select(.name | test("_total$")))
	    | length) !=
	    (.expr | count_of("\\b(rate|irate|increase)\\(" +
	    "[a-z_]+_total\\{[^}]*\\}\\[")))
	| at("a bare counter: \(.expr)")' '
	(.panels[3].targets[0].expr) =
	    "sqlite_written_bytes_total{job=~\"$job\"}"'

rule dashboard-header 'it can be provisioned, found again and kept current' '
	if .schemaVersion != 39 then "schemaVersion" else empty end,
	if (.uid // "") | test("^[a-z-]+$") | not then "uid" else empty end,
	if .id != null then "id" else empty end,
	if has("__inputs") or has("__requires") then "__inputs" else empty end,
	if .graphTooltip != 1 then "graphTooltip" else empty end,
	if .refresh != "30s" then "refresh" else empty end,
	if .time != {from: "now-1h", to: "now"} then "time" else empty end' '
	.schemaVersion = 38'
rule panel-ids 'panels and queries have names of their own' '
	([.panels[] | recurse(.panels[]?) | .id] | group_by(.)[]
	    | select(length > 1) | "panel id \(.[0]) twice"),
	(panels | .title as $t | [.targets[]?.refId] | group_by(.)[]
	    | select(length > 1 or .[0] == null) | "\($t): refId \(.[0])")' '
	.panels[3].id = .panels[2].id'
rule panel-overlap 'no panel lies on another or outside the page' '
	(.panels[] | select(.gridPos | .x < 0 or .w < 1 or .x + .w > 24)
	    | at("outside")),
	([.panels[] | .gridPos + {title}] as $all
	    | range($all | length) as $i | range($i) as $j
	    | $all[$i] as $a | $all[$j] as $b
	    | select($a.x < $b.x + $b.w and $b.x < $a.x + $a.w and
	        $a.y < $b.y + $b.h and $b.y < $a.y + $a.h)
	    | "\($a.title) lies on \($b.title)")' '
	.panels[3].gridPos.x = .panels[2].gridPos.x'
rule table-columns 'every column of a table comes from a query or a label' '
	panels | select(.type == "table") | .title as $t
	| ([.targets[] | "Value #\(.refId)"] +
	    [.targets[].expr | scan("by \\(([^)]*)\\)")[] | split(", ")[]] +
	    ["Time"]) as $fields
	| [.transformations[] | select(.id == "organize") | .options
	    | .excludeByName, .indexByName, .renameByName | keys[]] as $named
	| ($named - $fields | unique[] | "\($t): no field \(.)"),
	  ($fields - $named | unique[] | "\($t): \(.) is not placed")' '
	(.panels[] | select(.type == "table") | .targets) |= .[1:]'

jq . "$dash" >"$dir/canonical.json"
ok 'cmp "$dash" "$dir/canonical.json"' \
	'the dashboard is formatted as jq does, so that changes read well'

# --- Every expression of the dashboard, judged by Prometheus

# The templates' selectors count as expressions too.
expressions() {	# DASHBOARD
	jq -r "$(cat "$dir/defs.jq")"'
	[queries, (templates | select(.type == "query") |
	    {title: .name, expr: (.query.query |
	    capture("^label_values\\((?<e>.*), [a-z]+\\)$").e)})]
	| {groups: [{name: "dashboard", rules: to_entries | map({
	    record: "query:\(.key):\(.value.title | gsub("[^a-zA-Z]"; "_"))",
	    expr: (.value.expr | gsub("\\$__rate_interval"; "5m")
	        | gsub("\\$(job|instance|db)"; ".+"))})}]}' "$1"
}

rules_found() {	# FILE
	"$PROMTOOL" check rules --lint=none "$1" |
	    sed -n 's/.*SUCCESS: \([0-9]*\) rules found.*/\1/p'
}

ok '"$PROMTOOL" --version' 'promtool is there'
expressions "$dash" >"$dir/panels.yml"
ok '"$PROMTOOL" check rules --lint=none "$dir/panels.yml"' \
	'every expression of the dashboard parses'
is "$(rules_found "$dir/panels.yml")" "$(jq '
	([.panels[] | recurse(.panels[]?) | .targets[]?] | length) +
	([.annotations.list[] | select(.expr)] | length) +
	([.templating.list[] | select(.type == "query")] | length)' "$dash")" \
	'none of them was left out'
jq '.panels[3].targets[0].expr += ")"' "$dash" >"$dir/edited.json"
expressions "$dir/edited.json" >"$dir/edited.yml"
ok 'fails_with "parse error" \
	"$PROMTOOL" check rules --lint=none "$dir/edited.yml"' \
	'a parenthesis too many is noticed'

# --- The alert rules

check_rules() {	# FILE
	"$PROMTOOL" check rules --lint=all --lint-fatal "$1"
}

ok 'check_rules "$alerts"' 'the alert rules are in order'
awk '{ print } /- alert: SQLiteMonitorReloadFailed/ { on = 1 }
	on { text = text $0 "\n" } END { printf "%s", text }' \
	"$alerts" >"$dir/edited.yml"
ok 'fails_with duplicate check_rules "$dir/edited.yml"' \
	'a rule that is there twice is noticed'
ok '"$PROMTOOL" test rules "$stories"' \
	'the alert rules do what their stories say'

# story ALERT SED: the stories about one alert, with an edit of the rules.
story() {
	mkdir -p "$dir/story"
	sed "$2" "$alerts" >"$dir/story/alerts.yml"
	if cmp -s "$alerts" "$dir/story/alerts.yml"; then
		echo 'the edit changes nothing'
		return 0
	fi
	awk -v alert="alertname: $1" '
	function flush() {
		if (!body || index(text, alert "\n"))
			printf "%s", text
		text = ""
	}
	/^- name:/ { flush(); body = 1 }
	{ text = text $0 "\n" }
	END { flush() }' "$stories" >"$dir/story/alerts_test.yml"
	"$PROMTOOL" test rules "$dir/story/alerts_test.yml"
}

ok 'fails_with exp: story SQLiteReplicaLagging "s/overdue_seconds > 60/&0/"' \
	'another limit is noticed'
ok 'fails_with exp: story SQLiteWALTooLarge "s/product > 48/product > 64/"' \
	'lost hysteresis is noticed'
ok 'fails_with exp: story SQLiteFsyncSlow "s/> 0.1$/> 0.3/"' \
	'another limit of seconds is noticed'
ok 'fails_with exp: story SQLiteProbeIncomplete "s/or 0 [*] sqlite_processes//"' \
	'a lost neutral element is noticed'
ok 'fails_with exp: story SQLiteDatabaseDown "/keep_firing_for/d"' \
	'an alert that resolves too soon is noticed'
ok 'fails_with exp: story SQLiteMonitorDown "s/: critical/: warning/"' \
	'another severity is noticed'

# Every alert fires in a story, and stays quiet in another.
untold() {	# RULES STORIES
	awk '
	FNR == NR {
		if ($2 == "alert:")
			alert[$3] = 1
		next
	}
	$1 == "alertname:" { name = $2; told[name] = 1 }
	$1 == "exp_alerts:" {
		if ($2 == "[]")
			quiet[name] = 1
		else
			fires[name] = 1
	}
	END {
		for (a in alert) {
			if (!(a in fires))
				print a ": no story in which it fires"
			if (!(a in quiet))
				print a ": no story in which it is quiet"
		}
		for (a in told)
			if (!(a in alert))
				print a ": a story about no alert"
	}' "$1" "$2"
}

judge untold "$alerts" "$stories"
clean 'every alert has stories'
sed 's/alert: SQLiteReplicaDown/alert: SQLiteNew/' "$alerts" >"$dir/edited.yml"
judge untold "$dir/edited.yml" "$stories"
noticed 'an alert without a story is noticed' '^SQLite.*: .* story '

# What a person reads of an alert.
misspoken() {	# RULES
	awk '
	function finish() {
		if (name == "")
			return
		if (name !~ /^SQLite[A-Z][A-Za-z]+$/)
			print name ": not SQLite and CamelCase"
		if (severity !~ /^(critical|warning|info)$/)
			print name ": severity " severity
		if (summary !~ /^[A-Z].*[^.]\.$/ || summary ~ /[{}]/ ||
		    summary ~ /\. /)
			print name ": the summary is no single sentence"
		if (!named)
			print name ": the description names no instance"
		name = severity = summary = named = ""
	}
	$1 == "-" { finish() }
	$2 == "alert:" { name = $3 }
	$1 == "severity:" { severity = $2 }
	$1 == "summary:" { sub(/^ *summary: */, ""); summary = $0 }
	/\$labels\.instance/ { named = 1 }
	END { finish() }' "$1"
}

judge misspoken "$alerts"
clean 'every alert says what it is, how bad, and where'
sed 's/^\( *summary: .*\)\.$/\1/' "$alerts" >"$dir/edited.yml"
judge misspoken "$dir/edited.yml"
noticed 'a summary without its full stop is noticed' 'no single sentence'

# --- Only metrics that exist

# Families that one database, looked at once, cannot have: they need a replica,
# a drill, a receiver, the probe, the kernel tracer or a running agent.  Of these the agent's own table has to
# know; live.sh looks at them where they are.
beyond_once='
	sqlite_processes sqlite_library_info sqlite_version_risk
	sqlite_busy_timeouts_total sqlite_snapshot_refusals_total
	sqlite_busy_retries_by_lock_total sqlite_busy_pending
	sqlite_commits_total sqlite_write_holds_total
	sqlite_write_hold_seconds_total sqlite_fsyncs_total
	sqlite_fsync_seconds_total sqlite_probe_processes
	sqlite_probe_files_ignored
	sqlite_traced_processes sqlite_traced_seconds_total
	sqlite_write_lock_refusals_total sqlite_busy_unslept_ratio
	sqlite_write_lock_hold_p50_seconds sqlite_write_lock_hold_p99_seconds
	sqlite_checkpoint_lock_holds_total
	sqlite_checkpoint_lock_hold_seconds_total
	sqlite_fsync_p50_seconds sqlite_fsync_p99_seconds
	litegauge_tracer_info litegauge_tracer_unattributed_retries_total
	sqlite_replica_up sqlite_replica_unchecked
	sqlite_replica_lag_seconds sqlite_replica_overdue_seconds
	sqlite_replica_lag_bytes sqlite_replica_lag_transactions
	sqlite_replica_last_sync_timestamp_seconds sqlite_replica_ahead
	sqlite_replica_snapshot_timestamp_seconds sqlite_replica_chain_ok
	sqlite_replica_chain_timestamp_seconds
	sqlite_replica_generation_changes_total
	sqlite_replica_requests_total sqlite_replica_requests_refused_total
	sqlite_replica_request_cost_dollars_total
	sqlite_replica_clock_skew_seconds sqlite_replica_info
	sqlite_replica_drill_success sqlite_replica_drill_timestamp_seconds
	sqlite_replica_drill_success_timestamp_seconds
	sqlite_replica_drill_duration_seconds sqlite_replica_drill_inconclusive
	litegauge_alerts litegauge_notifications_total
	litegauge_notifications_failed_total
	litegauge_notification_queue_length
	litegauge_notifications_dropped_total
	litegauge_notifications_merged_total
	litegauge_notifications_fallback_total
	litegauge_notifications_unsaved_total
	litegauge_receiver_closed litegauge_state_up litegauge_heartbeat_up
	litegauge_heartbeat_last_success_timestamp_seconds
	litegauge_config_last_reload_successful
	litegauge_config_last_reload_success_timestamp_seconds'
# Of Prometheus.
prometheus='up ALERTS'

exposed() {	# names out of an exposition or a list
	awk '
	$1 == "#" { if ($2 == "TYPE") print $3; next }
	NF { sub(/[{ \t].*/, ""); print }'
}

words() {
	printf '%s\n' "$@" | tr -s '[:space:]' '\n' | sed '/^$/d'
}

# One database in WAL mode, held open by an application.
once() {
	demo=$dir/demo.db
	tool writers --setup-only "$demo" &&
	start_tool reader --mark-only --ready-file "$dir/open" "$demo" &&
	wait_for 10 '[ -s "$dir/open" ]' &&
	tool writers --commits 10 "$demo" >/dev/null &&
	"$LITEGAUGE" once --db "demo=$demo" >"$dir/exposition" &&
	end "$tool_pid"
}

if [ "${1:-}" = - ]; then
	cat >"$dir/exposition"
	beyond_once=
	ok 'test -s "$dir/exposition"' 'families came on standard input'
else
	ok once "$LITEGAUGE once looks at a database"
	"$LITEGAUGE" --tables metrics | sed -n 's/^\.It \([a-z0-9_]*\).*/\1/p' |
	    sort -u >"$dir/table"
	is "$(words "$beyond_once" | sort -u | comm -23 - "$dir/table")" '' \
	    'what once cannot show is in the table of metrics'
fi
{ words "$beyond_once"; exposed <"$dir/exposition"; } | sort -u >"$dir/families"

# The metrics of the expressions in a JSON array.
named_in() {
	jq -r "$(cat "$dir/defs.jq")"'.[] | metrics[]' | sort -u
}

unknown_in_dashboard() {	# DASHBOARD
	expressions "$1" | jq '[.groups[].rules[].expr]' | named_in |
	    known_to "$prometheus"
}

known_to() {	# MORE: prints what is read and not known
	words "$@" | sort -u - "$dir/families" >"$dir/known"
	comm -23 - "$dir/known" | sed 's/$/: no such family/'
}

# The expressions of a rules file; "expr: |" and what is indented below it.
rule_expressions() {	# RULES
	awk '
	function flush() { if (on) printf "%s%c", text, 0; on = 0; text = "" }
	on && (match($0, /[^ ]/) > indent || NF == 0) {
		text = text $0 "\n"
		next
	}
	{ flush() }
	$1 == "expr:" {
		on = 1
		indent = index($0, "expr:")
		if ($2 !~ /^[|>]-?$/)
			text = substr($0, indent + 5) "\n"
	}
	END { flush() }' "$1" | jq -Rs 'split("\u0000")[:-1]'
}

unknown_in_rules() {	# RULES
	recorded=$(sed -n 's/^ *- record: *//p' "$1")
	rule_expressions "$1" | named_in |
	    known_to "$prometheus" "$recorded"
}

judge unknown_in_dashboard "$dash"
clean 'the dashboard shows only what the agent exports'
jq '.panels[3].targets[0].expr |= gsub("sqlite_write_transactions_total";
    "sqlite_writes_total")' "$dash" >"$dir/edited.json"
judge unknown_in_dashboard "$dir/edited.json"
noticed 'an unknown metric in the dashboard is noticed' \
	'^sqlite_writes_total: no such family'

judge unknown_in_rules "$alerts"
clean 'the rules use only what the agent exports'
is "$(rule_expressions "$alerts" | jq length)" "$(rules_found "$alerts")" \
	'no rule was left out'
sed 's/sqlite_checkpoint_lag_frames/sqlite_checkpoint_backlog/' "$alerts" \
	>"$dir/edited.yml"
judge unknown_in_rules "$dir/edited.yml"
noticed 'an unknown metric in the rules is noticed' \
	'^sqlite_checkpoint_backlog: no such family'

done_testing
