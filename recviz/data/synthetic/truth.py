"""What the process itself expects after the cut: the yardstick that no log can give."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recviz.data.synthetic.catalogue import FAMILIES, UNLEARNABLE
from recviz.data.synthetic.log import SEED, Year
from recviz.data.synthetic.process import (
    Effects,
    Floats,
    Shop,
    State,
    advance_week,
    generator,
    line_chances,
    shop_for_a_day,
    shopping_chance,
)

PATHS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Truth:
    """Expectations per user and week after the cut, given everything hidden at the cut."""

    events: pd.DataFrame
    """``user_id, week`` (1..13), ``category, events`` (expected lines)."""
    active_days: pd.DataFrame
    """``user_id, week, active_days`` (expected)."""


def expected_after_cut(year: Year, replicates: int = 128, seed: int = SEED) -> Truth:
    """Expect events and active days by Monte Carlo from the true state at the cut.

    Lapse and shopping are known in closed form; what a basket holds is averaged over simulated futures, by its exact
    expectation on one random day a week instead of by drawn lines, so that rare shoppers are as precise as frequent ones.

    Args:
        year: The shop's year.
        replicates: Simulated futures of each user.
        seed: Of the futures.
    """
    shop, effects = year.shop, year.shop.effects
    weeks, users, categories = effects.weeks - effects.cut_week, effects.users, len(FAMILIES) - 1
    lines, count = np.zeros((weeks, users, categories)), np.zeros((weeks, users))
    rng = generator(seed, 4)
    for start in range(0, replicates, PATHS_AT_ONCE):
        times = min(PATHS_AT_ONCE, replicates - start)
        state = year.at_cut.repeat(times)
        for week in range(weeks):
            advance_week(shop, state, rng)
            _follow_week(shop, state, rng, effects.cut_week + week, lines[week], count[week])
    days = _open_days(shop, year.at_cut, weeks)  # (weeks, users)
    basket = lines / np.maximum(count, 1)[:, :, None]  # (weeks, users, C), lines per shopping day
    events = np.concatenate([basket * days[:, :, None], np.full((weeks, users, 1), effects.vouchers_per_week)], axis=2)
    return Truth(_event_frame(events, year), _day_frame(_with_vouchers(days, effects), year))


def _follow_week(shop: Shop, state: State, rng: np.random.Generator, week: int, lines: Floats, count: Floats) -> None:
    """Live through a week, adding what a basket would hold on one of its days to ``lines`` and ``count``."""
    chosen = int(rng.integers(7))
    for offset in range(7):
        day = 7 * week + offset
        if offset == chosen:
            paths = np.flatnonzero(state.is_active).astype(np.int64)
            users = paths % shop.effects.users
            np.add.at(lines, users, _basket(shop, state, paths, day))
            np.add.at(count, users, 1)
        shop_for_a_day(shop, state, rng, day)


def _basket(shop: Shop, state: State, paths: np.ndarray, day: int) -> Floats:
    """Return the expected distinct lines of each category in a basket, ``(n, C)``."""
    chances = line_chances(shop, state, paths, day)
    held = 1 - (1 - chances) * np.exp(-shop.effects.extra_lines * chances)  # over 1 + Poisson lines
    return np.asarray(np.add.reduceat(held, np.flatnonzero(np.diff(shop.category, prepend=-1)), axis=1))


def _open_days(shop: Shop, state: State, weeks: int) -> Floats:
    """Return the expected shopping days, ``(weeks, users)``: the two-state chain in closed form."""
    effects = shop.effects
    settled, keep = effects.come_back / (effects.come_back + effects.lapse), 1 - effects.lapse - effects.come_back
    ahead = np.arange(1, weeks + 1)[:, None]
    chance = settled + (state.is_active[None] - settled) * keep**ahead
    return np.asarray(7 * shopping_chance(shop) * chance)


def _with_vouchers(days: Floats, effects: Effects) -> Floats:
    """Add days on which only a voucher was bought."""
    voucher_day = 1 - np.exp(-effects.vouchers_per_week / 7)
    return np.asarray(days + (7 - days) * voucher_day)


def _event_frame(events: Floats, year: Year) -> pd.DataFrame:
    names = [name for name in FAMILIES if name != UNLEARNABLE] + [UNLEARNABLE]
    weeks, users, categories = events.shape
    user, week, category = (part.ravel() for part in np.indices((users, weeks, categories)))
    return pd.DataFrame(
        {
            "user_id": pd.Categorical.from_codes(user, pd.Index(year.users["user_id"])),
            "week": (week + 1).astype(np.int8),
            "category": pd.Categorical.from_codes(category, pd.Index(names)),
            "events": events.transpose(1, 0, 2).ravel().round(4).astype(np.float32),
        }
    )


def _day_frame(days: Floats, year: Year) -> pd.DataFrame:
    weeks, users = days.shape
    return pd.DataFrame(
        {
            "user_id": np.repeat(year.users["user_id"].to_numpy(), weeks),
            "week": np.tile(np.arange(1, weeks + 1, dtype=np.int8), users),
            "active_days": days.T.ravel().round(5),
        }
    )
