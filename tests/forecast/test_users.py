import numpy as np
import pandas as pd
import pytest

from recviz.baselines.activity import active_days
from recviz.baselines.counts import ShrunkenRate
from recviz.errors import NotFoundError
from recviz.forecast.activity import history_active_days, timeline
from recviz.forecast.beside import Beside, count_forecast
from recviz.forecast.categories import shares_table
from recviz.forecast.cohorts import cohort_view
from recviz.forecast.curves import forecast_table, volumes
from recviz.forecast.segments import find_segment, list_segments
from recviz.forecast.user_view import user_view
from recviz.forecast.users import user_lists
from tests.forecast.fakes import FakePredictor, shop
from tests.logs import make_dataset

DAY = 86_400_000_000


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    return FakePredictor(shop(tmp_path_factory.mktemp("shop") / "log", users=40, events=400))


def diary(folder):
    """One user: two rows on one day, a return that does not count, and days on either side of the cut."""
    rows = [
        ("ann", "tea", "2024-03-01 09:00", "buy"),
        ("ann", "cup", "2024-03-01 18:00", "buy"),
        ("ann", "tea", "2024-03-02 12:00", "return"),
        ("ann", "cup", "2024-03-06 12:00", "buy"),
        ("ann", "tea", "2024-03-16 12:00", "buy"),
        ("ann", "cup", "2024-03-16 12:00", "buy"),
        ("ann", "cup", "2024-03-17 12:00", "return"),
        ("bob", "cup", "2024-02-01 12:00", "buy"),
        ("new", "cup", "2024-03-20 12:00", "buy"),
        ("bob", "cup", "2024-03-28 12:00", "buy"),
    ]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp", "kind"])
    return make_dataset(folder, frame.assign(category=frame["item_id"].str.upper()), targets=["buy"])


def test_days_with_interest_are_counted_once_and_other_kinds_not_at_all(tmp_path):
    predictor = FakePredictor(diary(tmp_path / "log"), horizon=2)  # the cut is 14 days before 29 March: 15 March

    view = user_view(predictor, predictor.dataset.user_index("ann"))

    assert pd.Timestamp(view.instant, unit="us") == pd.Timestamp("2024-03-15")
    assert view.past.tolist() == [0, 0, 2, 0]  # the third week is from 1 to 7 March
    assert view.actual.tolist() == [1, 0]
    assert view.total_actual == 1
    assert view.recent_rate == 1.0
    assert {curve.label: curve.past.tolist() for curve in view.categories} == {
        "CUP": [0, 0, 2, 0],
        "TEA": [0, 0, 1, 0],
    }
    assert {curve.label: curve.actual.tolist() for curve in view.categories} == {"CUP": [1, 0], "TEA": [1, 0]}


def test_a_user_without_history_gets_a_curve_and_no_error(tmp_path):
    predictor = FakePredictor(diary(tmp_path / "log"), horizon=2)

    view = user_view(predictor, predictor.dataset.user_index("new"))

    assert view.events == 0
    assert view.last_seen is None
    assert view.past.sum() == 0
    assert np.isfinite(view.mean).all()
    assert view.total_mean == pytest.approx(view.mean.sum())


def test_from_now_on_nothing_has_happened_yet(tmp_path):
    predictor = FakePredictor(diary(tmp_path / "log"), "now", horizon=2)

    view = user_view(predictor, predictor.dataset.user_index("ann"))

    assert view.actual is None
    assert view.total_actual is None
    assert view.events == 7
    assert all(curve.actual is None for curve in view.categories)


def test_periods_that_the_log_does_not_cover_have_no_actual_number(predictor):
    predictor = FakePredictor(predictor.dataset)
    predictor.instant += 7 * DAY * 3

    view = user_view(predictor, 0)

    assert np.isfinite(view.actual[:3]).all()
    assert np.isnan(view.actual[3:]).all()
    assert view.total_actual is None


def test_the_numbers_of_a_users_page_are_those_of_the_exports(predictor):
    table = forecast_table(predictor)
    mapping = predictor.dataset.items[["item_id", "category"]]
    shares = shares_table(predictor, mapping).set_index(["user_id", "category"])["share"]

    for user in predictor.users:
        view = user_view(predictor, int(user))
        rows = table[table["user_id"] == view.user_id]

        assert np.array_equal(rows["mean"], view.mean)
        assert np.array_equal(rows["p_active"], view.p_active)
        assert np.array_equal(rows[["q025", "q10", "q25", "q50", "q75", "q90", "q975"]], view.bands)
        assert rows["p_active_horizon"].iloc[0] == view.p_active_horizon
        for curve in view.categories:
            assert curve.share == pytest.approx(shares[view.user_id, curve.label], rel=1e-5)


def test_categories_of_a_user_add_up_to_days_times_depth_largest_change_first(predictor):
    view = user_view(predictor, int(predictor.users[3]))

    total = sum(curve.mean for curve in view.categories)
    changes = [abs(curve.change) for curve in view.categories]

    assert total == pytest.approx(view.mean * view.depth, rel=1e-5)
    assert sum(curve.share for curve in view.categories) == pytest.approx(1.0)
    assert changes == sorted(changes, reverse=True)


def test_without_a_baseline_nothing_stands_beside_the_curves(predictor):
    view, cohort = user_view(predictor, 5), cohort_view(predictor, find_segment(predictor, "all"))

    assert view.baseline is None
    assert cohort.baseline is None
    assert all(curve.baseline is None for curve in view.categories)


