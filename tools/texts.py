"""Bring the catalogues up to date with the code: ``make texts`` adds what is missing, empty, and drops what is gone."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "recviz/locales/zh_CN"
AREAS = {
    "common": (
        "app.py", "pages/home.py", "pages/fine_tune.py", "recviz/plots/formats.py", "recviz/ui/brand.py",
        "recviz/ui/shell.py", "recviz/ui/session.py", "recviz/ui/guards.py", "recviz/ui/formats.py",
        "recviz/ui/linked.py", "recviz/ui/launching.py", "recviz/ui/home_*.py", "recviz/ui/tuning_form.py",
        "recviz/ui/setting_words.py", "recviz/ui/caches.py", "recviz/ui/charts.py", "recviz/model/config.py",
    ),
    "log": (
        "pages/log.py", "recviz/ui/log_*.py", "recviz/data/**/*.py", "recviz/services/dataset*.py",
        "recviz/plots/profile.py",
    ),
    "runs": (
        "pages/runs.py", "pages/compare.py", "recviz/ui/run*.py", "recviz/ui/compare*.py", "recviz/ui/held_out.py",
        "recviz/ui/notices.py",
    ),
    "interest": ("pages/interest.py", "recviz/ui/interest_*.py"),
    "explain": (
        "pages/explain.py", "recviz/ui/explain_*.py", "recviz/ui/tokens.py", "recviz/plots/attribution.py",
        "recviz/plots/trust.py", "recviz/plots/why.py", "recviz/plots/whatif.py",
    ),
    "report": ("recviz/services/report*.py", "recviz/services/templates/*.j2", "recviz/plots/log_facts.py"),
    "plots": ("recviz/plots/*.py", "recviz/ui/*.py"),
    "errors": ("recviz/**/*.py",),
}  # fmt: skip
"""Catalogues and their files; a file is of the first area that names it, a message of the first that says it."""
KEYWORDS: dict[str, tuple[str, ...]] = {
    "tr": ("one",), "mark": ("one",), "tr_n": ("one", "many"), "tr_p": ("context", "one"),
    "tr_counted": ("one", "many"), "mark_counted": ("one", "many"), "counted": ("", "one", "many"),
}  # fmt: skip
"""Functions whose arguments are messages, and what each argument is; ``mark`` takes f-strings too, see `template`."""
IN_TEMPLATES = re.compile(r'\btr(?:_p\("([^"]+)", |\()"([^"]+)"\)')
"""What a template of the report says: context and message of ``tr`` and ``tr_p``."""
PROBLEM = 3
"""What is wrong, where, how to mend it: the arguments of `Problem` and of ``SomeError.of``."""
COUNTING = {"tr_counted", "mark_counted", "counted"}


@dataclass(slots=True)
class Said:
    """A message of the code."""

    context: str | None
    one: str
    many: str | None = None
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.one


def areas() -> dict[str, list[Path]]:
    """Return the files of each area."""
    taken: set[Path] = set()
    found = {}
    for area, patterns in AREAS.items():
        files = sorted({path for pattern in patterns for path in ROOT.glob(pattern)} - taken)
        taken.update(files)
        found[area] = files
    return found


def messages() -> dict[str, dict[tuple[str | None, str], Said]]:
    """Return the messages of each area, each in the first area that says it."""
    everywhere: dict[tuple[str | None, str], Said] = {}
    found: dict[str, dict[tuple[str | None, str], Said]] = {}
    for area, files in areas().items():
        found[area] = {}
        for path in files:
            for said in messages_of(path):
                known = everywhere.setdefault(said.key, said)
                if known is said:
                    found[area][said.key] = said
                known.many = known.many or said.many
                known.places.append(path.relative_to(ROOT).as_posix())
    return found


def messages_of(path: Path) -> Iterator[Said]:
    """Yield each message of a file: arguments of `KEYWORDS`, problems, and the help of settings."""
    if path.suffix == ".j2":
        for context, one in IN_TEMPLATES.findall(path.read_text(encoding="utf-8")):
            yield Said(context or None, one)
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from _said_by(node)
        elif isinstance(node, ast.keyword) and node.arg == "metadata" and isinstance(node.value, ast.Dict):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if _text(key) == "help":
                    yield from (Said(None, one) for one in templates(value))


def _said_by(node: ast.Call) -> Iterator[Said]:
    name = called(node)
    if name == "mark" or makes_problem(node):
        yield from (Said(None, one) for argument in node.args[:PROBLEM] for one in templates(argument))
    elif name == "_told" and len(node.args) > 1:  # the settings of a run
        yield from (Said(None, one) for one in templates(node.args[1]))
    elif name in KEYWORDS:
        arguments = dict(zip(KEYWORDS[name], (_text(one) for one in node.args), strict=False))
        one, many = arguments.get("one"), arguments.get("many")
        if one:
            counting = name in COUNTING
            yield Said(
                "counted" if counting else arguments.get("context"), one, many or (f"{one}s" if counting else None)
            )


def templates(node: ast.expr) -> Iterator[str]:
    """Yield the messages of an expression: a text, an f-string with its places named, or either of two."""
    if isinstance(node, ast.IfExp):
        yield from templates(node.body)
        yield from templates(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        names: list[str] = []
        template = "".join(_part(part, names) for part in node.values)
        if any(map(str.isalpha, re.sub(r"\{\w+\}", "", template))):
            yield template
    elif (text := _text(node)) and any(map(str.isalpha, text)):
        yield text


def _part(node: ast.expr, names: list[str]) -> str:
    """Return fixed words, or a place under the name of its value, and a number where that is taken."""
    if not isinstance(node, ast.FormattedValue):
        return str(_text(node)).replace("{", "{{").replace("}", "}}")
    value = node.value
    name = value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else "value"
    names.append(name)
    return f"{{{name}{names.count(name) if names.count(name) > 1 else ''}}}"


def makes_problem(node: ast.Call) -> bool:
    """Whether a call makes a problem, or an error of one."""
    maker = node.func
    if isinstance(maker, ast.Attribute) and maker.attr == "of" and isinstance(maker.value, ast.Name):
        return maker.value.id.endswith("Error") or maker.value.id == "cls"
    return called(node) == "Problem"


def catalogue(area: str) -> Catalog:
    """Read an area's catalogue; an empty one where there is none."""
    path = CATALOGUES / f"{area}.po"
    if not path.is_file():
        return Catalog(locale="zh_CN")
    with path.open("rb") as written:
        return read_po(written, locale="zh_CN")


