#!/bin/sh
# panels.sh - what a machine can say of the dashboard, so that nobody finds out at
# three in the morning that a panel was always empty.
#
# The rules are those of Grafana's dashboard-linter, which is not needed to run
# this.  Every rule is a jq program that prints one line for each breach, and
# comes with an edit that breaks it: a rule that does not notice its own mistake
# fails as well.
# shellcheck disable=SC2016,SC2034,SC2317
# shellcheck source=tests/scenario/lib.sh
cd "$(dirname "$0")/../.." || exit 1
. tests/scenario/lib.sh
# shellcheck source=tests/dashboards/lib.sh
. tests/dashboards/lib.sh

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

done_testing
