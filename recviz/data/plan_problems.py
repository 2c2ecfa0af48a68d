"""What is missing or contradictory in a plan for a file, all of it at once."""

import difflib

import polars as pl

from recviz.data.conditions import expression
from recviz.data.plan import SINGLE_ROLES, LogPlan
from recviz.data.raw import RawTable
from recviz.errors import InvalidLogError, Problem
from recviz.language import mark


def plan_problems(raw: RawTable, plan: LogPlan) -> list[Problem]:
    """Tell what is missing or contradictory in a plan for this file."""
    name = raw.facts.name
    problems = [
        Problem(
            f"No column says {words}",
            f"{name}: columns {', '.join(raw.facts.columns)}",
            f"Give a column this role: --map {role}=COLUMN, or choose it on the Log page",
        )
        for role, words, column in (
            ("user", mark("who did something (the user)"), plan.user),
            ("item", mark("with what it was done (the item)"), plan.item),
            ("time", mark("when it was done (the time), nor in which order"), plan.time or plan.order),
        )
        if column is None
    ]
    problems += [no_column(column, used_as, raw) for column, used_as in _used(plan) if column not in raw.facts.columns]
    roles: dict[str, list[str]] = {}
    for role in ("user", "item", "time", "order"):
        if column := getattr(plan, role):
            roles.setdefault(column, []).append(role)
    problems += [
        Problem(f"The column {column!r} has the roles {' and '.join(names)}", name, "Give each role its own column")
        for column, names in roles.items()
        if len(names) > 1
    ]
    caps = [rule for rule in plan.outliers if rule.action == "cap" and rule.column != plan.value]
    problems += [
        Problem("Only the value can be capped", f'rule "{rule}"', f"Drop such rows: drop {rule.column} ...")
        for rule in caps
    ]
    return problems + _misread_conditions(plan)


def _misread_conditions(plan: LogPlan) -> list[Problem]:
    found: list[Problem] = []
    for condition in (*plan.where, *(rule.condition for rule in plan.kind_rules)):
        try:
            expression(condition, pl.lit(""), pl.lit(None) if condition.column == plan.time else None)
        except InvalidLogError as error:
            found += error.problems
    return found


def _used(plan: LogPlan) -> list[tuple[str, str]]:
    """List every column that a plan names, with what it is used for."""
    used = [(str(getattr(plan, role)), mark(f"role {role}")) for role in SINGLE_ROLES if getattr(plan, role)]
    used += [(name, mark("role text")) for name in plan.texts] + [
        (name, mark("role attribute")) for name in plan.attributes
    ]
    used += [(condition.column, f'condition "{condition}"') for condition in plan.where]
    used += [(rule.condition.column, f'kind rule "{rule}"') for rule in plan.kind_rules]
    return used + [(rule.column, f'rule "{rule}"') for rule in plan.outliers]


def no_column(column: str, used_as: str, raw: RawTable) -> Problem:
    """Say that a file has no such column, and which comes near."""
    near = difflib.get_close_matches(column, raw.facts.columns, n=1, cutoff=0.5)
    others = mark(f"Did you mean {near[0]!r}? ") if near else ""
    return Problem(
        f"There is no column {column!r}",
        f"{raw.facts.name}, {used_as}",
        f"{others}The columns are {', '.join(raw.facts.columns)}",
    )
