#!/usr/bin/env python3
"""Runs what the documentation shows: each `rawket ...` line of a ```sh block, and compiles each ```cpp block.

Argument: the build tree that holds the tool and the libraries. Lines with a comment "# exits N" must exit with N, all
others with 0. A ```cpp block without main is compiled behind the library's headers. The last line of the output is
"N passed, N failed[, N skipped]"."""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREE = (ROOT / sys.argv[1]).resolve()
PAGES = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs").glob("*.md"))]
PROLOGUE = """#include "rawket/io/packet_socket.hpp"
#include "rawket/packet/packet.hpp"
#include "rawket/packet/text.hpp"
#include "rawket/proto/all.hpp"
#include "rawket/send/ask.hpp"
using namespace rawket;
"""


def blocks(page, language):
    return re.findall(r"^```" + language + r"\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)


def commands(page):
    for block in blocks(page, "sh"):
        for line in block.splitlines():
            if line.startswith("rawket "):
                code = re.search(r"# exits (\d+)\s*$", line)
                yield line.split(" # ")[0].rstrip(), int(code[1]) if code else 0


def run_command(line, wanted, folder):
    environment = {"PATH": f"{TREE}:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(folder), "TERM": "dumb"}
    done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode == wanted:
        return None
    return f"exit code {done.returncode}, wanted {wanted}: {done.stderr.decode(errors='replace')[-300:]}"


def compile_block(block, folder):
    """A block that names an example in its first line has to stand in it word for word."""
    example = re.match(r"// (examples/\w+\.cpp)\n", block)
    if example and block[example.end():].strip() not in (ROOT / example[1]).read_text(encoding="utf-8"):
        return f"it differs from {example[1]}"
    source = folder / "block.cpp"
    text = block if "int main" in block else PROLOGUE + block + "\nint main() {}\n"
    source.write_text(text, encoding="utf-8")
    done = subprocess.run(["g++", "-std=gnu++23", "-I", str(ROOT / "include"), "-fsyntax-only", str(source)], capture_output=True, timeout=120)
    return None if done.returncode == 0 else done.stderr.decode(errors="replace")[:400]


def main():
    passed = failed = skipped = 0
    no_lab = subprocess.run([TREE / "rawket", "lab", "run", "--", "true"], capture_output=True, check=False).returncode != 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([TREE / "rawket", "craft", "eth", "/", "ip", "/", "tcp", "dport=80-84", "/", "text=x", "-w", "capture.pcapng"], cwd=folder, check=True, capture_output=True)
        for page in PAGES:
            for line, wanted in commands(page):
                if "rawket lab" in line and no_lab:
                    skipped += 1
                    continue
                problem = run_command(line, wanted, folder)
                passed, failed = (passed + 1, failed) if problem is None else (passed, failed + 1)
                if problem is not None:
                    print(f"{page.name}: {line}\n  {problem}")
            for block in blocks(page, "cpp"):
                problem = compile_block(block, folder)
                passed, failed = (passed + 1, failed) if problem is None else (passed, failed + 1)
                if problem is not None:
                    print(f"{page.name}: this block does not compile:\n{block}\n{problem}")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))


main()
