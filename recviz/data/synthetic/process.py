"""The stated process of the sample shop: who buys what on which day, and why."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from recviz.data.synthetic.catalogue import CAUSES, DECOYS, FAMILIES, SEASONAL, UNLEARNABLE, item_table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# P paths (in the log: users), L learnable items, C learnable categories, n users who shop on a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """All effect sizes of the process; ``docs/sample-shop.md`` tells them in words."""

    users: int = 1500
    weeks: int = 52
    cut_week: int = 39
    first_day: str = "2025-01-06"
    interest_spread: float = 1.4
    """Standard deviation of users' lasting category logits."""
    drift_spread: float = 0.9
    """Stationary standard deviation of the drift around them (Ornstein-Uhlenbeck)."""
    drift_weeks: float = 16.0
    """Time constant of the drift."""
    family_spread: float = 0.8
    """Standard deviation of users' lasting taste for product families, in logits."""
    season_height: float = 1.2
    """Amplitude of the seasonal logit; two peaks in 52 weeks."""
    days_per_week: float = 0.6
    """Mean rate of shopping days while a user has not lapsed; gamma over users."""
    rate_shape: float = 1.2
    lapse: float = 0.05
    """Chance per week that an active user lapses."""
    come_back: float = 0.07
    """Chance per week that a lapsed user returns."""
    extra_lines: float = 0.9
    """A basket has one line plus a Poisson number with this mean; lines with the same item become one."""
    repeat: float = 0.3
    """Chance that a line repeats one of the user's own items (recent ones more often)."""
    repeat_half_life: float = 60.0
    """Days after which an own purchase counts half."""
    best_seller: float = 4.0
    """Factor on the popularity of causes, decoys and effects, so that a year holds enough of them to learn from."""
    odds: float = 8.0
    """Factor on the odds of an effect family in each line after a purchase from its cause family."""
    odds_days: int = 21
    vouchers_per_week: float = 0.03
    """Chance per user and week of a purchase in the category where nothing can be learnt."""


EFFECTS = Effects()


@dataclass(frozen=True, slots=True)
class Shop:
    """All that stays fixed over the year."""

    effects: Effects
    items: pd.DataFrame
    """All items; the first L can be learnt, the rest are vouchers."""
    taste: Floats
    """Share of each item within its category, ``(users, L)``."""
    interest: Floats
    """Lasting category logits, ``(users, C)``."""
    rate: Floats
    """Shopping days per week while not lapsed, ``(users,)``."""
    category: Ints
    """Category of each learnable item, ``(L,)``."""
    causes: tuple[tuple[NDArray[np.bool_], NDArray[np.bool_]], ...]
    """Masks of cause and effect items, ``(L,)`` each."""

    @property
    def n_learnable(self) -> int:
        return len(self.category)


@dataclass(slots=True)
class State:
    """Where each path stands; path ``p`` belongs to user ``p % users``."""

    drift: Floats
    """``(P, C)``, logits."""
    is_active: NDArray[np.bool_]
    """``(P,)``: not lapsed."""
    own: Floats
    """Own purchases, weighted by ``2 ** (day / half-life)`` so that they need no decay, ``(P, L)``."""
    cause_day: Ints
    """Day of the last purchase from each cause family, ``(P, causes)``; long ago where none."""

    def repeat(self, times: int) -> "State":
        """Copy the paths ``times`` over."""
        return State(
            np.tile(self.drift, (times, 1)),
            np.tile(self.is_active, times),
            np.tile(self.own, (times, 1)),
            np.tile(self.cause_day, (times, 1)),
        )


def generator(seed: int, stream: int) -> Generator:
    """Return one of the independent, machine-independent streams of a seed."""
    return Generator(PCG64([seed, stream]))


def make_shop(effects: Effects, seed: int) -> Shop:
    """Draw what stays fixed: popularity, tastes, interests and rates."""
    rng = generator(seed, 0)
    items = item_table(seed)
    learnable = items[items["category"] != UNLEARNABLE]
    category = pd.Index(list(FAMILIES)).get_indexer(pd.Index(learnable["category"])).astype(np.int64)
    family, families = pd.factorize(learnable["family"])
    planted = np.isin(families, [name for link in CAUSES + DECOYS for name in (link.cause, link.effect)])
    popularity = np.where(planted, np.log(effects.best_seller), 0.4 * rng.standard_normal(len(families)))[family]
    popularity = popularity + 0.5 * rng.standard_normal(len(family))
    liking = effects.family_spread * rng.standard_normal((effects.users, len(families)))
    taste = np.exp(popularity + liking[:, family])  # (users, L)
    sums = np.add.reduceat(taste, np.flatnonzero(np.diff(category, prepend=-1)), axis=1)  # (users, C)
    names = learnable["family"].to_numpy()
    return Shop(
        effects,
        items,
        taste / sums[:, category],
        effects.interest_spread * rng.standard_normal((effects.users, int(category.max()) + 1)),
        rng.gamma(effects.rate_shape, effects.days_per_week / effects.rate_shape, effects.users),
        category,
        tuple((names == link.cause, names == link.effect) for link in CAUSES),
    )


