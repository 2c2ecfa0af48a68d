"""A year of the sample shop as the export that an analyst would get."""

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from recviz.data.synthetic.catalogue import UNLEARNABLE
from recviz.data.synthetic.process import (
    EFFECTS,
    Effects,
    Ints,
    Shop,
    State,
    advance_week,
    first_state,
    generator,
    make_shop,
    shop_for_a_day,
)

SEED = 2
SECONDS_PER_DAY = 86_400
NOON_SHARE = 0.4
REGIONS = ("North", "South", "East", "West")


@dataclass(frozen=True, slots=True)
class Year:
    """The shop, its log and the hidden state at the cut."""

    shop: Shop
    events: pd.DataFrame
    """``customer, product, title, category, bought_at, quantity``, oldest first."""
    at_cut: State
    users: pd.DataFrame
    """``user_id, region``."""


def make_year(effects: Effects = EFFECTS, seed: int = SEED) -> Year:
    """Run the process for a year; the same seed gives the same log on every machine."""
    shop = make_shop(effects, seed)
    rng = generator(seed, 1)
    state, at_cut, parts = first_state(shop, rng), None, []
    for day in range(7 * effects.weeks):
        if day == 7 * effects.cut_week:
            at_cut = deepcopy(state)
        if day % 7 == 0 and day > 0:
            advance_week(shop, state, rng)
        user, item, quantity = shop_for_a_day(shop, state, rng, day)
        parts.append(np.stack([np.full(len(user), day), user, item, quantity]))
    if at_cut is None:
        raise ValueError(f"the cut, week {effects.cut_week}, is not within {effects.weeks} weeks")
    clock = generator(seed, 2)
    bought = _with_clock(np.concatenate(parts, axis=1), clock)
    users = user_table(effects, seed)
    raw = pd.concat([bought, _vouchers(shop, clock)], ignore_index=True)
    return Year(shop, _export(raw, shop, users), at_cut, users)


def user_table(effects: Effects, seed: int) -> pd.DataFrame:
    """Return ``user_id`` (in the process' order) and a region that has no effect on anything."""
    rng = generator(seed, 3)
    numbers = 10_000 + rng.permutation(9 * effects.users)[: effects.users]
    region = rng.choice(REGIONS, effects.users, p=[0.4, 0.3, 0.2, 0.1])
    return pd.DataFrame({"user_id": [f"C{number}" for number in numbers], "region": region})


def _with_clock(rows: Ints, rng: Generator) -> pd.DataFrame:
    """Give each basket one time of day: most at noon or in the evening."""
    frame = pd.DataFrame(rows.T, columns=["day", "user", "item", "quantity"])
    basket = frame.groupby(["day", "user"], sort=False).ngroup().to_numpy()
    n = int(basket.max()) + 1
    hour = np.where(rng.random(n) < NOON_SHARE, rng.normal(12.5, 1.6, n), rng.normal(19.5, 1.8, n))
    second = np.clip(hour * 3600, 6 * 3600, SECONDS_PER_DAY - 1).astype(np.int64)
    return frame.assign(second=frame["day"] * SECONDS_PER_DAY + second[basket])


def _vouchers(shop: Shop, rng: Generator) -> pd.DataFrame:
    """Draw the purchases in which nothing can be learnt: uniform over users, items and time."""
    effects = shop.effects
    n = rng.poisson(effects.vouchers_per_week * effects.users * effects.weeks)
    return pd.DataFrame(
        {
            "user": rng.integers(0, effects.users, n),
            "item": rng.integers(shop.n_learnable, len(shop.items), n),
            "quantity": 1,
            "second": rng.integers(0, effects.weeks * 7 * SECONDS_PER_DAY, n),
        }
    )


def _export(raw: pd.DataFrame, shop: Shop, users: pd.DataFrame) -> pd.DataFrame:
    catalogue = pd.concat([shop.items[shop.items["category"] != UNLEARNABLE],
                           shop.items[shop.items["category"] == UNLEARNABLE]])  # fmt: skip
    item = catalogue.iloc[raw["item"]].reset_index(drop=True)
    time = pd.Timestamp(shop.effects.first_day) + pd.to_timedelta(raw["second"].to_numpy(), unit="s")
    events = pd.DataFrame(
        {
            "customer": users["user_id"].to_numpy()[raw["user"]],
            "product": item["item_id"],
            "title": item["title"],
            "category": item["category"],
            "bought_at": time.strftime("%Y-%m-%d %H:%M:%S"),
            "quantity": raw["quantity"],
        }
    )
    return events.sort_values(["bought_at", "customer", "product"], kind="stable", ignore_index=True)
