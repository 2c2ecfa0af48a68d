import gzip
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recviz.data.synthetic import write_sample
from recviz.data.synthetic.catalogue import CAUSES, DECOYS, FAMILIES
from recviz.data.synthetic.log import make_year
from recviz.data.synthetic.process import EFFECTS, first_state, generator, line_chances, make_shop
from recviz.data.synthetic.truth import expected_after_cut

SAMPLE = Path(__file__).parents[2] / "sample_data"
START = pd.Timestamp(EFFECTS.first_day)


@pytest.fixture(scope="module")
def year():
    return make_year()


@pytest.fixture(scope="module")
def lines(year):
    """The log with day and family of each line."""
    family = year.shop.items.set_index("item_id")["family"]
    day = (pd.to_datetime(year.events["bought_at"]) - START).dt.days
    return year.events.assign(day=day, family=year.events["product"].map(family))


def odds_after(lines, links):
    """Mantel-Haenszel odds ratio, by user and link, of effect lines 21 days after a cause against 21 days before."""
    numerator = denominator = 0.0
    learnable = lines[lines["category"] != "Gift cards"][["customer", "day", "family"]]
    for link in links:
        causes = learnable.loc[learnable["family"] == link.cause, ["customer", "day"]].drop_duplicates()
        pairs = learnable.merge(causes, on="customer", suffixes=("", "_cause"))
        gap = pairs["day"] - pairs["day_cause"]
        after = gap.between(1, EFFECTS.odds_days).groupby([pairs["customer"], pairs["day"]]).transform("any")
        pairs = pairs[after | gap.between(-EFFECTS.odds_days, -1)].assign(
            after=after, hit=pairs["family"] == link.effect
        )
        counts = pairs.groupby(["customer", "after"])["hit"].agg(["sum", "size"])
        hit, size = (counts[name].unstack(fill_value=0) for name in ("sum", "size"))  # noqa: PD010 - both levels are indices
        both = (size[True] + size[False]).clip(lower=1)
        numerator += (hit[True] * (size[False] - hit[False]) / both).sum()
        denominator += (hit[False] * (size[True] - hit[True]) / both).sum()
    return numerator / denominator


def test_the_committed_sample_is_what_the_generator_writes(tmp_path):
    files = write_sample(tmp_path)

    for path in (files.events, files.items, files.users):
        written, committed = path.read_bytes(), (SAMPLE / path.name).read_bytes()
        if path.suffix == ".gz":
            written, committed = gzip.decompress(written), gzip.decompress(committed)
        assert written == committed, path.name


def test_the_shop_has_the_stated_size(year):
    span = pd.to_datetime(year.events["bought_at"])

    assert len(year.shop.items) == year.shop.items["title"].nunique() == 480
    assert year.shop.items["category"].nunique() == 12
    assert len(year.users) == 1500
    assert (span.dt.normalize().max() - START).days == 52 * 7 - 1
    assert 40_000 < len(year.events) < 60_000


def test_no_title_holds_the_name_of_a_category(year):
    names = {word.lower().removesuffix("ing").removesuffix("s") for name in FAMILIES for word in name.split()}
    words = year.shop.items["title"].str.lower().str.split(r"[^a-z]+", regex=True)

    named = [
        title for title in words if any(word.startswith(name) for word in title for name in names - {"pet", "card"})
    ]

    assert named == []


def test_a_purchase_from_a_cause_multiplies_the_odds_of_its_effect_by_eight():
    shop = make_shop(replace(EFFECTS, users=50), seed=0)
    state = first_state(shop, generator(0, 1))
    paths = np.arange(50)
    before = [line_chances(shop, state, paths, day=100)[:, effect].sum(1) for _, effect in shop.causes]

    odds = []
    for number, (_, effect) in enumerate(shop.causes):
        state.cause_day[:] = -10_000
        state.cause_day[:, number] = 100 - EFFECTS.odds_days
        after = line_chances(shop, state, paths, day=100)[:, effect].sum(1)
        odds.append(after / (1 - after) / (before[number] / (1 - before[number])))

    assert np.allclose(odds, EFFECTS.odds)


def test_no_effect_is_left_after_the_stated_days_nor_on_the_day_itself():
    shop = make_shop(replace(EFFECTS, users=50), seed=0)
    state = first_state(shop, generator(0, 1))
    paths = np.arange(50)
    untouched = line_chances(shop, state, paths, day=100)

    state.cause_day[:25], state.cause_day[25:] = 100, 100 - EFFECTS.odds_days - 1

    assert np.array_equal(line_chances(shop, state, paths, day=100), untouched)


def test_the_log_shows_the_causes_and_not_the_decoys(lines):
    assert 6 < odds_after(lines, CAUSES) < 11
    assert odds_after(lines, CAUSES[-1:]) > 4
    assert 0.7 < odds_after(lines, DECOYS) < 1.6


