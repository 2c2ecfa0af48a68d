"""How fast and how true explanations are: ``python benchmarks/explain.py WORKSPACE RUN [--users 20] [--cases 500]``.

In one run: 50 events of 16 tokens each, cold and from the cache, beside integrated gradients over all texts and shap's
partition explainer over the flat text, each with its comprehensiveness and sufficiency; the integral's own error over
random cases; and over many users seconds, standard errors, badges and the drop when the top events are removed.
"""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from explain_rivals import AllTexts, Rival, gradients_over_all, partition_over_flat_text, with_long_titles
from numpy.typing import NDArray

from recviz.explain.events import event_values
from recviz.explain.explainer import explain_score, game_of
from recviz.explain.explanation import EventShare, Explanation
from recviz.explain.faithfulness import FRACTIONS, faithfulness, relative_gap
from recviz.explain.parts import part_values
from recviz.explain.removal import RemovalGame
from recviz.explain.scalars import MarkLogProbability
from recviz.explain.targets import Target
from recviz.model.prediction import mark_probabilities
from recviz.model.predictor import Predictor
from recviz.services.explanations import explain
from recviz.services.workspace import Workspace
from recviz.settings import Settings

FEWEST = 5
"""Events of a user who is explained."""
EVENTS, TOKENS = 50, 16
SMALL_GAP = 0.01
TOP = 0.2


def first_recommendation(predictor: Predictor, user: int) -> str:
    """Return the id of the likeliest item at the next visit, seen or not."""
    prediction = predictor.predict([predictor.history(user)], [predictor.instant_of(user)])
    with torch.inference_mode():
        best = int(mark_probabilities(prediction, predictor.item_vectors, 0)[0].argmax())
    return str(predictor.dataset.item_ids[predictor.candidates[best]])


def explained(predictor: Predictor, user: int) -> tuple[Explanation, float]:
    """Explain the first recommendation; return it with the seconds that it took."""
    target = Target(what="probability", name=first_recommendation(predictor, user))
    started = time.perf_counter()
    return explain_score(predictor, user, target), time.perf_counter() - started


def fifty_events(predictor: Predictor, *, rivals: bool) -> None:
    """Time one user with 50 events of 16 tokens, cold and cached, and the rivals on the same user; print all."""
    lengths = np.array([len(predictor.history(int(user))) for user in predictor.users])
    user = int(predictor.users[np.abs(lengths - EVENTS).argmin()])
    history, instant = predictor.history(user), predictor.instant_of(user)
    with_long_titles(predictor, history.item, TOKENS)
    target = Target(what="probability", name=first_recommendation(predictor, user))
    item = predictor.dataset.item_index(target.name)
    # as the first click does: the language model is read from disk, and torch's threads start
    explain_score(predictor, int(predictor.users[lengths.argmin()]), target, n_detailed=1)
    with tempfile.TemporaryDirectory() as folder:
        ws = SimpleNamespace(predictor=lambda *_: predictor, settings=SimpleNamespace(cache=Path(folder)))
        seconds, work = [], []
        for _ in range(2):
            started, used = time.perf_counter(), time.process_time()
            found = explain(ws, "", str(predictor.dataset.user_ids[user]), target, predictor.origin)  # type: ignore[arg-type]  # the workspace's one method that is used
            seconds.append(time.perf_counter() - started)
            work.append(time.process_time() - used)
    scalar = MarkLogProbability(item)
    used = time.process_time()
    event_values(game_of(predictor, scalar, history, instant))
    part_values(predictor, scalar, history, instant, [event.positions[0] for event in found.events if event.parts])
    bare = time.process_time() - used
    print(
        f"{len(history)} events of {TOKENS} tokens: {seconds[0]:.2f} s cold, {seconds[1]:.3f} s cached; "
        f"{found.covered:.0%} of the effects looked into"
    )
    print(
        f"  processor time {work[0]:.2f} s, of it event values and words of the top five {bare:.2f} s, the rest trust "
        f"figures and the candidate's own words; load of the machine {os.getloadavg()[0]:.1f}"
    )
    game = RemovalGame(predictor, scalar, history, instant, len(history))
    own = np.zeros(len(history))
    for event in found.events:
        own[list(event.positions)] = event.value / len(event.positions)
    _judge("our event values", game, own, None, ())
    if not rivals:
        return
    whole = AllTexts(predictor, scalar, history, instant)
    for name, rival in (
        ("integrated gradients, all texts, 50 steps", gradients_over_all(whole)),
        ("shap's partition explainer, flat text", partition_over_flat_text(whole, remembers=False)),
        ("the same, texts remembered by the score", partition_over_flat_text(whole, remembers=True)),
    ):
        _judge(name, game, rival.values, rival, (bare, work[0]))


