"""Words of item texts and of typed topics, compared loosely."""

import re

SHORTEST_STEM = 4
LONGEST_ENDING = 3
SAYS_NOTHING = frozenset("a an and at by for from in of on or set the to with".split())  # noqa: SIM905 - easier to read
_WORD = re.compile(r"[^\W\d_]+|\d+")
_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def words(text: str) -> list[str]:
    """Split into lower-case words; scripts without spaces become pairs of characters, which stand for words there."""
    found: list[str] = []
    for run in _WORD.findall(text.lower()):
        if _WITHOUT_SPACES.search(run):
            found += [run[at : at + 2] for at in range(max(len(run) - 1, 1))]
        else:
            found.append(run)
    return found


def same_word(one: str, other: str) -> bool:
    """Tell whether two words are equal but for an ending: decoration and decorations, bag and bags, but not car and card."""
    short, long = sorted((one, other), key=len)
    if short == long:
        return True
    if len(long) - len(short) > LONGEST_ENDING or not long.startswith(short):
        return False
    return len(short) >= SHORTEST_STEM or long == short + "s"
