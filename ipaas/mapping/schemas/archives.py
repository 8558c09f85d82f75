"""The files of an XML Schema that come in one ZIP archive, unpacked within bounds."""

from __future__ import annotations

import base64
import binascii
import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from typing import Final

from ipaas.mapping.schemas.reading import Schema
from ipaas.mapping.schemas.uploads import SchemaInvalid, schema_of

MAX_ARCHIVE: Final = 5_000_000
_MAX_MEMBERS: Final = 2_000
_MAX_FILES: Final = 200
_MAX_UNPACKED: Final = 5_000_000
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1
_LOCATION: Final = re.compile(r"""schemaLocation\s*=\s*["']([^"']+)["']""")
_DECLARED: Final = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9_.-]{1,40})["']""")
_IMPORT: Final = re.compile(r"<(?:\w+:)?import\b[^>]*>")
_ELEMENT: Final = re.compile(r"<(?:\w+:)?element\b")
_ENCODINGS: Final = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "iso-8859-1", "latin-1", "windows-1252"}
)


@dataclass(frozen=True, slots=True)
class Archive:
    """The schema of an archive, and which file its documents begin in."""

    schema: Schema
    main: str
    files: tuple[str, ...]


def schema_of_archive(content: str, main: str = "") -> Archive:
    """The JSON Schema of the XML Schema in a ZIP archive, given in Base64; raises SchemaInvalid.

    ``main`` is the file that holds the element of the document; without it, the one that no other
    includes or imports. Nothing is written to a disk, and only files ending in .xsd are read.
    """
    files = _files(_decoded(content))
    if main and main not in files:
        raise SchemaInvalid(
            f"The archive holds no {main[:100]}.", hint=f"It holds {', '.join(list(files)[:8])}."
        )
    main = main or _main(files)
    parts = {name: files[name] for name in _reached(files, main) if name != main}
    return Archive(schema_of("xsd", files[main], parts), main, tuple(files))


def _decoded(content: str) -> bytes:
    if len(content) > MAX_ARCHIVE * 4 // 3 + 4:
        raise SchemaInvalid(f"The archive has more than {MAX_ARCHIVE} bytes.")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SchemaInvalid("The archive did not arrive whole.", hint="Choose it again.") from error


def _files(data: bytes) -> dict[str, str]:
    """Texts of the schema files in an archive, by their paths in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MAX_MEMBERS:
                raise SchemaInvalid(f"The archive holds more than {_MAX_MEMBERS} files.")
            wanted = [
                member
                for member in members
                if member.filename.lower().endswith(".xsd")
                and not member.filename.startswith("__MACOSX/")
            ]
            if not wanted:
                raise SchemaInvalid("The archive holds no .xsd file.")
            if len(wanted) > _MAX_FILES:
                raise SchemaInvalid(f"The archive holds more than {_MAX_FILES} .xsd files.")
            return _unpacked(archive, wanted)
    except (zipfile.BadZipFile, EOFError, ValueError, OSError, NotImplementedError) as error:
        raise SchemaInvalid("This is not a ZIP archive, or it is damaged.") from error


def _unpacked(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> dict[str, str]:
    left = _MAX_UNPACKED
    found: dict[str, str] = {}
    for member in members:
        if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
            raise SchemaInvalid(
                f"{member.filename[:100]} is encrypted or packed in an unusual way.",
                hint="Make an ordinary ZIP archive without a password.",
            )
        with archive.open(member) as file:
            data = file.read(left + 1)  # what the archive says of its sizes need not be true
        left -= len(data)
        if left < 0:
            raise SchemaInvalid(f"The files have more than {_MAX_UNPACKED} bytes when unpacked.")
        found[member.filename] = _text(data, member.filename)
    return found


def _text(data: bytes, name: str) -> str:
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf")[:200])
    encoding = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    if encoding in _ENCODINGS:
        try:
            return data.decode("utf-8-sig" if encoding in ("utf-8", "utf8") else encoding)
        except UnicodeDecodeError:
            pass
    raise SchemaInvalid(f"{name[:100]} is not written in an encoding that can be read.")


def _main(files: dict[str, str]) -> str:
    """The file that no other one names and that declares an element."""
    named = {
        place
        for name, text in files.items()
        for location in _LOCATION.findall(text)
        for place in _places(name, location)
    }
    alone = [name for name in files if not named & {name, posixpath.basename(name)}] or list(files)
    roots = [name for name in alone if _ELEMENT.search(files[name])] or alone
    if len(roots) > 1:
        shown = ", ".join(roots[:8]) + (" …" if len(roots) > 8 else "")
        error = SchemaInvalid(
            f"Several files of the archive may be the one that documents begin in: {shown}.",
            hint="Say which.",
        )
        error.facts["candidates"] = roots[:50]
        raise error
    return roots[0]


def _reached(files: dict[str, str], main: str) -> list[str]:
    """The files that one names, those that they name, and so on; all where a name is left out."""
    found, waiting = {main: None}, [main]
    while waiting:
        name = waiting.pop()
        if any("schemaLocation" not in told for told in _IMPORT.findall(files[name])):
            return list(files)
        for location in _LOCATION.findall(files[name]):
            last = posixpath.basename(location.replace("\\", "/"))
            named = [other for other in files if other in _places(name, location)]
            for other in named or [o for o in files if posixpath.basename(o) == last]:
                if other not in found:
                    found[other] = None
                    waiting.append(other)
    return list(found)


def _places(name: str, location: str) -> list[str]:
    """What a location may mean: a path from the file that names it, or just a name."""
    location = location.replace("\\", "/")
    if "://" in location:
        return [posixpath.basename(location)]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), location))
    return [path]
