"""compare.py write VECTORS | compare.py check VECTORS: the Python half of tools/interop/run.

VECTORS is the folder Tests/TestVectors. `write` makes pymctp.hex anew. `check` compares and prints
what differs, one line each; exit status 1 if anything does.
"""

import sys
from pathlib import Path

from scapy.error import Scapy_Exception

import crafted
from fields import NAMES, dissect, kind, rebuilt
from vectors import read

# Commands and kinds of which pymctp knows another form, or none; interop.hex says what it reads.
OTHER_FORMS = {
    ("ResolveEndpointID", "response"),
    ("QueryHop", "response"),
    ("ResolveUUID", "request"),
    ("ResolveUUID", "response"),
    ("QueryRateLimit", "response"),
    ("RequestTXRateLimit", "request"),
    ("RequestTXRateLimit", "response"),
    ("UpdateRateLimit", "request"),
    ("QuerySupportedInterfaces", "response"),
}
LAST_BYTE_FIRST = "versions last byte first"


def turned_round(fields):
    """Version numbers with their bytes in the other order."""
    head, mark, numbers = fields.partition("versions=")
    if not mark or numbers == "none":
        return fields
    turned = (bytes.fromhex(number)[::-1].hex() for number in numbers.split(","))
    return head + mark + ",".join(turned)


def judge(vector):
    """What pymctp makes of a message of ours other than what its vector says; None for nothing."""
    try:
        packet, fields, left = dissect(vector.octets)
    except (ValueError, Scapy_Exception) as error:
        return str(error)
    expected, expected_left = vector.meaning, b""
    _, _, difference = vector.expectation.partition(", ")
    if difference == LAST_BYTE_FIRST:
        expected = turned_round(expected)
    elif difference:
        reads, _, leaves = difference.removeprefix("pymctp reads ").partition(" and leaves ")
        words = expected.split()[: 9 if "cc=" in expected else 8]
        expected = " ".join(words + ([] if reads == "nothing" else [reads]))
        expected_left = b"" if leaves == "nothing" else bytes.fromhex(leaves)
    if vector.expectation.partition(", ")[0] != f"packet {kind(packet)}":
        return f"pymctp takes it for a {kind(packet)}"
    if (fields, left) != (expected, expected_left):
        return (
            f"pymctp reads {fields} and leaves {left.hex() or 'nothing'}; expected "
            f"{expected} and {expected_left.hex() or 'nothing'}"
        )
    # pymctp cannot build a refusal that it read: it adds the data that the refusal lacks.
    if kind(packet) != "refusal" and rebuilt(packet) != vector.octets:
        return f"pymctp sends {rebuilt(packet).hex()} for the fields that it read"
    return None


def check_ours(vectors):
    """Messages of ours, field by field."""
    problems = [(vector.name, judge(vector)) for vector in vectors]
    notes = [vector.expectation.partition(", ")[2] for vector in vectors]
    versions = notes.count(LAST_BYTE_FIRST)
    other = sum(note.startswith("pymctp reads") for note in notes)
    meant = len(vectors) - versions - other
    print(
        f"interop.hex: pymctp reads {len(vectors)} messages of ours, {meant} as they are meant, "
        f"{versions} with {LAST_BYTE_FIRST} (known), {other} in a form of its own"
    )
    return [f"interop.hex: {name}: {problem}" for name, problem in problems if problem]


def check_golden(vectors):
    """The golden messages: nothing is left over, and pymctp sends the same bytes for them."""
    problems, whole, other = [], 0, 0
    for vector in vectors:
        octets = vector.octets
        if vector.expectation.startswith("body"):
            to = 0x08 if octets[1] & 0x80 else 0
            octets = bytes([0x01, 0x08, 0x09, 0xC0 | to]) + octets
        if vector.expectation.endswith("discarded"):
            continue  # nobody sends it
        packet, fields, left = dissect(octets)
        words = fields.split()
        if (words[0], kind(packet)) in OTHER_FORMS or (
            words[0] == "RoutingInformationUpdate" and not is_smbus_update(octets)
        ):
            other += 1
        elif left and words[0] in NAMES.values() and kind(packet) != "refusal":
            problems.append(f"control.hex: {vector.name}: pymctp leaves {left.hex()} of it")
        elif kind(packet) != "refusal" and rebuilt(packet) != octets:
            again = rebuilt(packet).hex()
            problems.append(f"control.hex: {vector.name}: pymctp sends {again} for it")
        else:
            whole += 1
    print(f"control.hex: pymctp reads {whole} golden messages whole, {other} in a form of its own")
    return problems


def is_smbus_update(octets):
    """Addresses of one byte: the only ones that pymctp knows in this command."""
    return not octets[5] & 0x80 or len(octets) == 8 + 4 * octets[7]


def check_theirs(path, ours):
    """pymctp.hex is what pymctp makes today."""
    committed, made = path.read_text(encoding="utf-8").splitlines(), crafted.text(ours).splitlines()
    problems = []
    for number in range(max(len(committed), len(made))):
        old, new = ((lines[number : number + 1] or ["no line"])[0] for lines in (committed, made))
        if old != new:
            problems.append(f"pymctp.hex:{number + 1}: pymctp makes `{new}`, the file has `{old}`")
    print(f"pymctp.hex: pymctp crafts {sum('|' in line for line in made)} messages")
    # One more or one less moves all that follow.
    return problems[:10]


def main():
    action, folder = sys.argv[1], Path(sys.argv[2])
    ours = read(folder / "interop.hex")
    theirs = folder / "pymctp.hex"
    if action == "write":
        theirs.write_text(crafted.text(ours), encoding="utf-8")
        return 0
    problems = check_ours(ours) + check_golden(read(folder / "control.hex"))
    problems += check_theirs(theirs, ours)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
