"""Reads Tests/TestVectors: the same form that Tests/TestSupport/TestVectors.swift reads."""

from dataclasses import dataclass, field


@dataclass
class Vector:
    name: str
    meaning: str
    expectation: str
    octets: bytearray = field(default_factory=bytearray)


def read(path):
    vectors = []
    with open(path, encoding="utf-8") as file:
        for line in map(str.strip, file):
            if line.startswith("#"):
                if "|" in line:
                    name, _, meaning, expectation = (part.strip() for part in line[1:].split("|"))
                    vectors.append(Vector(name, meaning, expectation))
            elif line:
                for word in line.split():
                    octets = vectors[-1].octets
                    if word.startswith("x"):
                        octets += octets[-1:] * (int(word[1:]) - 1)
                    else:
                        octets += bytes.fromhex(word)
    for vector in vectors:
        vector.octets = bytes(vector.octets)
    return vectors
