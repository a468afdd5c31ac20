#!/usr/bin/env python3
"""Runs inspections with `-o json` in labs and holds each line they print against the schema of share/schemas.

Argument: the build tree that holds the tool. The last line of the output is "N passed, N failed[, N skipped]"."""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = (ROOT / sys.argv[1] / "rawket").resolve()

# Schema, topology, options of `lab run`, the command, and the events that have to be among its lines.
RUNS = [
    ("ping", "pair", [], "ping 198.18.0.2 198.18.0.77 -c 2 --interval 20ms --timeout 100ms", "answer lost summary diagnosis"),
    ("ping", "pair", [], "ping 2001:db8::2 -c 2 --interval 20ms", "answer summary"),
    ("ping", "pair duplicate=50% corrupt=20% reorder=30%", [], "ping 198.18.0.2 -c 50 --interval 2ms --timeout 100ms", "answer duplicate lost summary"),
    ("ping", "firewalled", [], "ping 198.18.1.2 --tcp 25 -c 2 --interval 20ms --no-why", "error summary"),
    ("trace", "chain 2", [], "trace 198.18.2.2", "hop summary"),
    ("trace", "ecmp 2", [], "trace 2001:db8:0:5::2 --flows 4 --udp 33434 --max-hops 6 --rounds 1", "hop summary"),
    ("trace", "chain 1", [], "trace 198.18.1.77 --rounds 1 --timeout 100ms --max-hops 4", "hop summary diagnosis"),
    ("scan", "firewalled", [], "scan 198.18.1.2 -p 22-25 --all --timeout 100ms", "port summary"),
    ("scan", "firewalled", [], "scan 2001:db8:0:1::2 -p 22-25 --all --timeout 100ms --by ack", "port summary"),
    ("scan", "pair", ["--on", "h2: python3 -m http.server --bind :: 80 >/dev/null 2>&1 & sleep 1"], "scan 2001:db8::2 -p 80,81 --all --by connect --banner", "port service summary"),
    ("discover", "lan 3", [], "discover --rate 1000 --timeout 100ms", "host summary"),
    ("discover", "lan 3", [], "discover 198.18.0.0/28 --timeout 100ms", "host summary"),
    ("pmtu", "blackhole-mtu", [], "pmtu 198.18.2.2", "hop summary"),
    ("pmtu", "chain 1", [], "pmtu 2001:db8:0:1::2", "summary"),
    ("pmtu", "pair", [], "pmtu 198.18.0.77 --timeout 100ms", "summary diagnosis"),
    ("why", "pair", [], "why 198.18.0.2", "diagnosis"),
    ("why", "firewalled", [], "why [2001:db8:0:1::2]:25", "diagnosis"),
    ("why", "pair", [], "why 198.18.9.9", "diagnosis"),
]


def check(name, topology, options, command, events, validator):
    done = subprocess.run([TOOL, "lab", "run", *options, *topology.split(), "--", TOOL, *command.split(), "-o", "json"], capture_output=True, text=True, timeout=60)
    seen = set()
    for line in done.stdout.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            return f"this line is no JSON: {line}"
        seen.add(event.get("event"))
        problem = next(iter(validator.iter_errors(event)), None)
        if problem is not None:
            deepest = next((c for c in problem.context or [] if event.get("event") == c.schema.get("const")), problem)
            return f"{deepest.message}\n  {line}"
    missing = set(events.split()) - seen
    return f"there is no {', no '.join(sorted(missing))} among its lines\n{done.stdout}{done.stderr}" if missing else ""


def main():
    try:
        import jsonschema
    except ImportError:
        return print(f"schemas: python3-jsonschema is not installed\n0 passed, 0 failed, {len(RUNS)} skipped")
    if subprocess.run([TOOL, "lab", "run", "--", "true"], capture_output=True).returncode != 0:
        return print(f"schemas: no lab can be started here\n0 passed, 0 failed, {len(RUNS)} skipped")
    passed = failed = 0
    for name, topology, options, command, events in RUNS:
        schema = json.loads((ROOT / "share/schemas" / f"{name}.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        problem = check(name, topology, options, command, events, jsonschema.Draft202012Validator(schema))
        passed, failed = passed + (not problem), failed + bool(problem)
        if problem:
            print(f"rawket {command} on {topology}: {problem}")
    print(f"{passed} passed, {failed} failed")


main()
