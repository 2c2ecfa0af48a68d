"""What can be chosen about an explanation, by the names that pages, links and exports use."""

from typing import Literal

Method = Literal["shapley", "permutation", "leave-one-out"]
"""How events are valued."""
PartMethod = Literal["integrated gradients", "gradient x input", "word occlusion", "partition"]
"""How an event is divided over its parts."""
Baseline = Literal["neutral", "padding", "mean", "zero"]
"""What stands in place of a word: the embedding of the tokenizer's mask token (else unknown, else padding), of its
padding token, the mean of all embeddings that the tokenizer has, or the zero vector. Markers stay as they are."""
Removal = Literal["removed", "neutral"]
"""How an absent event is taken away when an explanation is put to the test: out of the log, as every explanation means
it; or left in its place in time as an event of no item in particular."""
Badge = Literal["faithful", "weak", "no better than random", "too few events to tell"]
Level = Literal["token", "word", "field", "event", "category", "time"]
"""What values are summed by."""