def key_of(message: Message) -> tuple[str | None, str]:
    """Return the context and the English words of one thing."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def text_of(message: Message) -> str:
    """Return the Chinese text, which has one form for any number; empty where it waits for one."""
    return (message.string if isinstance(message.string, str) else (message.string or ("",))[0]) or ""


def update() -> int:
    """Write the catalogues anew, with the translations that there are; returns how many messages wait for theirs."""
    known = {key_of(message): text_of(message) for area in AREAS for message in catalogue(area) if message.id}
    waiting = 0
    for area, said_here in messages().items():
        fresh = Catalog(locale="zh_CN", project="recviz", charset="utf-8")
        for said in said_here.values():
            text = known.get(said.key, "")
            waiting += not text
            fresh.add(
                said.one if said.many is None else (said.one, said.many),
                text if said.many is None else (text,),
                locations=[(place, 0) for place in dict.fromkeys(said.places)],
                context=said.context,
            )
        _write(area, fresh)
    return waiting


def _write(area: str, fresh: Catalog) -> None:
    path = CATALOGUES / f"{area}.po"
    fresh.header_comment = f"# Chinese texts of recviz: {area}"
    beside = path.with_suffix(".new")
    with beside.open("wb") as written:
        write_po(written, fresh, width=120, omit_header=True, include_lineno=False, sort_by_file=False)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    beside.write_text(header + beside.read_text(encoding="utf-8"), encoding="utf-8")
    beside.replace(path)


def called(node: ast.Call) -> str:
    """Return the name of the function or method that is called."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


if __name__ == "__main__":
    left = update()
    sys.stdout.write(f"{left} messages wait for their Chinese text\n")
