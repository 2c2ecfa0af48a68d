"""How a text file writes its characters, found out from all of its bytes."""

import codecs
from pathlib import Path

import numpy as np

from recviz.errors import InvalidLogError

CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNDEFINED_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
_LOOKED_AT = 4_000_000
_PAIRED = 0.5
"""From this share of neighbouring high bytes on, a text is not in a Western European alphabet."""


def detect_encoding(path: Path, name: str) -> str:
    """Tell a text file's encoding from its byte order mark, or from which one fits all of its bytes.

    Raises:
        InvalidLogError: If the bytes fit several encodings that would read as different texts.
    """
    with path.open("rb") as stream:
        start = stream.read(4096)
    marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)
    if marked is not None:
        return marked
    if start[1::2].count(0) > len(start) / 8:
        return "utf-16-le"
    if start[0::2].count(0) > len(start) / 8:
        return "utf-16-be"
    return "utf-8" if _is_utf8(path) else _legacy(path, name)


def check_encoding(encoding: str, name: str) -> str:
    """Return the encoding that was asked for, if it exists.

    Raises:
        InvalidLogError: If it does not.
    """
    try:
        codecs.lookup(encoding).incrementaldecoder(errors="strict")
    except (LookupError, TypeError) as error:
        raise InvalidLogError.of(
            f"There is no encoding {encoding!r}", name, "Give one such as utf-8, utf-16, cp1252, gb18030 or shift_jis"
        ) from error
    return encoding


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _legacy(path: Path, name: str) -> str:
    """Tell a UTF-8 file with a few broken lines from a file in an older encoding."""
    n_good, broken = 0, bytearray()
    with path.open("rb") as stream:
        for line in stream:
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                n_good += 1
            except UnicodeDecodeError:
                broken += line
            if len(broken) > _LOOKED_AT:
                break
    if n_good > broken.count(b"\n") + 1:
        return "utf-8"
    high = np.frombuffer(bytes(broken), np.uint8) > 127  # noqa: PLR2004 - beyond ASCII
    if float((high[1:] & high[:-1]).sum()) > _PAIRED * float(high.sum()):
        raise InvalidLogError.of(
            "The file's characters are neither UTF-8 nor Western European, and which they are cannot be told",
            name,
            "Say the encoding (--encoding on the command line), for example gb18030, shift_jis, cp1251",
        )
    return "latin-1" if any(code in broken for code in _UNDEFINED_IN_CP1252) else "cp1252"
