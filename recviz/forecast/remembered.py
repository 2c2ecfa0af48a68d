"""What is computed once for an open model and then kept as long as the model is open."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from recviz.model.predictor import Predictor

T = TypeVar("T")


class Remembered(Generic[T]):
    """A function of a predictor whose answers are kept: sessions that share a model share them too."""

    def __init__(self, make: Callable[[Predictor], T]) -> None:
        self._make = make
        self._answers: WeakKeyDictionary[Predictor, T] = WeakKeyDictionary()
        self._locks: WeakKeyDictionary[Predictor, threading.Lock] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def __call__(self, predictor: Predictor) -> T:
        """Return the answer for this predictor; a second caller for it waits rather than computes again."""
        if predictor in self._answers:
            return self._answers[predictor]
        with self._lock:
            lock = self._locks.setdefault(predictor, threading.Lock())
        with lock:
            if predictor not in self._answers:
                self._answers[predictor] = self._make(predictor)
            return self._answers[predictor]
