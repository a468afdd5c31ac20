#!/usr/bin/env python3
"""Checks the layout with clang-format-19 and .clang-format: indentation and the spaces within lines. Where a line breaks
is the writer's choice, and lines aligned as a table (fields, names, vectors) stay as they are: there the columns tell
more than the rules. Prints each difference; exit code 1 when there is one. Arguments: files; without any, all sources."""
import concurrent.futures
import difflib
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["include", "src", "cli", "tests", "fuzz", "bench", "examples"]
TABLE = re.compile(r"field<&|\{\{|^\s*\{.*\},?\s*$|^\s*\{|\}\};|\bcase \w+.*:|enum class|\)\.with_\w+\(|\S  +//|\\$|^ +(?:[\w']+, +)+")


def differences(path):
    written = path.read_text(encoding="utf-8").splitlines()
    done = subprocess.run(["clang-format-19", "--style=file:" + str(ROOT / ".clang-format"), str(path)], capture_output=True, text=True, check=True)
    formatted = done.stdout.splitlines()
    for tag, begin, end, new_begin, new_end in difflib.SequenceMatcher(None, written, formatted, autojunk=False).get_opcodes():
        if tag == "equal" or end - begin != new_end - new_begin or any(TABLE.search(line) for line in written[begin:end]):
            continue
        yield begin + 1, written[begin:end], formatted[new_begin:new_end]


def main():
    paths = [pathlib.Path(a) for a in sys.argv[1:]] or sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.?pp"))
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for path, found in zip(paths, pool.map(lambda p: list(differences(p)), paths)):
            for number, written, formatted in found:
                wrong += 1
                print(f"{path.resolve().relative_to(ROOT)}:{number}:")
                print("\n".join(["-" + line for line in written] + ["+" + line for line in formatted]))
    return 1 if wrong else 0


sys.exit(main())
