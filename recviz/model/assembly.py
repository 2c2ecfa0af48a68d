"""What surrounds the network: the run's items, and the collator that a view of the log gives."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recviz.data.dataset import Dataset
from recviz.data.sequences import LogView, draw_users
from recviz.data.split import Split, origin_view
from recviz.model.batch import Collator, Scaling
from recviz.model.config import RunConfig
from recviz.model.context import N_FEATURES, RatePrior
from recviz.model.population import N_LEVELS, Population, fit_rate_prior, measure_population
from recviz.model.values import ValueLevels, past_values
from recviz.text.items import item_texts

SCALING_USERS = 3000
USUAL_RANGE = (0.01, 0.99)
"""Quantiles beyond which a value is clipped, so that one order of 80,995 pieces does not rule the squared error."""


@dataclass(frozen=True, slots=True)
class RunItems:
    """The items that a run knows, in the order of the item table."""

    rows: NDArray[np.int64]
    """Rows of the item table, ``(I,)``."""
    position: NDArray[np.int64]
    """Item row to place in ``rows``, -1 where not among them, ``(items,)``."""


def candidate_items(dataset: Dataset, split: Split) -> RunItems:
    """Return the candidates at the cut: the table that came with the log, or else the items seen before the cut."""
    seen = origin_view(dataset, split, "cut").items(dataset.manifest.n_items)
    return index_items(np.flatnonzero(seen | _listed(dataset)), dataset.manifest.n_items)


def _listed(dataset: Dataset) -> NDArray[np.bool_]:
    """Tell which items the table that came with the log lists, ``(items,)``; none where it brought none."""
    if not dataset.manifest.has_item_table:
        return np.zeros(dataset.manifest.n_items, dtype=bool)
    return dataset.items["listed"].eq("yes").to_numpy(dtype=bool)


def _measured(view: LogView, dataset: Dataset, split: Split, items: RunItems) -> Population:
    return measure_population(view, split, dataset.target_kinds, items.position, _listed(dataset)[items.rows])


def index_items(rows: NDArray[np.intp], n_items: int) -> RunItems:
    """Number the chosen rows of the item table."""
    position = np.full(n_items, -1, np.int64)
    position[rows] = np.arange(len(rows))
    return RunItems(rows.astype(np.int64), position)


def kind_places(dataset: Dataset, split: Split) -> NDArray[np.int64]:
    """Number the kinds seen before the cut; a kind that appears later must not move them, so all such share a last row.

    ``(kinds + 1,)``: the last entry is that row.
    """
    view = origin_view(dataset, split, "cut")
    seen = np.zeros(len(dataset.manifest.kinds), dtype=bool)
    seen[np.asarray(view.store.kind)[view.rows()]] = True
    return np.append(np.where(seen, np.cumsum(seen) - 1, seen.sum()), seen.sum())


def _text_order(dataset: Dataset) -> NDArray[np.int64]:
    texts = [text.text for text in item_texts(dataset.items, dataset.manifest.text_fields)]
    return np.unique(np.array(texts, dtype=object), return_inverse=True)[1].astype(np.int64)


def event_counts(view: LogView, is_target: NDArray[np.bool_], items: RunItems) -> NDArray[np.int64]:
    """Count each item's visible target events, ``(I,)``."""
    rows = view.rows() & is_target[np.asarray(view.store.kind)]
    place = items.position[np.asarray(view.store.item)[rows]]
    return np.bincount(place[place >= 0], minlength=len(items.rows))


def fit_collator(
    view: LogView, end: int, dataset: Dataset, split: Split, items: RunItems, config: RunConfig
) -> Collator:
    """Measure everything on ``view``: population, prior, and the scale of features and values."""
    blank = Scaling(
        feature_mean=np.zeros(N_FEATURES + N_LEVELS, np.float32), feature_std=np.ones(N_FEATURES + N_LEVELS, np.float32)
    )
    population = _measured(view, dataset, split, items)
    prior = fit_rate_prior(view, end, population.unit, population.period, dataset.target_kinds)
    span_days = (end - dataset.manifest.first_time) / population.unit if split.timed else 0.0
    unknown = ValueLevels.unknown(len(items.rows), is_chance=_is_chance(dataset))
    collator = _collator(population, (prior, blank, unknown, span_days), dataset, split, items, config)
    scaling = _fit_scaling(view, end, dataset, collator)
    return replace(collator, scaling=scaling, values=_measure_values(view, dataset, items, scaling, None))


