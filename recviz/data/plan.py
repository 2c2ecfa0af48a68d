"""A log's plan: which columns play which role, and by which rules rows become events."""

import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from recviz.data.conditions import Condition, parse_condition
from recviz.errors import InvalidLogError, Problem
from recviz.language import mark

TimeUnit = Literal["auto", "s", "ms", "us", "ns"]
Role = Literal["user", "item", "time", "order", "kind", "value", "title", "category", "text", "attribute"]
SINGLE_ROLES: tuple[Role, ...] = ("user", "item", "time", "order", "kind", "value", "title", "category")
REPEATED_ROLES: dict[Role, str] = {"text": "texts", "attribute": "attributes"}
"""Roles that several columns may play, and the plan's field that holds them."""
ROLE_WORDS: dict[Role, str] = {
    "user": mark("who did it"),
    "item": mark("what it was done with"),
    "time": mark("when"),
    "order": mark("its place in the user's history, where there are no times"),
    "kind": mark("the kind of event, such as view or purchase"),
    "value": mark("how much: a rating or quantity"),
    "title": mark("what the item is called"),
    "category": mark("the item's category"),
    "text": mark("further text about the item"),
    "attribute": mark("something about the user, for segments"),
}


@dataclass(frozen=True, slots=True)
class KindRule:
    """Events that meet a condition are of a kind: ``InvoiceNo starts with C means return``."""

    condition: Condition
    kind: str

    def __str__(self) -> str:
        return f"{self.condition} means {self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierRule:
    """What to do with numbers beyond a bound: ``cap Quantity above 1000``, ``drop Quantity above 99.9 %``."""

    column: str
    action: Literal["cap", "drop"]
    side: Literal["above", "below"] = "above"
    bound: float | None = None
    """In the column's own unit."""
    quantile: float | None = None
    """From 0 to 1; instead of ``bound``."""

    def __str__(self) -> str:
        limit = f"{self.bound:.12g}" if self.quantile is None else f"{100 * self.quantile:.12g} %"
        return f"{self.action} {self.column} {self.side} {limit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideTable:
    """How a table of items or users that came with the log is read."""

    key: str
    """The column that holds the item's or user's id."""
    title: str | None = None
    category: str | None = None
    texts: tuple[str, ...] = ()
    """Items only: columns of further text."""
    attributes: tuple[str, ...] = ()
    """Users only: columns to make segments from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlan:
    """Everything that, with the files' bytes, determines a dataset."""

    user: str | None = None
    item: str | None = None
    time: str | None = None
    order: str | None = None
    """A column of positions, for a log that has an order only; ignored where there is ``time``."""
    kind: str | None = None
    value: str | None = None
    title: str | None = None
    category: str | None = None
    texts: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    items: SideTable | None = None
    users: SideTable | None = None
    day_first: bool | None = None
    """Whether 03/04/2024 is the third of April; ``None`` finds out, and asks where the log does not tell."""
    time_unit: TimeUnit = "auto"
    """Unit of times that are numbers."""
    where: tuple[Condition, ...] = ()
    """Rows that break any of these are left out."""
    kind_rules: tuple[KindRule, ...] = ()
    """The first that holds names the event's kind; else the kind column does."""
    outliers: tuple[OutlierRule, ...] = ()
    duplicates: Literal["keep", "drop"] = "keep"
    """What to do with rows that equal an earlier row in every column."""
    targets: tuple[str, ...] | None = None
    """Kinds that count as interest; ``None``: all but returns and negative ones."""
    conversion: str | None = None
    """A kind whose chance is predicted: then the value is yes for events of that kind, and no for others."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values; conditions and rules as the texts that they are read from."""
        raw = asdict(self)
        raw["where"] = [str(condition) for condition in self.where]
        raw["kind_rules"] = [str(rule) for rule in self.kind_rules]
        raw["outliers"] = [str(rule) for rule in self.outliers]
        return raw

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "LogPlan":
        """Read what `to_json` wrote.

        Raises:
            InvalidLogError: If a rule cannot be read.
        """
        return cls(
            **{
                **raw,
                "texts": tuple(raw["texts"]),
                "attributes": tuple(raw["attributes"]),
                "items": _side_table(raw["items"]),
                "users": _side_table(raw["users"]),
                "where": tuple(map(parse_condition, raw["where"])),
                "kind_rules": tuple(map(parse_kind_rule, raw["kind_rules"])),
                "outliers": tuple(map(parse_outlier_rule, raw["outliers"])),
                "targets": None if raw["targets"] is None else tuple(raw["targets"]),
            }
        )

    def with_mapping(self, mapping: list[str]) -> "LogPlan":
        """Override roles by texts such as ``user=CustomerID``; an empty column takes a role away.

        A column that is given a role loses the one that it was guessed to have. ``text`` and ``attribute`` may be
        given several times and then replace what was guessed.

        Raises:
            InvalidLogError: If a text is not of that form or names no role.
        """
        given = _parse_mapping(mapping)
        named = {column for columns in given.values() for column in columns}
        changes: dict[str, Any] = {
            role: None for role in SINGLE_ROLES if getattr(self, role) in named and role not in given
        }
        for role, plural in REPEATED_ROLES.items():
            changes[plural] = tuple(given.get(role, (name for name in getattr(self, plural) if name not in named)))
        changes |= {role: columns[0] if columns else None for role, columns in given.items() if role in SINGLE_ROLES}
        if "order" in given and "time" not in given:
            changes["time"] = None
        return replace(self, **changes)


