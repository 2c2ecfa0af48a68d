"""Small results with numbers that can be checked by eye."""

import numpy as np

from recviz.data.history import MICROSECONDS_PER_DAY
from recviz.evaluate.negative_binomial import quantiles
from recviz.explain.explanation import EventShare, Explanation, Parts, Span, TextAttribution
from recviz.explain.targets import Target
from recviz.explain.trust import Interval, Trust
from recviz.forecast.curves import LEVELS
from recviz.forecast.user_view import CategoryCurve, UserView
from recviz.plots.template import Chart

WEEK = 7 * MICROSECONDS_PER_DAY
ORIGIN = 15_227 * MICROSECONDS_PER_DAY
"""10 September 2011."""


def told_title(chart: Chart) -> str:
    """A figure's title as the sentence that it is, its lines joined."""
    return chart.figure.layout.title.text.replace("<br>", " ")


def user_view(origin: str = "cut", **changes: object) -> UserView:
    """A user of eight past weeks and four weeks ahead; "Garden" rises, "<b>Bags</b>" falls."""
    mean = np.array([0.5, 0.5, 1.0, 2.0])
    facts: dict[str, object] = {
        "user_id": "17841",
        "origin": origin,
        "instant": ORIGIN,
        "fingerprint": "run@0",
        "period": "week",
        "chance_only": False,
        "events": 20,
        "first_seen": ORIGIN - 8 * WEEK,
        "last_seen": ORIGIN - WEEK,
        "recent_rate": 0.5,
        "past_edges": ORIGIN - WEEK * np.arange(8, -1, -1),
        "past": np.array([1, 0, 2, 0, 1, 0, 1, 0], np.int32),
        "edges": ORIGIN + WEEK * np.arange(5),
        "mean": mean,
        "p_active": 1 - np.exp(-mean),
        "bands": quantiles(mean, np.full(4, 2.0), LEVELS),
        "total_mean": 4.0,
        "total_bands": np.array([0.0, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
        "p_active_horizon": 0.88,
        "depth": 3.0,
        "actual": np.array([0.0, 1.0, 2.0, np.nan]) if origin == "cut" else None,
        "baseline": np.full(4, 0.6),
        "baseline_name": "LightGBM on counts",
        "categories": (
            _category("Garden", [0, 0, 0, 0, 0, 0, 0, 0], [0.1, 0.1, 0.1, 1.7], 0.5, 0.7),
            _category("<b>Bags</b>", [1, 1, 1, 1, 1, 1, 1, 1], [0.4, 0.4, 0.4, 0.8], -0.5, 0.3),
        ),
        "category_source": "log",
    }
    return UserView(**(facts | changes))  # type: ignore[arg-type]  # the facts are of all types


def explanation(word: float = 0.3, **changes: object) -> Explanation:
    """Two single events (+0.5, read into its words; -0.1) and five earlier ones (+0.2): 0.6 in all."""
    text = TextAttribution(
        text="red tent",
        tokens=(Span(0, 3, 0.0), Span(4, 8, word)),
        words=(Span(0, 3, 0.0), Span(4, 8, word)),
        fields=(Span(0, 8, word),),
        field_names=("title",),
        markers=0.0,
        cut_at=None,
    )
    parts = Parts(
        text=text, identity=0.0, kind=0.0, value=0.0, time=0.05, remainder=0.5 - word - 0.05, gap=0.0, gap_share=0.0
    )
    events = (
        _event(tuple(range(5)), "5 earlier events", 0.2),
        _event((5,), "red tent", 0.5, parts),
        _event((6,), "<script>alert(1)</script>", -0.1),
    )
    trust = Trust(
        events_gap=0.0,
        events_gap_share=0.003,
        parts_gap_share=0.0,
        comprehensiveness=Interval(0.69314718, 0.5, 0.8),
        sufficiency=Interval(0.1, 0.05, 0.2),
        badge="faithful",
        sentence="Faithful.",
    )
    facts: dict[str, object] = {
        "run": "run@0", "user_id": "17841", "origin": "cut", "instant": "2011-09-10T00:00:00+00:00",
        "target": Target(what="probability", name="i", k=0), "scalar": "How likely", "unit": "nats", "sign_rule": "Above zero raised it.", "method": "shapley",
        "score": -3.4, "empty_score": -4.0, "events": events, "candidate": text, "candidate_gap_share": 0.0,
        "trust": trust, "seconds": 1.0,
    }  # fmt: skip
    return Explanation(**(facts | changes))  # type: ignore[arg-type]  # the facts are of all types


def _category(label: str, past: list[float], mean: list[float], change: float, share: float) -> CategoryCurve:
    return CategoryCurve(
        label=label, past=np.array(past, float), mean=np.array(mean), share=share, change=change, actual=None
    )


def _event(positions: tuple[int, ...], title: str, value: float, parts: Parts | None = None) -> EventShare:
    return EventShare(
        positions=positions, item_id="i", title=title, category="Tents", kind="purchase", time="2011-09-01T00:00:00+00:00",
        quantity=1.0, value=value, standard_error=0.01, leave_one_out=value, parts=parts,
        is_group=len(positions) > 1,
    )  # fmt: skip