@pytest.mark.parametrize(
    ("category", "peaks", "troughs"), [("School", (8, 34), (21, 47)), ("Travel", (20, 46), (7, 33))]
)
def test_seasonal_categories_peak_twice(lines, category, peaks, troughs):
    share = (lines["category"] == category).groupby(lines["day"] // 7).mean()

    highs, lows = ([share.loc[week - 2 : week + 2].mean() for week in weeks] for weeks in (peaks, troughs))

    assert min(highs) > 2.5 * max(lows)


def test_users_repeat_their_own_items_lapse_and_return(lines):
    active_weeks = (
        lines.assign(week=lines["day"] // 7)[["customer", "week"]].drop_duplicates().sort_values(["customer", "week"])
    )
    gap = active_weeks.groupby("customer")["week"].diff()
    regular = active_weeks.groupby("customer")["week"].transform("size") > 20

    assert 0.35 < lines.duplicated(["customer", "product"]).mean() < 0.5
    assert (gap[regular] >= 9).groupby(active_weeks["customer"]).any().mean() > 0.15
    assert lines.groupby(["customer", "bought_at"]).size().mean() > 1.6


def test_vouchers_are_uniform_over_users_items_and_time(lines, year):
    vouchers = lines[lines["category"] == "Gift cards"]

    def surplus(counts, cells):
        """Chi-square per degree of freedom against equal chances."""
        expected = len(vouchers) / cells
        return (((counts - expected) ** 2).sum() + (cells - len(counts)) * expected**2) / expected / (cells - 1)

    assert 0.9 < surplus(vouchers["customer"].value_counts(), len(year.users)) < 1.1
    assert 0.5 < surplus(vouchers["product"].value_counts(), 40) < 1.6
    assert 0.5 < surplus((vouchers["day"] // 7).value_counts(), 52) < 1.6


def test_the_truth_agrees_with_what_then_happened(lines):
    truth = pd.read_parquet(SAMPLE / "truth.parquet")
    future = lines[lines["day"] >= 7 * EFFECTS.cut_week].assign(week=lambda f: f["day"] // 7 - EFFECTS.cut_week + 1)
    happened = future.groupby(["customer", "category"]).size()
    expected = truth.groupby(["user_id", "category"], observed=True)["events"].sum()
    actual = happened.reindex(expected.index.set_names(["customer", "category"]), fill_value=0).to_numpy()

    by_size = pd.DataFrame({"expected": expected.to_numpy(), "actual": actual}).groupby(pd.qcut(expected.to_numpy(), 8))
    totals = by_size.sum()

    assert len(truth) == 1500 * 13 * 12
    by_chance = np.sqrt(1.5 * totals["expected"])  # lines come in baskets: more spread than a Poisson number's
    assert ((totals["actual"] - totals["expected"]).abs() < 4 * by_chance).all()
    assert (by_chance / totals["expected"]).iloc[-1] < 0.02
    assert totals["actual"].sum() == pytest.approx(totals["expected"].sum(), rel=0.04)


def test_expected_active_days_agree_with_what_then_happened(lines):
    truth = pd.read_parquet(SAMPLE / "truth_days.parquet")
    future = lines[lines["day"] >= 7 * EFFECTS.cut_week].drop_duplicates(["customer", "day"])
    by_user = truth.groupby("user_id")["active_days"].sum()
    actual = future.groupby("customer").size().reindex(by_user.index, fill_value=0)

    ratio = actual.groupby(pd.qcut(by_user, 5)).sum() / by_user.groupby(pd.qcut(by_user, 5)).sum()

    assert ratio.between(0.85, 1.15).all()


def test_the_committed_truth_is_what_the_generator_expects(year):
    committed = pd.read_parquet(SAMPLE / "truth.parquet")
    days = pd.read_parquet(SAMPLE / "truth_days.parquet")

    few = expected_after_cut(year, replicates=8)

    assert np.allclose(few.active_days["active_days"], days["active_days"], atol=1e-4)
    assert (few.events["user_id"].astype(str) == committed["user_id"].astype(str)).all()
    assert np.corrcoef(few.events["events"], committed["events"])[0, 1] > 0.9


def test_the_planted_links_name_items_of_the_catalogue():
    planted = json.loads((SAMPLE / "causes.json").read_text())
    items = pd.read_csv(io.BytesIO((SAMPLE / "items.csv").read_bytes()))

    named = {
        item for link in planted["causes"] + planted["decoys"] for item in link["cause_items"] + link["effect_items"]
    }

    assert len(planted["causes"]) == len(planted["decoys"]) == 5
    assert named <= set(items["item_id"])
    assert planted["origin"] == "2025-10-06"
