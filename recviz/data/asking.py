"""What a user asks for on top of the guesses, as texts, and the plan that both make."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from recviz.data.conditions import parse_condition
from recviz.data.plan import (
    LogPlan,
    SideTable,
    TimeUnit,
    parse_kind_rule,
    parse_outlier_rule,
)
from recviz.errors import InvalidLogError, Problem

_SIDE_FIELDS = {
    "items": {"item": "key", "key": "key", "title": "title", "category": "category", "text": "texts"},
    "users": {"user": "key", "key": "key", "attribute": "attributes"},
}
_SEVERAL = ("texts", "attributes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a user asks for on top of the guesses, as texts."""

    mapping: Sequence[str] = ()
    """``user=CustomerID``..., and of the side tables ``items.title=name``, ``users.attribute=country``."""
    where: Sequence[str] = ()
    kind_rules: Sequence[str] = ()
    """Given, they stand in for those that are guessed."""
    outliers: Sequence[str] = ()
    day_first: bool | None = None
    time_unit: TimeUnit = "auto"
    drop_duplicates: bool = False
    targets: Sequence[str] | None = None
    conversion: str | None = None


def apply_asked(plan: LogPlan, asked: Asked) -> LogPlan:
    """Put what was asked for on top of a guessed plan.

    Raises:
        InvalidLogError: With everything that cannot be understood.
    """
    problems: list[Problem] = []

    def read(parse: Any, texts: Sequence[str]) -> tuple[Any, ...]:  # noqa: ANN401 - any of the parsers
        parsed = []
        for text in texts:
            try:
                parsed.append(parse(text))
            except InvalidLogError as error:
                problems.extend(error.problems)
        return tuple(parsed)

    own = [text for text in asked.mapping if not text.startswith(("items.", "users."))]
    try:
        plan = plan.with_mapping(own)
    except InvalidLogError as error:
        problems += error.problems
    rules = read(parse_kind_rule, asked.kind_rules)
    if not rules:
        rules = tuple(rule for rule in plan.kind_rules if plan.kind is None and rule.condition.column == plan.value)
    plan = replace(
        plan,
        items=_side("items", plan.items, asked.mapping, problems),
        users=_side("users", plan.users, asked.mapping, problems),
        where=read(parse_condition, asked.where),
        kind_rules=rules,
        outliers=read(parse_outlier_rule, asked.outliers),
        day_first=asked.day_first,
        time_unit=asked.time_unit,
        duplicates="drop" if asked.drop_duplicates else "keep",
        targets=None if asked.targets is None else tuple(asked.targets),
        conversion=asked.conversion or None,
    )
    if problems:
        raise InvalidLogError(problems)
    return plan


def _side(file: str, table: SideTable | None, mapping: Sequence[str], problems: list[Problem]) -> SideTable | None:
    """Change a side table's guessed columns as ``items.title=name`` says."""
    changes: dict[str, Any] = {}
    for text in mapping:
        if not text.startswith(f"{file}."):
            continue
        role, equals, column = text.removeprefix(f"{file}.").partition("=")
        field = _SIDE_FIELDS[file].get(role.strip())
        if not equals or field is None:
            known = ", ".join(f"{file}.{name}" for name in _SIDE_FIELDS[file])
            problems.append(Problem(f"{text!r} gives no column a role", "--map", f"Write one of {known}, and =COLUMN"))
        elif field in _SEVERAL:
            changes[field] = (*changes.get(field, ()), *([column.strip()] if column.strip() else []))
        else:
            changes[field] = column.strip() or None
    if not changes:
        return table
    if table is None and not changes.get("key"):
        problems.append(
            Problem(f"No column of the {file} file holds the ids", "--map", f"Name it: --map {file}.key=COLUMN")
        )
        return None
    return SideTable(**changes) if table is None else replace(table, **changes)
