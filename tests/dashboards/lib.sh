# shellcheck shell=sh disable=SC2016,SC2034
# lib - how a machine reads the dashboard and the alert rules.  Sourced after the
# lib.sh of the scenarios, in the top directory.
#
#	judge COMMAND...	what it prints are breaches
#	clean NAME		an assertion: there was none
#	noticed NAME PATTERN	such a breach was wanted, and nothing else
#	fails_with ERE COMMAND...
#				the command fails and says why
#	breaches_of FILE JQ	of a dashboard, each that the program prints
#	expressions DASHBOARD	all its queries, as a file of rules
#	rules_found FILE	how many promtool finds in it
#
# Environment: PROMTOOL (promtool), LITEGAUGE (build/litegauge).

case ${0##*/} in
lib.sh)
	echo '1..0 # SKIP this is what the tests are written in'
	exit 0
	;;
esac

PROMTOOL=${PROMTOOL:-promtool}
LITEGAUGE=${LITEGAUGE:-build/litegauge}
dash=dashboards/grafana/litegauge.json
alerts=dashboards/prometheus/alerts.yml

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