def _judge(
    name: str, game: RemovalGame, values: NDArray[np.float64], rival: Rival | None, ours: tuple[float, ...]
) -> None:
    judged = faithfulness(game, values[np.concatenate(game.players)])  # within a basket players go by their texts
    comprehensive, sufficient = judged.comprehensiveness, judged.sufficiency
    if comprehensive is None or sufficient is None:
        return
    ratio = ""
    if rival is not None:
        bare, whole = (rival.seconds / taken for taken in ours)
        ratio = f"; {rival.seconds:.1f} s of processor time = {bare:.1f} times ours ({whole:.1f} with trust figures)"
    print(
        f"  {name}: comprehensiveness {comprehensive.mean:+.2f} ({comprehensive.low:+.2f} to {comprehensive.high:+.2f}), "
        f"sufficiency {sufficient.mean:+.2f} ({sufficient.low:+.2f} to {sufficient.high:+.2f}) nats{ratio}"
    )


def integral_error(predictor: Predictor, cases: int, generator: np.random.Generator) -> None:
    """Print the integral's own error over random users, items and events."""
    gaps = []
    for _ in range(cases):
        user = int(generator.choice(predictor.users))
        history = predictor.history(user)
        position = int(generator.integers(max(0, len(history) - 40), len(history)))
        item = int(generator.choice(predictor.candidates))
        found = part_values(predictor, MarkLogProbability(item), history, predictor.instant_of(user), [position])
        gaps.append(relative_gap(float(found.difference[0] - found.explained[0]), float(found.difference[0])))
    print(
        f"integral: error under 1 % of max(difference, 0.1 nat) in {np.mean(np.array(gaps) < SMALL_GAP):.1%} of {cases} "
        f"random cases, worst {max(gaps):.2%}"
    )


def many_users(predictor: Predictor, count: int, generator: np.random.Generator) -> None:
    """Print seconds, standard errors, badges, and what removing the top 20 % costs, over random users."""
    lengths = np.array([len(predictor.history(int(user))) for user in predictor.users])
    long_enough = predictor.users[lengths >= FEWEST]
    users = [int(user) for user in generator.choice(long_enough, min(count, len(long_enough)), replace=False)]
    told = [explained(predictor, user) for user in users]
    errors = [event.standard_error for found, _ in told for event in found.events if event.standard_error]
    badges = [found.trust.badge for found, _ in told]
    clear = [
        clear_of_nought(predictor, user, found)
        for user, (found, _), badge in zip(users, told, badges, strict=True)
        if badge == "faithful"
    ]
    print(f"{len(users)} users: {np.median([taken for _, taken in told]):.2f} s at the median")
    print(f"standard error of an event: {np.median(errors):.3f} nats at the median")
    print("badges:", dict(Counter(badges)))
    made_of(event for found, _ in told for event in found.events)
    if clear:
        print(
            f"removing the top 20 % costs more than random ones, clear of 0, for {np.mean(clear):.1%} of the faithful"
        )


def made_of(events: Iterable[EventShare]) -> None:
    """Print what the values of the events looked into are made of: sums of absolute values against those of the events."""
    amounts = {"parts": 0.0, "habit": 0.0, "shared": 0.0, "habit and shared together": 0.0}
    total = 0.0
    for event in events:
        if event.parts:
            total += abs(event.value)
            found = (event.parts.explained, event.habit, event.shared, event.parts.remainder)
            amounts = {name: sum_ + abs(one) for (name, sum_), one in zip(amounts.items(), found, strict=True)}
    print("of the values looked into:", ", ".join(f"{name} {sum_ / total:.2f}" for name, sum_ in amounts.items()))


def clear_of_nought(predictor: Predictor, user: int, found: Explanation, orders: int = 30) -> bool:
    """Tell whether removing the top 20 % of events lowers the score by more than removing as many random ones."""
    scalar = MarkLogProbability(predictor.dataset.item_index(found.target.name))
    game = game_of(predictor, scalar, predictor.history(user), predictor.instant_of(user))
    values = np.array([event.value for event in found.events])
    size = max(1, round(TOP * len(values)))
    draw = np.random.default_rng(7)
    chosen = np.stack([np.argsort(-values)[:size], *(draw.permutation(len(values))[:size] for _ in range(orders))])
    present = np.ones((len(chosen), len(values)), dtype=bool)
    np.put_along_axis(present, chosen, values=False, axis=1)
    scores = game.scores(present)
    drops = scores[1:] - scores[0]
    return bool(drops.mean() - 2.045 * drops.std(ddof=1) / orders**0.5 > 0)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("run")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rivals", action=argparse.BooleanOptionalAction, default=True)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    predictor = Workspace(Settings(workspace=asked.workspace)).predictor(asked.run, "cut")
    generator = np.random.default_rng(0)
    print(f"{asked.threads} threads, fractions {FRACTIONS}, run {predictor.fingerprint}")
    if asked.cases:
        integral_error(predictor, asked.cases, generator)
    if asked.users:
        many_users(predictor, asked.users, generator)
    fifty_events(predictor, rivals=asked.rivals)  # last: it lengthens titles in this process


if __name__ == "__main__":
    main()
