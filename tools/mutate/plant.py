#!/usr/bin/env python3
"""Copies the tree and plants every defect of the list into the copy, each behind `mutant(N)`.

usage: plant.py ROOT COPY DEFECTS    writes the copy; prints a line a defect: number, place, sentence
       plant.py ROOT - DEFECTS       only reads and checks, and prints the same

The head of DEFECTS says what an entry looks like. A text that is not there exactly once, a number
that is there twice or an entry of another form ends the run with file and line. Files of the copy
are written only when they differ, so that a second build is short; those that the tree has no more
are removed, unless git ignores them, as it does what was built.
"""
import os
import re
import subprocess
import sys


class Defect:
    """One place: `old`, `new` and `before` are trimmed lines; `line` is where the entry begins."""

    def __init__(self, number, path, line, first=None):
        self.number, self.path, self.line = number, path, line
        self.sentence, self.old, self.new, self.before = [], [], [], []
        # A defect of several places: the first one has the sentence.
        self.first = first


def fail(place, text):
    sys.exit(f"plant: {place}: {text}")


def read_defects(name):
    defects = []
    with open(name, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            text = line.strip()
            place = f"{name}:{number}"
            if not text or text.startswith("#"):
                continue
            head = re.fullmatch(r"(\d+) (Sources/\S+\.swift)", text)
            also = re.fullmatch(r"also (Sources/\S+\.swift)", text)
            if also:
                if not defects:
                    fail(place, "`also` belongs to the defect before it, and there is none")
                first = defects[-1].first or defects[-1]
                defects.append(Defect(first.number, also[1], number, first))
            elif head:
                if any(other.number == int(head[1]) for other in defects) or head[1] == "0":
                    fail(place, f"number {head[1]} is taken; use another")
                defects.append(Defect(int(head[1]), head[2], number))
            elif not defects:
                fail(place, "expected `NUMBER Sources/.../FILE.swift`")
            elif text == "+" or text.startswith("+ "):
                defects[-1].new.append(text[2:].strip())
            elif text.startswith("> "):
                defects[-1].before.append(text[2:].strip())
            elif text.startswith("- "):
                defects[-1].old.append(text[2:].strip())
            elif defects[-1].old:
                fail(place, "expected `- original`, `+ defect`, `> statement` or the next entry")
            else:
                defects[-1].sentence.append(text)
    for defect in defects:
        if not ((defect.sentence or defect.first) and defect.old):
            fail(f"{name}:{defect.line}", "an entry needs a sentence and `-` lines")
        if bool(defect.new) == bool(defect.before):
            fail(f"{name}:{defect.line}", "an entry needs `+` lines or `>` lines, one of the two")
    return defects


def planted(defect, name):
    """The text that takes the place of the original lines, or goes before them."""
    if defect.before:
        statements = "\n".join(defect.before)
        return f"if mutant({defect.number}) {{\n{statements}\n}}"
    old, new = "\n".join(defect.old), "\n".join(defect.new)
    marked = re.fullmatch(r"(.*)«(.*)»(.*)", old, re.DOTALL)
    if marked:
        before, part, after = marked.groups()
        return f"{before}(mutant({defect.number}) ? ({new}) : ({part})){after}"
    if "«" in old or "»" in old:
        fail(f"{name}:{defect.line}", "one part between « and », or none")
    return f"if mutant({defect.number}) {{\n{new}\n}} else {{\n{old}\n}}"


def find(defect, lines, name):
    """Index of the first of the original lines in the file's trimmed `lines`."""
    wanted = [line.replace("«", "").replace("»", "") for line in defect.old]
    found = [
        start for start in range(len(lines) - len(wanted) + 1)
        if lines[start:start + len(wanted)] == wanted
    ]
    if len(found) != 1:
        fail(
            f"{name}:{defect.line}",
            f"defect {defect.number}: its original is {len(found)} times in {defect.path}, not"
            " once: " + " / ".join(wanted))
    return found[0], len(wanted)


def plant(source, defects, name, import_line):
    """`source` with all the defects of one file."""
    lines = [line.strip() for line in source.split("\n")]
    # What goes before a line comes first, and takes no line itself.
    edits = sorted(
        ((find(each, lines, name)[0], 0 if each.before else find(each, lines, name)[1], each)
         for each in defects),
        key=lambda edit: (edit[0], edit[1] > 0, edit[2].line))
    result, position = [], 0
    whole = source.split("\n")
    for start, count, defect in edits:
        if start < position:
            fail(f"{name}:{defect.line}", f"defect {defect.number} shares a line with another")
        result += whole[position:start] + [planted(defect, name)]
        position = start + count
    text = "\n".join(result + whole[position:])
    inside = defects[0].path.startswith("Sources/MCTPWire/")
    if not inside and not re.search(r"^(\w+ )?import MCTPWire$", text, re.MULTILINE):
        text = f"{import_line}\n\n{text}"
    return text


def import_of_wire(module):
    """As the module's other files import it: a plain import and an internal one do not mix."""
    for folder, _, names in os.walk(module):
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                if "internal import MCTPWire\n" in file.read():
                    return "internal import MCTPWire"
    return "import MCTPWire"


def write(path, content, mode):
    try:
        with open(path, "rb") as file:
            if file.read() == content:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)


def remove_others(root, copy, keep):
    """Every file of the copy that is not in `keep`, a set of paths in it, and that git would track."""
    others = []
    for folder, folders, names in os.walk(copy):
        folders[:] = [each for each in folders if not each.startswith(".build")]
        places = (os.path.relpath(os.path.join(folder, name), copy) for name in names)
        others += [place for place in places if place not in keep]
    if others:
        # Status 1: it ignores none of them.
        answer = subprocess.run(
            ["git", "-C", root, "check-ignore", "-z", "--stdin"], stdout=subprocess.PIPE,
            input="\0".join(others).encode())
        if answer.returncode > 1:
            sys.exit("plant: git check-ignore failed")
        for place in set(others) - set(answer.stdout.decode().split("\0")):
            os.remove(os.path.join(copy, place))


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    root, copy, name = sys.argv[1:]
    defects = read_defects(name)
    files = {}
    for defect in defects:
        files.setdefault(defect.path, []).append(defect)
    changed = {}
    for path, ours in files.items():
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                module = os.path.join(root, *path.split("/")[:2])
                changed[path] = plant(file.read(), ours, name, import_of_wire(module)).encode()
        except FileNotFoundError:
            fail(f"{name}:{ours[0].line}", f"no file {path}")
    if copy != "-":
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
        present = sorted(
            {path for path in listed if path and os.path.isfile(os.path.join(root, path))})
        for path in present:
            with open(os.path.join(root, path), "rb") as file:
                content = changed.get(path) or file.read()
            mode = os.stat(os.path.join(root, path)).st_mode
            write(os.path.join(copy, path), content, mode)
        with open(os.path.join(root, "tools/mutate/Mutant.swift"), "rb") as file:
            write(os.path.join(copy, "Sources/MCTPWire/Mutant.swift"), file.read(), 0o644)
        remove_others(root, copy, set(present) | {"Sources/MCTPWire/Mutant.swift"})
    whole = [each for each in defects if not each.first]
    for defect in sorted(whole, key=lambda each: each.number):
        place = defect.path.removeprefix("Sources/").removesuffix(".swift")
        print(defect.number, place, " ".join(defect.sentence), sep="\t")


main()
