#!/usr/bin/env python3
"""Compiles tests/static: ok_*.cpp must compile; fail_*.cpp must not, and the compiler must say the text of their line
"// expect: ...". The last line of the output is "N passed, N failed"."""
import concurrent.futures
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def problem(path):
    done = subprocess.run(["g++", "-std=gnu++23", "-Wall", "-Wextra", "-I", str(ROOT / "include"), "-fsyntax-only", str(path)], capture_output=True, text=True, timeout=120, check=False)
    if path.name.startswith("ok_"):
        return None if done.returncode == 0 else "does not compile: " + done.stderr[:400]
    wanted = re.search(r"// expect: (.*)", path.read_text(encoding="utf-8"))
    if done.returncode == 0:
        return "compiles, and must not"
    if wanted and wanted[1].strip() not in done.stderr:
        return f"the compiler does not say '{wanted[1].strip()}': {done.stderr[:400]}"
    return None


def main():
    paths = sorted((ROOT / "tests" / "static").glob("*.cpp"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        problems = list(pool.map(problem, paths))
    for path, what in zip(paths, problems):
        if what:
            print(f"{path.name}: {what}")
    failed = sum(1 for what in problems if what)
    print(f"{len(paths) - failed} passed, {failed} failed")


main()