def _collator(
    population: Population,
    fitted: tuple[RatePrior, Scaling, ValueLevels, float],
    dataset: Dataset,
    split: Split,
    items: RunItems,
    config: RunConfig,
) -> Collator:
    """Put together what was measured now and what was fitted: prior, scales, levels of values, days before the cut."""
    prior, scaling, values, span_days = fitted
    return Collator(
        population=population,
        prior=prior,
        scaling=scaling,
        values=values,
        position=items.position,
        is_target=dataset.target_kinds,
        kind_place=kind_places(dataset, split),
        tie_rank=_text_order(dataset),
        max_history=config.max_history,
        periods=split.horizon if split.kind == "time" else 0,
        half_life=config.own_half_life,
        span_days=span_days,
    )


def _fit_scaling(view: LogView, end: int, dataset: Dataset, collator: Collator) -> Scaling:
    rng = np.random.default_rng(0)
    users = draw_users(view.users(), SCALING_USERS, rng)
    rows = []
    for user in users:
        history = view.history(int(user))
        latest = max(int(end), int(history.time[-1]) + 1)
        instants = np.sort(rng.integers(history.time[0] + 1, latest + 1, 3))
        levels = collator.population.levels(instants)
        rows.append(np.concatenate([collator.context(history, instants).features, levels], axis=1))
    features = np.concatenate(rows) if rows else np.zeros((1, N_FEATURES + N_LEVELS), np.float32)
    mean, std = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-2)
    if dataset.manifest.value_type != "number":
        return Scaling(feature_mean=mean, feature_std=std)
    kinds = dataset.target_kinds[np.asarray(view.store.kind)]
    values = np.asarray(view.store.value)[view.rows() & kinds]
    values = values[np.isfinite(values)].astype(np.float64)  # a sum of large values is beyond float32
    if not len(values):
        return Scaling(feature_mean=mean, feature_std=std)
    low, high = (float(bound) for bound in np.quantile(values, USUAL_RANGE))
    usual = np.clip(values, low, high)
    return Scaling(
        feature_mean=mean,
        feature_std=std,
        value_mean=float(usual.mean()),
        value_std=max(float(usual.std()), 1e-6),
        value_low=low,
        value_high=high,
    )


def _is_chance(dataset: Dataset) -> bool:
    return dataset.manifest.value_type == "yes_no"


def _measure_values(
    view: LogView, dataset: Dataset, items: RunItems, scaling: Scaling, prior: float | None
) -> ValueLevels:
    past = past_values(view, dataset.target_kinds, items.position, len(items.rows))
    usual = scaling.standardise(past.value.astype(np.float32)).astype(np.float64)
    return ValueLevels.of(replace(past, value=usual), prior, is_chance=_is_chance(dataset))


def collator_facts(collator: Collator) -> dict[str, Any]:
    """Return what was fitted, as JSON-able facts."""
    scaling = asdict(collator.scaling)
    scaling |= {name: scaling[name].tolist() for name in ("feature_mean", "feature_std")}
    scaling |= {name: None for name in ("value_low", "value_high") if not np.isfinite(scaling[name])}
    return {
        "prior": asdict(collator.prior),
        "scaling": scaling,
        "span_days": collator.span_days,
        "value_prior": collator.values.prior,
    }


def collator_from_facts(
    facts: dict[str, Any], view: LogView, dataset: Dataset, split: Split, items: RunItems, config: RunConfig
) -> Collator:
    """Rebuild a fitted collator over a view."""
    scaling = dict(facts["scaling"])
    scaling |= {name: np.array(scaling[name], np.float32) for name in ("feature_mean", "feature_std")}
    scaling |= {name: sign * np.inf for name, sign in (("value_low", -1), ("value_high", 1)) if scaling[name] is None}
    population = _measured(view, dataset, split, items)
    scales = Scaling(**scaling)
    values = (
        _measure_values(view, dataset, items, scales, facts["value_prior"])
        if "value_prior" in facts
        else ValueLevels.unknown(len(items.rows), is_chance=_is_chance(dataset))  # models that start from nothing
    )
    fitted = (RatePrior(**facts["prior"]), scales, values, facts["span_days"])
    return _collator(population, fitted, dataset, split, items, config)
