#!/usr/bin/env python3
"""Counts the cases of a GoogleTest JSON report: prints "passed failed skipped".
A program that ended without a report, or with a code that its report does not explain, counts as one failure."""
import json
import sys

passed = failed = skipped = 0
code = int(sys.argv[2])
try:
    with open(sys.argv[1], encoding="utf-8") as report:
        for suite in json.load(report)["testsuites"]:
            for case in suite["testsuite"]:
                if case.get("failures"):
                    failed += 1
                elif case.get("result") == "SKIPPED":
                    skipped += 1
                elif case.get("result") == "COMPLETED":
                    passed += 1
except (OSError, ValueError, KeyError):
    failed += 1
if code != 0 and failed == 0:
    failed = 1
print(passed, failed, skipped)
