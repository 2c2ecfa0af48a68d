"""Sums of token shares by word, field, event and category: always by position, never by name, and nothing gets lost."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recviz.explain.explanation import EventShare, Span, TextAttribution
from recviz.text.items import FieldSpan

_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF),
)  # fmt: skip
"""Thai, Lao, Burmese, Khmer, kana and Han: words are not divided by spaces there."""

# T tokens, S stretches of a text


def word_starts(text: str) -> NDArray[np.bool_]:
    """Tell where a new stretch begins, ``(characters,)``: a word, a sign, one character of a script without spaces."""
    classes = [_class_of(character) for character in text]
    starts = np.ones(len(text), dtype=bool)
    for at in range(1, len(text)):
        same_word = classes[at] == classes[at - 1] == "word"
        starts[at] = not (same_word or unicodedata.combining(text[at]))
    return starts


def text_attribution(
    *,
    text: str,
    spans: Sequence[FieldSpan],
    offsets: NDArray[np.int64],
    stands: NDArray[np.bool_],
    values: NDArray[np.float64],
    is_truncated: bool,
) -> TextAttribution:
    """Sum token values over the stretches of their text.

    Args:
        text: As the model read it.
        spans: Where its fields stand.
        offsets: Start and end of each token in the text, ``(T, 2)``.
        stands: Whether a token stands for a stretch of the text, ``(T,)``; the others are the model's own markers.
        values: Attribution of each token, ``(T,)``.
        is_truncated: Whether the model read only the beginning.
    """
    tokens = _merge_overlaps(*_trimmed(text, offsets[stands]), values[stands])
    at = np.array([token.start for token in tokens], dtype=np.intp)
    amounts = np.array([token.value for token in tokens])
    by_field: Sequence[float] = (
        sum_by(_stretch_of(at, [span.start for span in spans]), amounts, len(spans)).tolist() if spans else []
    )
    return TextAttribution(
        text=text,
        tokens=tokens,
        words=_words(text, tokens),
        fields=tuple(Span(span.start, span.stop, sums) for span, sums in zip(spans, by_field, strict=True)),
        field_names=tuple(span.field for span in spans),
        markers=float(values[~stands].sum()),
        cut_at=tokens[-1].end if is_truncated and tokens else None,
    )


def word_of_places(text: str, offsets: NDArray[np.int64]) -> NDArray[np.intp]:
    """Tell which word each token belongs to, counted from 0, ``(T,)``; offsets ``(T, 2)`` are those of stretches."""
    starts, ends = _trimmed(text, offsets)
    ends_of_words = [word.end for word in _words(text, _merge_overlaps(starts, ends, np.zeros(len(starts))))]
    return np.searchsorted(ends_of_words, starts, side="right")


def field_of_places(spans: Sequence[FieldSpan], offsets: NDArray[np.int64]) -> NDArray[np.intp]:
    """Tell which field each token belongs to, ``(T,)``; a text without fields is one field."""
    return _stretch_of(offsets[:, 0].astype(np.intp), [span.start for span in spans] or [0])


def sum_by(index: NDArray[np.intp], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Sum values by the stretch, event or category that each belongs to, ``(size,)``."""
    return np.bincount(index, values, minlength=size).astype(np.float64)


def by_category(events: Sequence[EventShare]) -> list[tuple[str, float]]:
    """Sum event values by category, largest effect first; earlier events that count together are one of their own."""
    labels = ["earlier events" if event.is_group else event.category for event in events]
    names = list(dict.fromkeys(labels))
    index = np.array([names.index(label) for label in labels], dtype=np.intp)
    sums = sum_by(index, np.array([event.value for event in events]), len(names))
    return sorted(zip(names, sums.tolist(), strict=True), key=lambda pair: -abs(pair[1]))


def _class_of(character: str) -> str:
    code = ord(character)
    if any(low <= code <= high for low, high in _WITHOUT_SPACES):
        return "alone"
    return "word" if character.isalnum() or character in "'\u2019_" or unicodedata.combining(character) else "sign"


def _trimmed(text: str, offsets: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Take the spaces off both ends of each token's stretch; byte-level tokenizers count the space before a word."""
    starts, ends = offsets[:, 0].copy(), offsets[:, 1].copy()
    for row in range(len(offsets)):
        while starts[row] < ends[row] - 1 and text[starts[row]].isspace():
            starts[row] += 1
        while ends[row] - 1 > starts[row] and text[ends[row] - 1].isspace():
            ends[row] -= 1
    return starts, ends


def _merge_overlaps(
    starts: NDArray[np.int64], ends: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[Span, ...]:
    """Join tokens that share a character: bytes of one letter cannot be told apart on a screen."""
    spans: list[Span] = []
    for start, end, value in zip(starts.tolist(), ends.tolist(), values.tolist(), strict=True):
        if spans and start < spans[-1].end:
            last = spans.pop()
            spans.append(Span(last.start, max(last.end, end), last.value + value))
        else:
            spans.append(Span(start, end, value))
    return tuple(spans)


def _words(text: str, tokens: tuple[Span, ...]) -> tuple[Span, ...]:
    """Join tokens until no stretch begins inside a word and no word is divided."""
    starts = word_starts(text)
    words: list[Span] = []
    for token in tokens:
        if words and words[-1].end == token.start and not starts[token.start]:
            last = words.pop()
            words.append(Span(last.start, token.end, last.value + token.value))
        else:
            words.append(token)
    return tuple(words)


def _stretch_of(positions: NDArray[np.intp], starts: Sequence[int]) -> NDArray[np.intp]:
    """Return the last stretch that starts at or before each position; the first where none does."""
    return np.maximum(np.searchsorted(np.asarray(starts), positions, side="right") - 1, 0)
