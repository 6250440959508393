#!/usr/bin/python3
"""Holds bodies against the schemas in schemas/.

    validate.py TYPE < BODIES         one body a line, as JSON
    validate.py --snapshots FILE...   the bodies of snapshots/TYPE.txt
    validate.py --each < LINES        a type and a body a line: "right" or
                                      "wrong" for each, and nothing else

Says a line for each breach and, last, how many bodies there were; 1 is the exit
status when one was wrong, or none was there.  Uses jsonschema (Debian: python3-jsonschema).
"""
import functools
import json
import pathlib
import sys

import jsonschema

SCHEMAS = pathlib.Path(__file__).parent / "schemas"
ALIKE = {"exec": "webhook"}     # a type whose body is that of another
NOT_JSON = {"email"}


@functools.cache
def validator(kind):
    text = (SCHEMAS / f"{ALIKE.get(kind, kind)}.json").read_text("utf-8")
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def characters(value):
    """Discord's sum of all embeds."""
    return sum(len(e.get("title", "")) + len(e.get("description", ""))
               + len(e.get("footer", {}).get("text", ""))
               for e in value.get("embeds", []))


def beyond_schema(kind, body, value):
    """What a schema cannot say: sizes of a whole."""
    if kind == "discord" and characters(value) > 6000:
        yield f"{characters(value)} characters in all embeds"
    if kind == "teams" and len(body.encode()) > 21000:
        yield f"{len(body.encode())} bytes"
    if kind == "webhook" and len(body.encode()) > 20000:
        yield f"{len(body.encode())} bytes"


def breaches(kind, body):
    try:
        value = json.loads(body)
    except ValueError as e:
        return [f"not JSON: {e}"]
    found = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
             for e in validator(kind).iter_errors(value)]
    return found + list(beyond_schema(kind, body, value))


def snapshots(path):
    """Pairs of a case's name and its body."""
    for part in path.read_text("utf-8").split("\n== "):
        head, body = part.split("\n\n", 1)
        yield head.splitlines()[0].removeprefix("== "), body


def main(args):
    if args == ["--each"]:
        for line in sys.stdin:
            print("wrong" if breaches(*line.split(" ", 1)) else "right")
        return 0
    bodies = []
    if args[:1] == ["--snapshots"]:
        for path in map(pathlib.Path, args[1:]):
            if path.stem not in NOT_JSON:
                bodies += [(path.stem, f"{path.stem}, {name}", body)
                           for name, body in snapshots(path)]
    else:
        bodies += [(args[0], f"{args[0]}, line {i + 1}", body)
                   for i, body in enumerate(sys.stdin)]
    wrong = not bodies
    for kind, name, body in bodies:
        for breach in breaches(kind, body):
            print(f"{name}: {breach}")
            wrong = True
    print(len(bodies), "bodies")
    return int(wrong)


sys.exit(main(sys.argv[1:]))
