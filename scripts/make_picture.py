#!/usr/bin/env python3
"""Makes docs/demo.svg: a terminal's picture of what a command of the demo's lab prints, from its real output.
Argument: the tool. Colours and bold come from the ANSI codes; times and identifiers differ from run to run."""
import html
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS, CHAR, LINE, MARGIN = 118, 7.8, 17, 14
FIRST, LAST = "4. Send", "Try next"


def lines_of_demo(tool):
    done = subprocess.run([tool, "lab", "demo", "--color", "always", "-w", "/dev/null"], capture_output=True, text=True, check=False)
    text = done.stdout
    begin, end = text.find(FIRST), text.find(LAST)
    if done.returncode != 0 or begin < 0:
        sys.exit(f"the demo did not run: {done.stderr}")
    wrapped = []
    for line in text[text.rfind("\n", 0, begin) + 1:text.rfind("\n", 0, end)].splitlines():
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        wrapped.append(line if len(plain) <= COLUMNS else plain[: COLUMNS - 3] + "...")
    return wrapped


def spans(line):
    bold, colour = False, "#d8dee9"
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if code:
            codes = code[1].split(";")
            if "0" in codes or codes == [""]:
                bold, colour = False, "#d8dee9"
            bold = bold or "1" in codes
            colour = "#88c0d0" if "36" in codes else "#bf616a" if "31" in codes else "#7b8494" if "2" in codes else colour
        elif part:
            weight = ' font-weight="bold"' if bold else ""
            yield f'<tspan fill="{colour}"{weight}>{html.escape(part)}</tspan>'


def main():
    lines = ["$ rawket lab demo", *lines_of_demo(sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "rawket"))]
    width, height = int(COLUMNS * CHAR + 2 * MARGIN), int(len(lines) * LINE + 2 * MARGIN)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
           f'<rect width="{width}" height="{height}" rx="8" fill="#20252e"/>',
           '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="12.5px" xml:space="preserve">']
    for i, line in enumerate(lines):
        out.append(f'<text x="{MARGIN}" y="{MARGIN + (i + 0.75) * LINE:.1f}">{"".join(spans(line))}</text>')
    out.append("</g></svg>\n")
    (ROOT / "docs" / "demo.svg").write_text("\n".join(out), encoding="utf-8")


main()
