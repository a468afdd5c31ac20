#!/usr/bin/env python3
"""Tells the slowest translation units of a build tree, from ninja's log. Times on a shared machine decide nothing, so
only a unit far over the budget fails. Arguments: the build tree, the budget in seconds, the factor that fails."""
import pathlib
import sys

HEADER_HEAVY = ["cli/command_line.cpp"]


def main():
    tree, budget, factor = pathlib.Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    times = {}
    for line in (tree / ".ninja_log").read_text(encoding="utf-8").splitlines()[1:]:
        start, end, _, output, _ = line.split("\t")
        if output.endswith(".o"):
            times[output] = (int(end) - int(start)) / 1000
    slowest = sorted(times.items(), key=lambda item: -item[1])[:5]
    for output, seconds in slowest:
        print(f"  {seconds:5.1f} s  {output.split('.dir/')[-1]}")
    late = [o for o, s in times.items() if s > budget * factor and not any(h in o for h in HEADER_HEAVY)]
    for output in late:
        print(f"{output}: more than {budget * factor:.0f} s")
    return 1 if late else 0


sys.exit(main())
