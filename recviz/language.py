"""The language of what is said: messages are written in English and looked up in the catalogues of ``locales``."""

import gettext
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

ENGLISH = "en"
CHINESE = "zh_CN"
LANGUAGES = {ENGLISH: "English", CHINESE: "中文"}
"""Every language there is, by its own name."""
CATALOGUES = Path(__file__).parent / "locales"
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


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == ENGLISH:
        return gettext.NullTranslations()
    from babel.messages.catalog import Catalog  # noqa: PLC0415 - who speaks English never needs it
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    whole = Catalog(locale=language)
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as written:
            for message in read_po(written, locale=language):
                if message.id and message.string and all(message.string):
                    whole[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
