"""From a file of unknown content to plain bytes on disk: what it is by its content, never larger than allowed."""

import codecs
import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from recviz.errors import InvalidLogError
from recviz.language import mark

CHUNK = 1 << 20
MEGABYTE = 1_000_000
UNPACKED = "unpacked"
"""Name of the file that a packed file is unpacked to."""

_REFUSED = {
    b"MZ": mark("a Windows program"),
    b"\x7fELF": mark("a program"),
    b"%PDF": mark("a PDF document"),
    b"\x89PNG": mark("a picture"),
    b"\xff\xd8\xff": mark("a picture"),
    b"GIF8": mark("a picture"),
    b"BZh": mark("packed with bzip2"),
    b"\x28\xb5\x2f\xfd": mark("packed with zstd"),
    b"\xfd7zXZ": mark("packed with xz"),
    b"7z\xbc\xaf": mark("packed with 7-Zip"),
    b"Rar!": mark("packed with RAR"),
    b"\xd0\xcf\x11\xe0": mark("an old Office document (.xls, .doc)"),
    b"SQLite format 3": mark("a SQLite database"),
    b"\x80\x04": mark("a Python pickle"),
    b"PARE": mark("an encrypted Parquet file"),
}
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest log that is read."""

    max_bytes: int
    max_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """A file's own bytes, unpacked."""

    path: Path
    sha256: str
    """Of the file as it was given, packed or not."""
    n_bytes: int
    """Of the file as it was given."""
    compression: Literal["gzip", "zip"] | None
    content: Literal["text", "Parquet", "Excel"]


def unpack(source: Path, name: str, folder: Path, limits: Limits) -> Unpacked:
    """Find out what a file is and lay its unpacked bytes into ``folder``, if it is packed.

    Args:
        source: The file.
        name: What the user calls it.
        folder: Where unpacked bytes go.
        limits: The largest size that it may unpack to.

    Raises:
        InvalidLogError: If the content is nothing that a log can be read from, or too large, or broken.
    """
    n_bytes = source.stat().st_size
    if n_bytes == 0:
        raise InvalidLogError.of("The file is empty: it has no rows", name, "Choose the file that holds the log")
    compression = _compression(source, name)
    path = source
    if compression is not None:
        path = folder / UNPACKED
        with _packed(source, name, compression) as stream:
            _copy(stream, path, name, limits)
    elif n_bytes > limits.max_bytes:
        raise _too_large(name, limits)
    return Unpacked(
        path=path, sha256=_sha256(source), n_bytes=n_bytes, compression=compression, content=_content(path, name)
    )


def _compression(source: Path, name: str) -> Literal["gzip", "zip"] | None:
    start = _start(source)
    if start.startswith(_GZIP):
        return "gzip"
    if not start.startswith(_ZIP):
        return None
    try:
        with zipfile.ZipFile(source) as archive:
            return None if "xl/workbook.xml" in archive.namelist() else "zip"
    except zipfile.BadZipFile as error:
        raise _broken(name, "zip") from error


@contextmanager
def _packed(source: Path, name: str, compression: Literal["gzip", "zip"]) -> Iterator[IO[bytes]]:
    """Open what is inside, and tell broken archives plainly."""
    try:
        if compression == "gzip":
            with gzip.open(source) as stream:
                yield cast("IO[bytes]", stream)
            return
        with zipfile.ZipFile(source) as archive, archive.open(_only_member(archive, name)) as stream:
            yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError) as error:
        raise _broken(name, compression) from error


def _only_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/") and member.file_size
    ]
    if len(members) != 1:
        raise InvalidLogError.of(
            f"The archive holds {len(members)} files", name, "Pack one file alone, or unpack it and choose the log"
        )
    if members[0].flag_bits & 1:
        raise InvalidLogError.of("The archive is locked with a password", name, "Unpack it first")
    return members[0]


def _copy(stream: IO[bytes], path: Path, name: str, limits: Limits) -> None:
    """Unpack a little at a time, so that a small file that unpacks to a huge one is stopped early."""
    written = 0
    with path.open("wb") as out:
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > limits.max_bytes:
                raise _too_large(name, limits)
            out.write(chunk)
    if not written:
        raise InvalidLogError.of("The file is empty: it has no rows", name, "Choose the file that holds the log")


def _content(path: Path, name: str) -> Literal["text", "Parquet", "Excel"]:
    start = _start(path)
    if start.startswith(_PARQUET):
        return "Parquet"
    if start.startswith(_ZIP) and _compression(path, name) is None:
        return "Excel"
    known = next((magic for magic in _REFUSED if start.startswith(magic)), None)
    refused = None if known is None or (known == b"MZ" and not _is_binary(start)) else _REFUSED[known]
    if start.startswith((_GZIP, _ZIP)):
        refused = mark("packed twice")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        refused = mark("a web page")
    if refused is None and _is_binary(start):
        refused = mark("not text")
    if refused is not None:
        raise InvalidLogError.of(
            f"The file is {refused}, whatever its name says",
            name,
            "Choose delimited text (CSV, TSV), JSON lines, Parquet or Excel (.xlsx), plain or packed with gzip or zip",
        )
    return "text"


def _is_binary(start: bytes) -> bool:
    """Tell control characters that no text has; UTF-16 has its NULs at every second place."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    if start[0::2].count(0) > len(start) / 8 or start[1::2].count(0) > len(start) / 8:
        return min(start[0::2].count(0), start[1::2].count(0)) > len(start) / 16
    controls = sum(start.count(code) for code in range(32) if code not in (0, 1, 9, 10, 12, 13, 27, 28, 29, 30, 31))
    return controls > len(start) / 50 and (b"\0" in start or not _is_utf8(start))


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(4096)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _too_large(name: str, limits: Limits) -> InvalidLogError:
    return InvalidLogError.of(
        f"The file is larger than {limits.max_bytes / MEGABYTE:,.0f} MB when unpacked",
        name,
        "Split it, or raise RECVIZ_MAX_UNPACKED_MB",
    )


def _broken(name: str, compression: str) -> InvalidLogError:
    return InvalidLogError.of(
        f"The {compression} file is broken or cut short", name, "Copy or download it again, then try once more"
    )
