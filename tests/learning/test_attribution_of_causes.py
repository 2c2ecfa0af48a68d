"""On a log where one purchase causes the next, the cause receives the attribution and a decoy beside it does not."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from recviz.data.history import History
from recviz.explain.events import shapley_values
from recviz.explain.explainer import explain_score
from recviz.explain.faithfulness import faithfulness
from recviz.explain.parts import part_values
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import MarkLogProbability
from recviz.explain.targets import Target
from recviz.model.config import preset_config
from recviz.model.predictor import Predictor, load_predictor
from recviz.recommend.effect import usual_event
from recviz.training.finetune import finetune
from tests.logs import make_dataset

pytestmark = pytest.mark.slow

CAUSES = ["Alpine dome tent", "Family dome tent", "Light dome tent"]
DECOYS = ["Steel tent pegs", "Alloy tent pegs", "Long tent pegs"]
EFFECTS = ["Down sleeping bag", "Warm sleeping bag", "Summer sleeping bag"]
OTHERS = ["Red mug", "Blue mug", "Tea pot", "Desk lamp", "Oil lamp", "Paper lantern", "Wool scarf", "Felt hat",
          "Garden spade", "Seed tray", "Dog lead", "Cat bowl"]  # fmt: skip
TITLES = CAUSES + DECOYS + EFFECTS + OTHERS
USERS, VISITS = 160, 20
DAY = 86_400_000_000


def camping_log() -> pd.DataFrame:
    """A visit every few days; after a tent the next visit brings a sleeping bag nine times in ten, else hardly ever."""
    draw = np.random.default_rng(0)
    groups, weights = (CAUSES, DECOYS, EFFECTS, OTHERS), (0.2, 0.2, 0.02, 0.58)
    rows = []
    for user in range(USERS):
        when, title = pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(draw.integers(7))), ""
        for _ in range(VISITS):
            group = EFFECTS if title in CAUSES and draw.random() < 0.9 else groups[draw.choice(4, p=weights)]
            title = str(draw.choice(group))
            when += pd.Timedelta(days=int(draw.integers(2, 9)))
            rows.append((f"u{user:03d}", f"i{TITLES.index(title):02d}", when, title))
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp", "title"])


@pytest.fixture(scope="session")
def camper(tmp_path_factory) -> Predictor:
    folder: Path = tmp_path_factory.mktemp("camping")
    log = make_dataset(folder / "log", camping_log())
    config = preset_config("fast", dataset=log.id, split="leave-one-out", refit=False, width=32, passes=24, patience=24,
                           batch_users=16)  # fmt: skip
    run = folder / "run"
    run.mkdir()
    config.write(run)
    for _ in finetune(log, config, run, folder / "cache", torch.device("cpu")):
        pass
    return load_predictor(log, run, "cut", "cpu")


@dataclass(frozen=True)
class Case:
    """Six of a user's own events, then a tent and tent pegs in one basket: why a sleeping bag next?"""

    game: RemovalGame
    of_players: NDArray[np.float64]
    values: NDArray[np.float64]
    """The same by place in the history: within a basket players stand in the order of titles."""
    history: History
    cause: int
    decoy: int
    scalar: MarkLogProbability


@pytest.fixture(scope="session")
def cases(camper) -> list[Case]:
    usual, found = usual_event(camper), []
    for number, user in enumerate(camper.users[::8]):
        history = camper.history(int(user)).take(slice(-6, None))
        basket = int(history.time[-1]) + 3 * DAY
        planted = [TITLES.index(CAUSES[number % 3]), TITLES.index(DECOYS[number % 3])]
        for item in planted:
            history = history.plus(item, basket, usual.kind, usual.value)
        scalar = MarkLogProbability(TITLES.index(EFFECTS[number % 3]))
        game = RemovalGame(camper, scalar, history, basket + 3 * DAY)
        of_players = shapley_values(game).values
        values = np.empty(8)
        values[[at[0] for at in game.players]] = of_players
        cause, decoy = (int(np.flatnonzero((history.item == item) & (history.time == basket))[0]) for item in planted)
        found.append(Case(game, of_players, values, history, cause, decoy, scalar))
    return found


def test_the_cause_is_the_event_that_spoke_most_and_the_decoy_beside_it_is_not(cases):
    first = [case.values.argmax() == case.cause for case in cases]
    above = [case.values[case.cause] > case.values[case.decoy] + 1 for case in cases]

    assert np.mean(first) >= 0.9
    assert np.mean(above) >= 0.95


def test_inside_the_cause_it_is_the_words_that_spoke(camper, cases):
    """Its own number tells nothing: the log was made so. That it is the latest visit does, since only the next one follows it."""
    for case in cases[:6]:
        found, beside = (
            part_values(camper, case.scalar, case.history, case.game.instant, [event])
            for event in (case.cause, case.decoy)
        )
        words = found.texts.attribution(0, found.tokens[0]).words

        assert found.tokens.sum() + found.time[0] > 0.9 * found.difference[0]
        assert found.tokens.sum() > max(0.5, 5 * abs(beside.tokens.sum())), (
            "the decoy's words in the same basket say nothing"
        )
        assert [case.values[case.cause] > 1, all(word.value > 0 for word in words)] == [True, True]
        assert found.explained == pytest.approx(found.difference, rel=0.01)


def test_the_explanation_is_faithful_and_a_shuffled_one_is_not(cases):
    """Removing the named events lowers the score by far more than removing random ones.

    Measured: 18 of 20; in two, events made neutral contradict what removal says, and the badge is "weak".
    """
    judged = [faithfulness(case.game, case.of_players) for case in cases]
    shuffled = [faithfulness(case.game, np.roll(case.of_players, 3)) for case in cases]

    assert np.mean([found.badge == "faithful" for found in judged]) >= 0.85
    assert np.mean([found.badge == "faithful" for found in shuffled]) < 0.4


def test_subsets_of_a_history_score_as_the_log_without_the_others_would(camper, cases):
    """One idea of absence, by the fast way and by removal (invariant 6)."""
    case = cases[0]
    present = np.random.default_rng(0).random((40, 8)) < 0.5

    at_once = camper.predict_subsets(case.history, case.game.instant, present)
    removed = camper.predict([case.history.take(row) for row in present], [case.game.instant] * 40)

    for name in ("z", "gate", "depth"):
        assert getattr(at_once, name) == pytest.approx(getattr(removed, name), abs=1e-5)


def test_values_of_a_whole_explanation_add_up_on_the_real_model(camper):
    """Invariant 7, down to the parts and the candidate's strip."""
    found = explain_score(camper, int(camper.users[0]), Target(what="probability", name="i07"))

    assert sum(event.value for event in found.events) == pytest.approx(found.difference, abs=1e-9)
    looked_into = [event for event in found.events if event.parts]
    assert [event.parts.total for event in looked_into] == pytest.approx([event.value for event in looked_into])
    assert found.trust.parts_gap_share < 0.01
    assert found.candidate_gap_share < 0.01
