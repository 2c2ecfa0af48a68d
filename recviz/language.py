"""The language of what is said: messages are written in English and looked up in the catalogues of ``locales``.

Pages and figures look up what they say with `tr`. What lies below them speaks English alone, since its sentences are
kept in files and read by commands too; pages say such a sentence with `retold`.
"""

import gettext
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH = "en"
CHINESE = "zh_CN"
LANGUAGES = {ENGLISH: "English", CHINESE: "中文"}
"""Every language there is, by its own name."""
CATALOGUES = Path(__file__).parent / "locales"
PLACE = re.compile(r"\{(\w+)(?:![rsa])?(?::[^{}]*)?\}")
"""Where a value goes; how it is written may follow, as in ``{name!r}`` or ``{seconds:02d}``."""
CLEAR = 9
"""So many fixed characters make sure that words in a place are a message and not somebody's text."""
OUTSIDE = 8
"""So many characters it counts that a message begins with fixed words."""
STATES = {"state", "to"}
"""Places where a single word is a message too: the state of a run."""
VAGUE = 4
"""So few letters after a value, as in "{time} left", fit sentences that they do not say."""
COUNTED = "counted"
"""The context of nouns that follow a number, which in Chinese bring their measure word."""

_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
_choosers: list[Callable[[], str]] = []


def spoken_by(choose: Callable[[], str]) -> None:
    """Let a callable tell the language of now; without one, English is spoken.

    Args:
        choose: Returns a key of `LANGUAGES`; called at every message, from any thread.
    """
    _choosers[:] = [choose]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak one language inside the block, whoever looks on: for threads beside a page, and for tests."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> str:
    """Return the language of now, a key of `LANGUAGES`."""
    return _spoken.get() or (_choosers[0]() if _choosers else ENGLISH)


def tr(message: str) -> str:
    """Return a message in the language of now; fill its ``{places}`` afterwards."""
    return _catalogue(spoken()).gettext(message)


def tr_n(one: str, many: str, n: float) -> str:
    """Return the message for one thing or for many."""
    return _catalogue(spoken()).ngettext(one, many, round(n))


def tr_p(context: str, message: str) -> str:
    """Return a message that means different things in different places.

    Args:
        context: Says which of them, to the translator only.
        message: The English words.
    """
    return _catalogue(spoken()).pgettext(context, message)


def tr_counted(one: str, many: str, n: float) -> str:
    """Return the noun that follows a number."""
    return _catalogue(spoken()).npgettext(COUNTED, one, many, round(n))


def mark(message: str) -> str:
    """Return the message as it is: it is looked up with `tr` where it is used."""
    return message


def mark_counted(one: str, many: str | None = None) -> str:
    """Return a noun as it is: it is looked up with `tr_counted` where it follows a number."""
    del many  # read by the extraction
    return one


def retold(sentence: str) -> str:
    """Say in the language of now what was put together in English: an error, a note in a stored log, a job's failure.

    Its message is the one whose fixed words it has; a sentence that no message says stays as it is.
    """
    if spoken() == ENGLISH or not sentence:
        return sentence
    plain = tr(sentence)
    if plain != sentence:
        return plain
    for pattern in _patterns(spoken()):
        told = pattern.told(sentence)
        if told is not None:
            return told
    return sentence


class _Pattern:
    """A message with places, as what a finished sentence of it looks like."""

    def __init__(self, message: str, text: str, *, is_counted: bool) -> None:
        fixed = [part.replace("{{", "{").replace("}}", "}") for part in PLACE.split(message)[::2]]
        self.is_counted = is_counted
        self.weight = len("".join(fixed)) + OUTSIDE * bool(fixed[0])
        """Characters of its fixed words; more where it begins with them: then no other message is around it."""
        self._places = PLACE.findall(message)
        self._text = PLACE.sub(r"{\1}", text)  # values are written already
        self._longest = max(fixed, key=len)
        """A quick test."""
        self._regex = re.compile((r"([\d,.]+)" if is_counted else "(.*?)").join(map(re.escape, fixed)), re.DOTALL)

    def told(self, sentence: str) -> str | None:
        found = self._regex.fullmatch(sentence) if self._longest in sentence else None
        if found is None:
            return None
        said = dict(zip(self._places, found.groups(), strict=True))
        if not self.is_counted:
            said = {place: tr(value) if place in STATES and value else _value(value) for place, value in said.items()}
        return self._text.format_map(said)


def _value(said: str) -> str:
    """Say what stands in a place: counts with their nouns, and clear sentences; single words are somebody's data."""
    if " " not in said:
        return said
    plain = tr(said)
    if plain != said:
        return plain
    clear = (one for one in _patterns(spoken()) if one.is_counted or one.weight >= CLEAR)
    return next((told for one in clear if (told := one.told(said)) is not None), said)


@cache
def _patterns(language: str) -> tuple[_Pattern, ...]:
    """Return the messages with places, those with the most fixed words first."""
    found = []
    for message in _texts(language):
        if not message.id:
            continue  # the head of the catalogue
        if message.context not in {None, COUNTED}:
            continue  # said by pages alone
        forms = [message.id] if isinstance(message.id, str) else message.id
        (text,) = [message.string] if isinstance(message.string, str) else message.string or ()
        is_counted = message.context == COUNTED
        for form in forms:
            words = f"{{n}} {form}" if is_counted else form
            letters = sum(map(str.isalpha, PLACE.sub("", words)))
            least = VAGUE if PLACE.match(words) and not is_counted else 0
            if PLACE.search(words) and letters > least:
                found.append(_Pattern(words, f"{{n}} {text}" if is_counted else text, is_counted=is_counted))
    return tuple(sorted(found, key=lambda one: one.weight, reverse=True))


@cache
def _texts(language: str) -> Catalog:
    """Read the catalogues of a language; what has no text yet is left out, and said in English."""
    whole = Catalog(locale=language)
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as written:
            for message in read_po(written, locale=language):
                if message.id and message.string and all(message.string):
                    whole[message.id] = message
    return whole


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _texts(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
