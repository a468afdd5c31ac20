#!/usr/bin/env python3
"""Tells what a build tree cost that was compiled with measured.sh: CPU seconds in all and of the slowest translation
units. On a machine that others use as well these numbers swell, so only a unit far over the budget fails.
Arguments: the build tree, the budget of one unit in seconds, the factor that fails."""
import pathlib
import sys

HEADER_HEAVY = ["cli/command_line.cpp"]


def main():
    tree, budget, factor = pathlib.Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    times = {}
    for path in tree.rglob("*.o.seconds"):
        if path.with_suffix("").exists():
            name = str(path.relative_to(tree)).split(".dir/")[-1].removesuffix(".o.seconds")
            times[name] = sum(map(float, path.read_text(encoding="utf-8").split()[-2:]))
    if not times:
        print(f"{tree} was not compiled with scripts/measured.sh")
        return 1
    print(f"  {sum(times.values()):5.1f} s of CPU time for {len(times)} units; the slowest:")
    for name, seconds in sorted(times.items(), key=lambda item: -item[1])[:5]:
        print(f"  {seconds:5.1f} s  {name}")
    late = [name for name, seconds in times.items() if seconds > budget * factor and name not in HEADER_HEAVY]
    for name in late:
        print(f"{name}: more than {budget * factor:.0f} s")
    return 1 if late else 0


sys.exit(main())
