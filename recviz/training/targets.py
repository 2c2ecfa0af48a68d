"""What each query must predict: the next time's set, counts and sets of the periods after an origin, values.

Queries of a window are of two sorts. A *next* query stands somewhere between one time and the next, since a forecast
does not know when the next event comes; its target is the set of target events of that next time. An *origin* stands
on a day; its targets are the active days of each period that the log fully covers, and the events of those periods.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recviz.data.history import History
from recviz.data.split import Split
from recviz.model.batch import Collator

AT_ONCE = 0.5
"""Share of next queries that stand right after the event before."""
MOST_SETS = 32
"""Most next times of one user that a validation asks for."""
MOST_PAIRS = 64
"""Most items of one set that are scored in a step."""

# Q queries, K periods, P pairs of a query's step and an item


@dataclass(frozen=True, slots=True)
class WindowTargets:
    """Queries of one window with their targets."""

    instants: NDArray[np.int64]
    """``(Q,)``: next queries first, then origins."""
    n_next: int
    counts: NDArray[np.float32]
    """Active days per period, ``(Q - n_next, K)``."""
    covered: NDArray[np.bool_]
    """Whether the log covers the whole period, ``(Q - n_next, K)``."""
    events: NDArray[np.float32]
    """Target events in the covered periods, ``(Q - n_next,)``."""
    pair_query: NDArray[np.int64]
    """``(P,)``."""
    pair_step: NDArray[np.int64]
    """0 for the next time's set, k for period k, ``(P,)``."""
    pair_item: NDArray[np.int64]
    """``(P,)``."""
    pair_weight: NDArray[np.float32]
    """Weights of a next time's set sum to 1, those of a period's to its number of events, ``(P,)``."""
    pair_own: NDArray[np.float32]
    """Own share of the item at the query, ``(P,)``."""
    pair_value: NDArray[np.float32]
    """Standardised value, NaN where none, ``(P,)``."""
    pair_level: NDArray[np.float32]
    """What the item's other values say of it, ``(P,)``."""
    has_own: NDArray[np.bool_]
    """Whether any own target event precedes the query, ``(Q,)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRules:
    """What does not change from window to window."""

    collator: Collator
    split: Split
    end: int
    """First instant that training must not know."""
    origins: int
    """Origins that are drawn from each whole history in a pass."""

    def is_target(self, history: History) -> NDArray[np.bool_]:
        """Tell which events of a history may be targets, ``(n,)``."""
        return self.collator.is_target[history.kind] & (self.collator.position[history.item] >= 0)


def window_targets(
    history: History, bounds: tuple[int, int], rules: TargetRules, rng: np.random.Generator
) -> WindowTargets:
    """Draw a window's queries and look up what followed them.

    Args:
        history: All of the user's events before ``end``.
        bounds: ``(above, stop)`` of the window.
        rules: Of the run.
        rng: Draws the moments.
    """
    above, stop = bounds
    is_target = rules.is_target(history)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(history.time) > 0]))
    starts = starts[(starts > above) & (starts <= stop) & np.logical_or.reduceat(is_target, starts)]
    asked = _next_instants(history, starts, rules.collator, rng)
    drawn = _origin_instants(history, bounds, rules, rng)
    return _look_up(history, (asked, starts), drawn, rules, rng)


def targets_after(history: History, origin: int, rules: TargetRules) -> WindowTargets:
    """Ask at one origin what the periods after it hold, and from there on what comes next, each time anew.

    Args:
        history: All of the user's events before ``rules.end``.
        origin: At or before ``rules.end``.
        rules: Of the run.
    """
    is_target = rules.is_target(history)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(history.time) > 0]))
    starts = starts[(history.time[starts] >= origin) & np.logical_or.reduceat(is_target, starts)][:MOST_SETS]
    last = np.where(starts > 0, history.time[starts - 1] + 1, origin)
    drawn = np.full(int(rules.collator.periods > 0), origin, np.int64)
    found = _look_up(history, (np.maximum(last, origin), starts), drawn, rules, np.random.default_rng(0))
    nothing_to_leave_out = np.full(len(found.pair_item), np.nan, np.float32)  # the items' values are from before
    return replace(found, pair_level=rules.collator.values.without_one(found.pair_item, nothing_to_leave_out))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What followed each of ``O`` origins of one history."""

    edges: NDArray[np.int64]
    """Bounds of the periods, ``(O, K + 1)``."""
    counts: NDArray[np.float32]
    """Active days, ``(O, K)``."""
    covered: NDArray[np.bool_]
    """Whether the log covers the whole period, ``(O, K)``."""
    events: NDArray[np.float32]
    """Target events in the covered periods, ``(O,)``."""


