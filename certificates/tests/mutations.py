"""Damage files on purpose: octet by octet, and element by element with lengths that fit again."""

import base64
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SEED = int(os.environ.get("MUTATION_SEED", "20261"))
"""The same every time, so that what breaks breaks again; another one finds other things."""
COUNT = int(os.environ.get("MUTATIONS", "10000"))
"""How many files the test as a whole looks at."""

_CONSTRUCTED = 0x20
_TAGS = (0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x13, 0x16, 0x17, 0x18, 0x1E, 0x30, 0x31, 0xA0, 0xA3)
_LARGEST = 200_000
_PEM = re.compile(rb"(-----BEGIN [A-Z0-9 ]+-----\n)([A-Za-z0-9+/=\n]+)(-----END)")


@dataclass
class Node:
    """An element of DER that can be changed; it writes its own length."""

    tag: int
    contents: bytes = b""
    children: list["Node"] = field(default_factory=list)

    def encoded(self) -> bytes:
        contents = b"".join(child.encoded() for child in self.children) or self.contents
        return bytes([self.tag]) + _length(len(contents)) + contents

    def below(self) -> Iterator["Node"]:
        yield self
        for child in self.children:
            yield from child.below()


def mutated(originals: list[bytes], count: int, *, seed: int = SEED) -> Iterator[bytes]:
    """Yield damaged copies of these files; each kind of damage and each file gets its turn."""
    chance = random.Random(seed)
    for number in range(count):
        yield mutate(originals[number % len(originals)], chance)


def mutate(original: bytes, chance: random.Random) -> bytes:
    """Return the file with one to three things changed."""
    changed = original
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        blocks = list(_PEM.finditer(changed))
        if blocks and chance.random() < 0.7:
            changed = _mutate_block(changed, chance.choice(blocks), chance)
        elif chance.random() < 0.5 and not blocks:
            changed = mutate_elements(changed, chance)
        else:
            changed = chance.choice(_OCTET_MUTATIONS)(changed, chance)
    return changed[:_LARGEST]


def mutate_elements(der: bytes, chance: random.Random) -> bytes:
    """Change one element somewhere in the tree, and put the lengths around it right."""
    try:
        root = parse(der)
    except ValueError:
        return _flip(der, chance)
    nodes = list(root.below())
    chance.choice(_ELEMENT_MUTATIONS)(chance.choice(nodes), nodes, chance)
    return root.encoded()


def parse(der: bytes) -> Node:
    """Read DER into a tree; strings that hold DER themselves are opened too."""
    nodes = _parse_all(der)
    if len(nodes) != 1:
        raise ValueError("not one element")
    return nodes[0]


def _mutate_block(pem: bytes, block: re.Match[bytes], chance: random.Random) -> bytes:
    try:
        der = base64.b64decode(block[2])
    except ValueError:
        return _flip(pem, chance)
    change = chance.choice((mutate_elements, *_OCTET_MUTATIONS))
    body = base64.encodebytes(change(der, chance))
    return pem[: block.start(2)] + body + pem[block.end(2) :]


def _parse_all(octets: bytes) -> list[Node]:
    nodes, position = [], 0
    while position < len(octets):
        node, position = _parse_at(octets, position)
        nodes.append(node)
    return nodes


def _parse_at(octets: bytes, position: int) -> tuple[Node, int]:
    if position + 2 > len(octets):
        raise ValueError("cut short")
    tag, length = octets[position], octets[position + 1]
    start = position + 2
    if length & 0x80:
        count = length & 0x7F
        if not 0 < count < 4:
            raise ValueError("no DER")
        length = int.from_bytes(octets[start : start + count], "big")
        start += count
    if start + length > len(octets):
        raise ValueError("cut short")
    contents = octets[start : start + length]
    return Node(tag, contents, _inside(tag, contents)), start + length


def _inside(tag: int, contents: bytes) -> list[Node]:
    if tag & _CONSTRUCTED:
        return _parse_all(contents)
    if tag == 0x04 and contents[:1] in {b"\x30", b"\x02", b"\x04"}:
        try:
            return _parse_all(contents)
        except ValueError:
            return []
    return []


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def _flip(octets: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(octets) or 1)
    return (
        octets[:at]
        + bytes([(octets[at : at + 1] or b"\0")[0] ^ 1 << chance.randrange(8)])
        + octets[at + 1 :]
    )


def _replace(octets: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(octets) or 1)
    some = chance.choice((b"\0", b"\x7f", b"\x80", b"\xff", chance.randbytes(chance.randint(1, 9))))
    return octets[:at] + some + octets[at + len(some) :]


def _insert(octets: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(octets) or 1)
    return octets[:at] + chance.randbytes(chance.randint(1, 40)) + octets[at:]


def _cut_out(octets: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(octets) or 1)
    return octets[:at] + octets[at + chance.randint(1, 40) :]


def _cut_off(octets: bytes, chance: random.Random) -> bytes:
    return octets[: chance.randrange(len(octets) or 1)]


def _repeat(octets: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(octets) or 1)
    part = octets[at : at + chance.randint(1, 400)]
    return octets[:at] + part * chance.randint(2, 4) + octets[at:]


def _empty(node: Node, _nodes: list[Node], _chance: random.Random) -> None:
    node.contents, node.children = b"", []


def _retag(node: Node, _nodes: list[Node], chance: random.Random) -> None:
    node.tag = chance.choice(_TAGS)


def _scramble(node: Node, _nodes: list[Node], chance: random.Random) -> None:
    node.contents, node.children = chance.choice(_OCTET_MUTATIONS)(node.contents, chance), []


def _enlarge(node: Node, _nodes: list[Node], chance: random.Random) -> None:
    node.contents, node.children = chance.randbytes(chance.choice((1, 9, 300, 5000))), []


def _drop(node: Node, _nodes: list[Node], chance: random.Random) -> None:
    if node.children:
        node.children.pop(chance.randrange(len(node.children)))


def _double(node: Node, _nodes: list[Node], chance: random.Random) -> None:
    if node.children:
        node.children.append(chance.choice(node.children))


def _shuffle(node: Node, _nodes: list[Node], chance: random.Random) -> None:
    chance.shuffle(node.children)


def _transplant(node: Node, nodes: list[Node], chance: random.Random) -> None:
    """Put in another element of the file, as it was written."""
    other = chance.choice(nodes).encoded()
    node.contents, node.children = other[: _LARGEST // 10], []


_OCTET_MUTATIONS = (_flip, _replace, _insert, _cut_out, _cut_off, _repeat)
_ELEMENT_MUTATIONS = (
    _empty,
    _retag,
    _scramble,
    _scramble,
    _enlarge,
    _drop,
    _double,
    _shuffle,
    _transplant,
)