def parse_kind_rule(text: str) -> KindRule:
    """Read ``InvoiceNo starts with C means return``.

    Raises:
        InvalidLogError: If the text is not of that form.
    """
    condition, means, kind = text.rpartition(" means ")
    if not means or not kind.strip():
        raise InvalidLogError.of(
            "This kind rule cannot be read", repr(text), 'Write it like "InvoiceNo starts with C means return"'
        )
    return KindRule(parse_condition(condition), kind.strip())


_OUTLIER = re.compile(r"(cap|drop)\s+(.+?)\s+(above|below)\s+(-?[\d.]+(?:[eE][-+]?\d+)?)\s*(%?)")


def parse_outlier_rule(text: str) -> OutlierRule:
    """Read ``cap Quantity above 1000`` or ``drop Quantity above 99.9 %``.

    Raises:
        InvalidLogError: If the text is not of that form.
    """
    match = _OUTLIER.fullmatch(text.strip())
    if match is None or (match[5] and not 0 <= float(match[4]) <= 100):  # noqa: PLR2004 - per cent
        raise InvalidLogError.of(
            "This rule for outliers cannot be read",
            repr(text),
            'Write it like "cap Quantity above 1000" or "drop Quantity above 99.9 %"',
        )
    number = float(match[4])
    return OutlierRule(
        column=match[2],
        action="cap" if match[1] == "cap" else "drop",
        side="above" if match[3] == "above" else "below",
        bound=None if match[5] else number,
        quantile=number / 100 if match[5] else None,
    )


def _parse_mapping(mapping: list[str]) -> dict[Role, list[str]]:
    given: dict[Role, list[str]] = {}
    problems = []
    for text in mapping:
        name, equals, column = text.partition("=")
        role = next((role for role in ROLE_WORDS if role == name.strip()), None)
        if not equals or role is None:
            problems.append(
                Problem(
                    f"{text!r} gives no column a role",
                    "--map",
                    f"Write ROLE=COLUMN with a role of {', '.join(ROLE_WORDS)}",
                )
            )
            continue
        columns = given.setdefault(role, [])
        if column.strip():
            columns.append(column.strip())
    problems += [
        Problem(f"The role {role} is given to {len(columns)} columns", ", ".join(columns), "Choose one of them")
        for role, columns in given.items()
        if role in SINGLE_ROLES and len(columns) > 1
    ]
    if problems:
        raise InvalidLogError(problems)
    return given


def _side_table(raw: dict[str, Any] | None) -> SideTable | None:
    if raw is None:
        return None
    return SideTable(**{**raw, "texts": tuple(raw["texts"]), "attributes": tuple(raw["attributes"])})
