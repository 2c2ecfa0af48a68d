"""Print whether planted causes receive the attribution on a run of the sample shop.

    python -m benchmarks.causes WORKSPACE RUN [--each 16]

The run must be of ``sample_data/`` with the default cut. For users of each planted link who bought the cause while it acts,
the log-probability of the likeliest item of its effect is divided among all past events: is the cause among the first two
of what is not a purchase of the effect itself, does it stand above every decoy, and which words of its title are on top?
One JSON object.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sample_truth import SAMPLE, opened
from recviz.data.history import MICROSECONDS_PER_DAY, History
from recviz.explain.events import shapley_values
from recviz.explain.parts import part_values
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import MarkLogProbability
from recviz.model.prediction import mark_probabilities
from recviz.model.predictor import Predictor

Floats = NDArray[np.float64]
Planted = Mapping[str, Sequence[Mapping[str, Any]]]
FEWEST_EVENTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Why an effect comes next, for a user who bought its cause in the days in which it acts."""

    cause: float
    """Of the cause event that spoke most."""
    decoys: Floats
    """Of all events of the decoy's items, whenever they were."""
    acting_decoys: Floats
    """Of those in the days in which the cause acts."""
    others: Floats
    """All events but the causes, and but purchases of the effect itself: those speak for a repeat."""
    words: tuple[tuple[str, float], ...]
    """Of the cause's title, with what each moved the score by."""
    planted: frozenset[str]
    """Those of them that make the item a cause: "dome", "tent"."""
    other_parts: Floats
    """Of the same event: the category's words, its very item, kind, number, time."""

    def strongest(self, shift: int = 0) -> str:
        """The word of the title with the largest share, when shares are handed on by some places."""
        shares = np.roll([share for _, share in self.words], shift)
        return self.words[int(shares.argmax())][0]


def find_cases(predictor: Predictor, planted: Planted, each: int, *, beside_decoys: bool = False) -> list[Case]:
    """Divide the effects of past events for users of each link.

    Args:
        predictor: At its cut.
        planted: As ``causes.json`` has it.
        each: Users of each link, the first ones of the log.
        beside_decoys: Take only users who bought a decoy in the same days, too.
    """
    found: list[Case] = []
    for link, decoy in zip(planted["causes"], planted["decoys"], strict=True):
        causes, decoys = _rows(predictor, link["cause_items"]), _rows(predictor, decoy["cause_items"])
        of_link: list[Case] = []
        for user in predictor.users:
            history = predictor.history(int(user))
            acts = history.time >= predictor.instant - link["days"] * MICROSECONDS_PER_DAY
            is_cause, is_decoy = np.isin(history.item, causes), np.isin(history.item, decoys)
            wanted = (is_cause & acts).any() and (not beside_decoys or (is_decoy & acts).any())
            if wanted and len(history) >= FEWEST_EVENTS:
                of_link.append(_case(predictor, link, history, is_cause & acts, is_cause, is_decoy))
            if len(of_link) == each:
                break
        found += of_link
    return found


def _case(
    predictor: Predictor,
    link: Mapping[str, Any],
    history: History,
    is_acting: NDArray[np.bool_],
    is_cause: NDArray[np.bool_],
    is_decoy: NDArray[np.bool_],
) -> Case:
    effects = _rows(predictor, link["effect_items"])
    said = mark_probabilities(predictor.predict([history]), predictor.item_vectors, 0)[0]
    scalar = MarkLogProbability(max(effects, key=lambda item: float(said[predictor.position[item]])))
    game = RemovalGame(predictor, scalar, history, predictor.instant)
    values = np.zeros(len(history))
    for value, at in zip(shapley_values(game).values, game.players, strict=True):
        values[list(at)] = value / len(at)
    strongest = int(np.flatnonzero(is_acting)[values[is_acting].argmax()])
    words, other_parts = _inside(predictor, scalar, history, strongest)
    acts = history.time >= predictor.instant - link["days"] * MICROSECONDS_PER_DAY
    return Case(
        cause=float(values[strongest]),
        decoys=values[is_decoy],
        acting_decoys=values[is_decoy & acts],
        others=values[~is_cause & ~np.isin(history.item, effects)],
        words=words,
        planted=frozenset(link["cause"].split()),
        other_parts=other_parts,
    )


def _inside(
    predictor: Predictor, scalar: MarkLogProbability, history: History, position: int
) -> tuple[tuple[tuple[str, float], ...], Floats]:
    """Divide one event's effect: the words of its title, and the other parts that have a name."""
    found = part_values(predictor, scalar, history, predictor.instant, [position])
    text = found.texts.attribution(0, found.tokens[0])
    if text is None:
        raise ValueError("every item of the sample shop has a title")
    title, *others = text.fields
    words = [(text.text[span.start : span.end].lower(), span.value) for span in text.words if span.start < title.end]
    named = [*(field.value for field in others), found.identity[0], found.kind[0], found.value[0], found.time[0]]
    return tuple(word for word in words if word[0].isalpha()), np.array(named)


def _rows(predictor: Predictor, items: Sequence[str]) -> list[int]:
    return [predictor.dataset.item_index(item) for item in items]


def among_two(cases: Sequence[Case]) -> float:
    """Return the share of cases in which the cause is among the first two of what is no purchase of the effect."""
    return float(np.mean([np.sum(case.others > case.cause) < 2 for case in cases]))


def above_decoys(cases: Sequence[Case], *, acting: bool) -> tuple[float, int]:
    """Return in what share of the cases with a decoy the cause stands above all of them, and how many there are."""
    pairs = [(case.cause, case.acting_decoys if acting else case.decoys) for case in cases]
    above = [cause > decoys.max() for cause, decoys in pairs if len(decoys)]
    return float(np.mean(above)) if above else float("nan"), len(above)


def planted_words_on_top(cases: Sequence[Case], shift: int = 0) -> float:
    """Return in what share of the cases a planted word is the title's strongest, of titles that hold others too."""
    return float(
        np.mean([case.strongest(shift) in case.planted for case in cases if len(case.words) > len(case.planted)])
    )


def title_above_other_parts(cases: Sequence[Case]) -> float:
    """Return in what share of the cases the title says more than any other part with a name."""
    return float(np.mean([sum(share for _, share in case.words) > case.other_parts.max() for case in cases]))


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("run")
    parser.add_argument("--each", type=int, default=16)
    asked = parser.parse_args()
    predictor = opened(asked.workspace, asked.run)
    planted = json.loads((SAMPLE / "causes.json").read_text())
    cases = find_cases(predictor, planted, asked.each)
    rivals = find_cases(predictor, planted, asked.each, beside_decoys=True)
    told = {
        "cases": len(cases),
        "cause among the first two": among_two(cases),
        "above decoys of any time": above_decoys(cases, acting=False),
        "above decoys of the same days": above_decoys(rivals, acting=True),
        "a planted word on top of its title": planted_words_on_top(cases),
        "the same, shares handed on by one word": planted_words_on_top(cases, 1),
        "the title above all other named parts": title_above_other_parts(cases),
    }
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
