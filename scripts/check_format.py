#!/usr/bin/env python3
# Checks spaces against clang-format: where a line breaks, and how columns are aligned, is the writer's choice; that there is
# a space or none between two characters of one line is not.
#   check_format.py CLANG-FORMAT FILE...
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def gaps(text):
    """The visible characters, and for those with a gap before them what it is and the line they stand on."""
    characters, found, line, count = [], {}, 1, 0
    for part in re.finditer(r"(\s*)(\S+)", text):
        space, word = part.groups()
        line += space.count("\n")
        if space:
            found[count] = ("line" if "\n" in space else "space", line)
        characters.append(word)
        count += len(word)
    return "".join(characters), found


def faults(path, formatted):
    ours, have = gaps(Path(path).read_text(encoding="utf-8"))
    theirs, want = gaps(formatted.read_text(encoding="utf-8"))
    if ours != theirs:
        return [f"{path}: clang-format changes more than spaces"]
    lines = {at: line for at, (_, line) in have.items()}
    found = []
    for at in sorted(have.keys() ^ want.keys()):
        if have.get(at, want.get(at))[0] == "line":
            continue
        line = max((l for place, l in lines.items() if place <= at), default=1)
        found.append(f"{path}:{line}: {'a space too many' if at in have else 'no space'} before '{ours[at:at + 12]}'")
    return found


def main():
    formatter, files = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        styles = [str(style) for style in Path().rglob(".clang-format") if "build" not in style.parts]
        for path in files + styles:
            copy = Path(folder, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
        subprocess.run([formatter, "-i", *files], cwd=folder, check=True)
        found = [fault for path in files for fault in faults(path, Path(folder, path))]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