def test_lists_put_first_what_they_are_named_for(predictor):
    lists = user_lists(predictor)

    active, rising, fading, lapsing = (lists.pick(name, 5) for name in ("most active", "rising", "fading", "may lapse"))

    assert active["recent_rate"].is_monotonic_decreasing
    assert active["recent_rate"].iloc[0] == lists.frame["recent_rate"].max()
    assert rising["change"].iloc[0] == lists.frame["change"].max()
    assert fading["change"].iloc[0] == lists.frame["change"].min()
    at_risk = lists.frame["recent_rate"] * (1 - lists.frame["p_active_horizon"])
    assert lapsing["user_id"].iloc[0] == lists.frame["user_id"].iloc[int(at_risk.argmax())]


def test_random_users_change_with_the_seed_alone(predictor):
    lists = user_lists(predictor)

    assert lists.pick("random", 10, seed=1).equals(lists.pick("random", 10, seed=1))
    assert not lists.pick("random", 10, seed=1)["user_id"].equals(lists.pick("random", 10, seed=2)["user_id"])


def test_search_finds_parts_of_ids_literally_starts_first(predictor):
    lists = user_lists(predictor)

    found = lists.search("U1", 50)["user_id"].tolist()

    assert found[0].startswith("u1")
    assert all("u1" in user for user in found)
    assert lists.search("3", 50)["user_id"].tolist()
    assert len(lists.search(".*")) == 0
    assert len(lists.search("[")) == 0


def test_the_table_of_users_says_what_the_pages_say(predictor):
    lists = user_lists(predictor)

    for at, user in enumerate(predictor.users):
        view, row = user_view(predictor, int(user)), lists.frame.iloc[at]

        assert row["user_id"] == view.user_id
        assert row["events"] == view.events
        assert row["expected"] == view.total_mean
        assert row["recent_rate"] == pytest.approx(view.recent_rate)
        assert row["p_active_horizon"] == view.p_active_horizon
        assert row["last_seen"] == pd.Timestamp(view.last_seen, unit="us", tz="UTC")
        assert lists.past[at].tolist() == view.past.tolist()


def test_the_past_reaches_back_two_horizons_and_no_further_than_the_log(predictor, tmp_path):
    short = FakePredictor(diary(tmp_path / "log"), horizon=2)

    assert len(timeline(predictor).past) == 13
    assert len(timeline(short).past) == 5
    assert timeline(short).past[-1] == short.instant


def test_months_before_the_origin_start_on_the_same_day(predictor):
    monthly = FakePredictor(predictor.dataset, period="month", horizon=2)

    starts = pd.to_datetime(timeline(monthly).past, unit="us")

    assert starts.is_monotonic_increasing
    assert set(starts.day) == {starts[-1].day}


def test_segments_of_one_group_part_the_users(predictor):
    segments = list_segments(predictor)

    for group in {segment.group for segment in segments}:
        rows = np.concatenate([segment.rows for segment in segments if segment.group == group])
        assert sorted(rows) == list(range(len(predictor.users))), group
    assert len({segment.key for segment in segments}) == len(segments)


def test_attributes_of_users_make_segments(tmp_path):
    log = shop(tmp_path / "plain")
    users = pd.DataFrame({"user_id": log.user_ids, "country": ["DE", "FR", ""] * 4})
    events = pd.read_parquet(log.folder / "events.parquet")
    predictor = FakePredictor(make_dataset(tmp_path / "log", events, users=users))

    country = {segment.label: len(segment) for segment in list_segments(predictor) if segment.group == "country"}

    assert set(country) == {"DE", "FR", "unknown"}
    assert sum(country.values()) == len(predictor.users)


def test_a_cohorts_curve_is_the_sum_of_its_users(predictor):
    segment, beside = find_segment(predictor, "activity:4"), Beside(count_forecast(predictor, ShrunkenRate()))

    cohort = cohort_view(predictor, segment, beside)

    views = [user_view(predictor, int(predictor.users[row]), beside) for row in segment.rows]
    assert cohort.mean == pytest.approx(sum(view.mean for view in views))
    assert cohort.actual.tolist() == sum(view.actual for view in views).tolist()
    assert cohort.past.tolist() == sum(view.past for view in views).tolist()
    assert cohort.baseline == pytest.approx(sum(view.baseline for view in views))
    assert cohort.total_mean == pytest.approx(cohort.mean.sum())
    assert (np.diff(cohort.bands, axis=1) >= 0).all()


def test_a_cohorts_band_holds_what_independent_users_would_do(predictor):
    cohort = cohort_view(predictor, find_segment(predictor, "all"))
    found, draw = volumes(predictor), np.random.default_rng(0)
    factor = draw.gamma(found.shape, 1 / found.shape, (20_000, len(found)))

    totals = draw.poisson(factor * found.total_mean()).sum(1)

    assert cohort.total_bands == pytest.approx(np.quantile(totals, [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]), rel=0.05)


def test_an_unknown_segment_is_told(predictor):
    with pytest.raises(NotFoundError, match="no segment 'nobody'"):
        find_segment(predictor, "nobody")


def test_counting_days_of_one_history_agrees_with_counting_those_of_all(predictor):
    edges = timeline(predictor).past

    everyone = active_days(predictor.view, predictor.dataset.target_kinds).by_period(edges // DAY)

    for user in predictor.users:
        one = history_active_days(predictor.history(int(user)), predictor.dataset.target_kinds, edges)
        assert one.tolist() == everyone[user].tolist()
