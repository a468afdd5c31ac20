#!/usr/bin/env python3
"""Checks the doors between rooms: which folder may include which. Prints each wrong include; exit code 1 when there is one."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAY_USE = {
    "base": {"base"},
    "wire": {"base", "wire"},
    "proto": {"base", "wire", "proto"},
    "packet": {"base", "wire", "proto", "packet"},
    "session": {"base", "wire", "proto", "packet", "session"},
    "host": {"base", "host"},
    "io": {"base", "host", "io"},
    "lab": {"base", "host", "io", "lab"},
    "send": {"base", "wire", "proto", "packet", "host", "io", "send"},
    "inspect": {"base", "wire", "proto", "packet", "host", "io", "send", "inspect"},
}


def room_of(path):
    parts = path.relative_to(ROOT).parts
    if parts[0] == "include":
        return parts[2]
    return parts[1] if parts[0] == "src" else "cli"


def main():
    wrong = 0
    files = [*ROOT.glob("include/rawket/**/*.hpp"), *ROOT.glob("src/**/*.?pp"), *ROOT.glob("cli/*.?pp")]
    for path in sorted(files):
        room = room_of(path)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = re.match(r'#include "(?:\.\./)*(?:rawket/)?(\w+)/', line)
            if not match or room == "cli":
                continue
            if match[1] not in MAY_USE.get(room, set()):
                print(f"{path.relative_to(ROOT)}:{number}: {room}/ must not use {match[1]}/")
                wrong += 1
    return 1 if wrong else 0


sys.exit(main())