def first_state(shop: Shop, rng: Generator) -> State:
    """Draw the stationary state in which the year begins."""
    effects, (users, categories) = shop.effects, shop.interest.shape
    return State(
        effects.drift_spread * rng.standard_normal((users, categories)),
        np.less(rng.random(users), effects.come_back / (effects.come_back + effects.lapse)),
        np.zeros((users, shop.n_learnable)),
        np.full((users, len(shop.causes)), -10_000, np.int64),
    )


def advance_week(shop: Shop, state: State, rng: Generator) -> None:
    """Let interests drift by a week, and users lapse or return."""
    effects = shop.effects
    keep = np.exp(-1 / effects.drift_weeks)
    shock = effects.drift_spread * np.sqrt(1 - keep**2) * rng.standard_normal(state.drift.shape)
    state.drift = keep * state.drift + shock
    chance = np.where(state.is_active, 1 - effects.lapse, effects.come_back)
    state.is_active = rng.random(len(chance)) < chance


def season(effects: Effects, day: int) -> Floats:
    """Return the seasonal logit of each learnable category on a day, ``(C,)``: two peaks in 52 weeks."""
    logits = np.zeros(len(FAMILIES) - 1)
    for name, peak in SEASONAL.items():
        logits[list(FAMILIES).index(name)] = effects.season_height * np.cos(2 * np.pi * (day / 7 - peak) / 26)
    return logits


def line_chances(shop: Shop, state: State, paths: Ints, day: int) -> Floats:
    """Return the chance of each learnable item in one line of a basket, ``(n, L)``, summing to 1."""
    effects, users = shop.effects, paths % shop.effects.users
    logits = shop.interest[users] + state.drift[paths] + season(effects, day)  # (n, C)
    mix = np.exp(logits - logits.max(axis=1, keepdims=True))
    mix /= mix.sum(axis=1, keepdims=True)
    chances = mix[:, shop.category] * shop.taste[users]  # (n, L)
    own = state.own[paths]
    total = own.sum(axis=1, keepdims=True)
    repeats = np.where(total > 0, effects.repeat, 0.0)
    chances = (1 - repeats) * chances + repeats * own / np.where(total > 0, total, 1.0)
    for number, (_, effect) in enumerate(shop.causes):
        age = day - state.cause_day[paths, number]
        hot = np.flatnonzero((age >= 1) & (age <= effects.odds_days))
        chances[np.ix_(hot, np.flatnonzero(effect))] *= effects.odds
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def shop_for_a_day(shop: Shop, state: State, rng: Generator, day: int) -> tuple[Ints, Ints, Ints]:
    """Draw the day's baskets and remember them in the state.

    Returns:
        Path, learnable item and quantity of each line, ``(lines,)``.
    """
    effects = shop.effects
    visits = rng.random(len(state.is_active)) < shopping_chance(shop)[np.arange(len(state.is_active)) % effects.users]
    paths = np.flatnonzero(visits & state.is_active).astype(np.int64)
    lines = 1 + rng.poisson(effects.extra_lines, len(paths))
    cumulated = np.cumsum(line_chances(shop, state, paths, day), axis=1)
    basket = np.repeat(np.arange(len(paths)), lines)
    draws = rng.random(len(basket)) * cumulated[basket, -1]
    item = np.minimum((cumulated[basket] < draws[:, None]).sum(axis=1), shop.n_learnable - 1)
    code, quantity = np.unique(paths[basket] * shop.n_learnable + item, return_counts=True)
    path, item = code // shop.n_learnable, code % shop.n_learnable
    state.own[path, item] += 2 ** (day / effects.repeat_half_life)
    for number, (cause, _) in enumerate(shop.causes):
        state.cause_day[path[cause[item]], number] = day
    return path, item, quantity + rng.poisson(0.3, len(quantity))


def shopping_chance(shop: Shop) -> Floats:
    """Return the chance that a user who has not lapsed shops on a day, ``(users,)``."""
    return np.asarray(1 - np.exp(-shop.rate / 7))
