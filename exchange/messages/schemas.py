"""Compile the XML Schema of a service from its files, and from nothing else.

libxml2 would open whatever file or address a schema names. So each reference is looked up among
the given files beforehand and rewritten to an address that only our resolver knows.
"""

import io
import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from exchange.messages.batch import check_well_formed
from exchange.messages.errors import MessageError
from exchange.messages.schema_errors import SchemaError

_XSD: Final = "{http://www.w3.org/2001/XMLSchema}"
_REFERRING: Final = tuple(f"{_XSD}{word}" for word in ("include", "import", "redefine"))
_LOCATION: Final = "schemaLocation"
_OURS: Final = "magda-schema:/"
_FOLDER_FOR_FILES: Final = "Service"
"""Where MAGDA's archives have the schemas of request files; `WebService` is for SOAP."""


@dataclass(frozen=True, slots=True)
class Schema:
    """A compiled schema: its file of entry, all files in use, the elements that they declare.

    ``beginnings`` are the elements with which a message may begin by the file of entry, in the
    notation of lxml: `{namespace}name`.
    """

    compiled: etree.XMLSchema
    entry: str
    paths: frozenset[str]
    names: frozenset[str]
    beginnings: tuple[str, ...]


def compile_schema(files: Mapping[str, bytes], entry: str) -> Schema:
    """Compile the schema that begins in the file `entry`; files that it doesn't need are left out.

    Raises SchemaError: `schema.not_well_formed` or `schema.not_a_schema` with the file,
    `schema.missing_file` or `schema.ambiguous_file` with the reference, `schema.invalid` with file
    and line.
    """
    roots = _reachable(files, entry)
    resolver = _Resolver({_OURS + path: etree.tostring(root) for path, root in roots.items()})
    parser = _parser()
    parser.resolvers.add(resolver)
    address = _OURS + entry
    root = etree.fromstring(resolver.texts[address], parser, base_url=address)
    try:
        compiled = etree.XMLSchema(root)
    except etree.XMLSchemaParseError as exc:
        raise SchemaError("schema.invalid", _place(exc)) from exc
    declared = _declared(roots.values())
    return Schema(compiled, entry, frozenset(roots), declared, _beginnings(roots[entry]))


def find_entry(files: Mapping[str, bytes], service: str) -> str:
    """Return the file that declares the request of `service`, such as `Persoon.GeefPersoon`.

    That is the one which declares an element of that name or, where none does, the only one that
    no other refers to. Raises SchemaError: `schema.entry_unclear` with the files that come into
    question, and for files that can't be read as :func:`compile_schema` does.
    """
    roots = {path: _parsed(files, path) for path in files}
    wanted = service.rpartition(".")[2].casefold()
    candidates = [path for path, root in roots.items() if wanted in _requests(root)]
    if not candidates:
        candidates = _unreferred(files, roots)
    if len(candidates) > 1:
        for_files = [path for path in candidates if _folder(path) == _FOLDER_FOR_FILES]
        candidates = for_files or candidates
    if len(candidates) != 1:
        raise SchemaError("schema.entry_unclear", ", ".join(candidates[:5]))
    return candidates[0]


class _Resolver(etree.Resolver):
    """Hands out the schema's own files and refuses every other address."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        super().__init__()
        self.texts = texts

    def resolve(self, system_url: str, _public_id: str, context: Any = None) -> Any:
        if (text := self.texts.get(system_url)) is None:
            raise SchemaError("schema.missing_file", system_url)
        return self.resolve_string(text, context, base_url=system_url)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )


def _reachable(files: Mapping[str, bytes], entry: str) -> dict[str, etree._Element]:
    """Return the files that the entry leads to, their references rewritten."""
    roots: dict[str, etree._Element] = {}
    waiting = [entry]
    while waiting:
        if (path := waiting.pop()) in roots:
            continue
        roots[path] = root = _parsed(files, path)
        for element in root.iterchildren(*_REFERRING):
            if (reference := element.get(_LOCATION)) is not None:
                target = _found(files, path, str(reference))
                element.set(_LOCATION, _OURS + target)
                waiting.append(target)
    return roots


def _parsed(files: Mapping[str, bytes], path: str) -> etree._Element:
    try:
        # Our own reader is the one that refuses document types and what is too deep.
        check_well_formed(io.BytesIO(files[path]))
        root = etree.fromstring(files[path], _parser())
    except (MessageError, etree.XMLSyntaxError) as exc:
        raise SchemaError("schema.not_well_formed", path) from exc
    if root.tag != f"{_XSD}schema":
        raise SchemaError("schema.not_a_schema", path)
    return root


def _found(files: Mapping[str, bytes], path: str, reference: str) -> str:
    """Return the file that `path` refers to: by its relative path, else by its name alone.

    Files that were chosen one by one come without their folders.
    """
    relative = posixpath.normpath(posixpath.join(posixpath.dirname(path), reference))
    if relative in files:
        return relative
    name = posixpath.basename(reference)
    same = [each for each in files if posixpath.basename(each) == name]
    if len(same) != 1:
        code = "schema.ambiguous_file" if same else "schema.missing_file"
        raise SchemaError(code, reference)
    return same[0]


def _unreferred(files: Mapping[str, bytes], roots: Mapping[str, etree._Element]) -> list[str]:
    referred = {
        _found(files, path, str(reference))
        for path, root in roots.items()
        for element in root.iterchildren(*_REFERRING)
        if (reference := element.get(_LOCATION)) is not None
    }
    return [path for path in files if path not in referred]


def _requests(root: etree._Element) -> set[str]:
    """Return the names of the elements with which a document may begin."""
    return {str(each.get("name")).casefold() for each in root.iterchildren(f"{_XSD}element")}


def _beginnings(root: etree._Element) -> tuple[str, ...]:
    namespace = str(root.get("targetNamespace") or "")
    names = (str(each.get("name")) for each in root.iterchildren(f"{_XSD}element"))
    return tuple(f"{{{namespace}}}{name}" if namespace else name for name in names)


def _declared(roots: Iterable[etree._Element]) -> frozenset[str]:
    names = (each.get("name") for root in roots for each in root.iter(f"{_XSD}element"))
    return frozenset(str(name) for name in names if name)


def _folder(path: str) -> str:
    return posixpath.basename(posixpath.dirname(path))


def _place(error: etree.XMLSchemaParseError) -> str:
    entries: list[Any] = list(error.error_log)
    if not entries:
        return ""
    return f"{str(entries[0].filename).removeprefix(_OURS)}, {entries[0].line}"
