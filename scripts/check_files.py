#!/usr/bin/env python3
"""Checks what every source file has to keep: a first line that says what it is for, at most 500 lines, no tabs, no
trailing blanks, lines that fit, no name used as a note for later. Prints each slip; exit code 1 when there is one."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["include", "src", "cli", "tests", "fuzz", "bench", "examples"]
MOST_LINES, MOST_COLUMNS, MOST_COLUMNS_OF_TESTS = 500, 220, 280  # tests have bytes in hex and tables of cases
LATER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")


def slips(path):
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    columns = MOST_COLUMNS_OF_TESTS if ROOT / "tests" in path.parents else MOST_COLUMNS
    if not lines[0].startswith("// "):
        yield 1, "the first line does not say what the file is for"
    if len(lines) - 1 > MOST_LINES:
        yield MOST_LINES, f"has {len(lines) - 1} lines, at most {MOST_LINES} are allowed"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield len(lines), "does not end with one newline"
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield number, "has a tab"
        if line != line.rstrip():
            yield number, "ends with blanks"
        if len(line) > columns:
            yield number, f"has {len(line)} columns, at most {columns} are allowed"
        if LATER.search(line):
            yield number, "leaves something for later"


def types_with_two_homes():
    """Public types are known by one name in one header."""
    homes = {}
    for path in sorted((ROOT / "include").rglob("*.hpp")):
        for name in re.findall(r"^(?:struct|class|enum class|enum) (\w+)[^;]*\{", path.read_text(encoding="utf-8"), re.M):
            homes.setdefault(name, set()).add(path.relative_to(ROOT))
    return {name: paths for name, paths in homes.items() if len(paths) > 1}


def main():
    wrong = 0
    for name, paths in types_with_two_homes().items():
        print(f"{name} is declared in {' and '.join(sorted(map(str, paths)))}")
        wrong += 1
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.?pp")):
            for number, what in slips(path):
                print(f"{path.relative_to(ROOT)}:{number}: {what}")
                wrong += 1
    return 1 if wrong else 0


sys.exit(main())