def origin_outcome(history: History, origins: NDArray[np.int64], rules: TargetRules) -> Outcome:
    """Count a history's active days and events in the periods after each origin."""
    when = history.time[rules.is_target(history)]
    unit, periods = rules.collator.population.unit, rules.collator.periods
    days = np.unique(when // unit) * unit
    edges = np.array([rules.split.edges(int(at)) for at in origins], np.int64).reshape(len(origins), periods + 1)
    counts = np.diff(np.searchsorted(days, edges), axis=1).astype(np.float32)
    per_period = np.diff(np.searchsorted(when, edges), axis=1)
    covered = edges[:, 1:] <= rules.end
    return Outcome(edges, counts, covered, (per_period * covered).sum(axis=1).astype(np.float32))


def _look_up(
    history: History,
    following: tuple[NDArray[np.int64], NDArray[np.intp]],
    origins: NDArray[np.int64],
    rules: TargetRules,
    rng: np.random.Generator,
) -> WindowTargets:
    """Look up what followed each query: ``following`` holds next queries and the first event of each one's set."""
    asked, starts = following
    is_target = rules.is_target(history)
    outcome = origin_outcome(history, origins, rules)
    edges, counts, covered = outcome.edges, outcome.counts, outcome.covered
    pairs = [(at, 0, _set_pairs(history, int(start), is_target, rng)) for at, start in enumerate(starts)]
    total = [1] * len(starts)
    for at, edge in enumerate(edges):
        for k in np.flatnonzero(covered[at] & (counts[at] > 0)):
            inside = np.flatnonzero(is_target & (history.time >= edge[k]) & (history.time < edge[k + 1]))
            pairs.append((len(starts) + at, int(k) + 1, _at_most(inside, rng)))
            total.append(len(inside))
    event = np.concatenate([chosen for _, _, chosen in pairs] or [np.zeros(0, np.int64)]).astype(np.int64)
    sizes = np.array([len(chosen) for _, _, chosen in pairs], np.int64)
    pair_query = np.repeat(np.array([query for query, _, _ in pairs], np.int64), sizes)
    instants = np.concatenate([asked, origins])
    own, has_own = _own_shares(history, instants, pair_query, event, rules.collator)
    item, value = rules.collator.position[history.item[event]], rules.collator.scaling.standardise(history.value[event])
    return WindowTargets(
        instants=instants,
        n_next=len(starts),
        counts=counts,
        covered=covered,
        events=outcome.events,
        pair_query=pair_query,
        pair_step=np.repeat(np.array([step for _, step, _ in pairs], np.int64), sizes),
        pair_item=item,
        pair_weight=np.repeat(np.array(total) / np.maximum(sizes, 1), sizes).astype(np.float32),
        pair_own=own,
        pair_value=value,
        pair_level=rules.collator.values.without_one(item, value),
        has_own=has_own,
    )


def _next_instants(
    history: History, starts: NDArray[np.intp], collator: Collator, rng: np.random.Generator
) -> NDArray[np.int64]:
    day = collator.population.unit
    last = np.where(starts > 0, history.time[starts - 1], history.time[starts] - day)
    room = history.time[starts] - last - 1
    along = np.where(rng.random(len(starts)) < AT_ONCE, 0.0, rng.random(len(starts)))
    return last + 1 + (along * room).astype(np.int64)


def _origin_instants(
    history: History, bounds: tuple[int, int], rules: TargetRules, rng: np.random.Generator
) -> NDArray[np.int64]:
    unit, period = rules.collator.population.unit, rules.collator.population.period
    first_day, last_day = int(history.time[0] // unit) + 1, int(rules.end // unit) - period
    if rules.collator.periods == 0 or last_day < first_day:
        return np.zeros(0, np.int64)
    days = np.unique(rng.integers(first_day, last_day + 1, rules.origins))
    instants = days * unit
    before = np.searchsorted(history.time, instants, side="left")
    above, stop = bounds
    return instants[(before > above) & (before <= stop)].astype(np.int64)


def _set_pairs(
    history: History, start: int, is_target: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.intp]:
    stop = int(np.searchsorted(history.time, history.time[start], side="right"))
    inside = start + np.flatnonzero(is_target[start:stop])
    return _at_most(inside, rng)


def _at_most(inside: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    return inside if len(inside) <= MOST_PAIRS else rng.choice(inside, MOST_PAIRS, replace=False)


def _own_shares(
    history: History,
    instants: NDArray[np.int64],
    pair_query: NDArray[np.int64],
    event: NDArray[np.int64],
    collator: Collator,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    if not len(instants):
        return np.zeros(0, np.float32), np.zeros(0, bool)
    weight = collator.own_weights(history, instants)  # (Q, n)
    order = np.argsort(history.item, kind="stable")
    _, starts, inverse = np.unique(history.item[order], return_index=True, return_inverse=True)
    by_item = np.add.reduceat(weight[:, order], starts, axis=1)  # (Q, distinct items)
    rank = np.empty(len(order), np.int64)
    rank[order] = inverse
    return by_item[pair_query, rank[event]].astype(np.float32), weight.sum(axis=1) > 0
