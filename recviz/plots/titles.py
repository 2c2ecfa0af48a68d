"""Titles of figures, broken into lines: Plotly cuts what is too long."""

import re
import unicodedata

PAGE = 80
"""Letters of a line that fit above a chart as wide as the page, in a window of 1024 pixels."""
HALF_PAGE = 60
"""The same above a chart of half a page, 480 pixels."""
BESIDE_LISTS = 56
"""The same beside the lists of users, in a window of 1024 pixels."""
BESIDE_QUESTION = 42
"""The same beside the question on the Explain page, in such a window."""
LINE = 22
"""Pixels that a further line of a title takes."""
_CLOSES = re.compile("[\uff0c\u3002\uff1b\uff1a\uff09\u201d]")
"""Signs that no Chinese line begins with."""


def title_lines(title: str, width: int) -> list[str]:
    """Break a title, at spaces or between Chinese signs, so that no line is cut off and all are about as long.

    Args:
        title: Plain text.
        width: Most of a line, in Latin letters; a Chinese sign is as wide as two.
    """
    fewest = len(_broken(title, width))
    narrower = (_broken(title, least) for least in range(-(-_width(title) // fewest), width))
    return next((lines for lines in narrower if len(lines) == fewest), _broken(title, width))


def _broken(title: str, width: int) -> list[str]:
    lines, used = [""], 0
    for piece in re.findall(r"\s*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)", title):
        wide = _width(piece)
        if used and used + wide > width and not _CLOSES.match(piece):
            lines.append("")
            used, piece = 0, piece.lstrip()  # noqa: PLW2901 - a line begins with no space
        lines[-1] += piece
        used += wide
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
