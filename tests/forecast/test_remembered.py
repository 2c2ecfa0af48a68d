"""What is computed once for an open model: once, whoever asks, and no model waits for another's answer."""

import threading

from recviz.forecast.remembered import Remembered


class Model:
    """Stands for a predictor: only its identity counts."""


def test_two_who_ask_at_once_share_one_answer():
    begun, go_on, made = threading.Event(), threading.Event(), []

    def make(_: Model) -> int:
        made.append(1)
        begun.set()
        go_on.wait(60)
        return 7

    remembered, model, answers = Remembered(make), Model(), []
    threads = [threading.Thread(target=lambda: answers.append(remembered(model))) for _ in range(2)]
    for thread in threads:
        thread.start()
    begun.wait(60)
    go_on.set()
    for thread in threads:
        thread.join(60)

    assert answers == [7, 7]
    assert len(made) == 1


def test_a_model_does_not_wait_for_the_answer_of_another():
    slow, quick, go_on, begun = Model(), Model(), threading.Event(), threading.Event()

    def make(model: Model) -> str:
        if model is quick:
            return "quick"
        begun.set()
        go_on.wait(60)
        return "slow"

    remembered = Remembered(make)
    waits = threading.Thread(target=remembered, args=(slow,))
    waits.start()
    begun.wait(60)

    assert remembered(quick) == "quick"
    assert waits.is_alive()
    go_on.set()
    waits.join(60)
