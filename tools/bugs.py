"""One bug for each method of explanation and each figure of trust, with the test that catches it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """A change of one line that a test must not survive."""

    method: str
    what: str
    file: str
    """Below ``recviz/explain``."""
    right: str
    wrong: str
    test: str
    """Below ``tests/explain``."""


LINEAR_EVENTS = "test_events.py::test_on_a_linear_model_every_method_gives_each_event_its_own_term"
LINEAR_PARTS = "test_part_methods.py::test_on_a_linear_model_every_method_gives_every_word_and_part_its_own_term"
TWICE = "test_part_methods.py::test_an_event_that_is_there_twice_keeps_two_shares"
BUGS = (
    Bug("Shapley values, all subsets", "weights of subsets off by one", "events.py",
        "math.comb(n - 1, size)", "math.comb(n, size)", f"{LINEAR_EVENTS}[short-shapley]"),
    Bug("Shapley values, sampled", "the last place in line left out", "events.py",
        "(alone + leave_one_out(game)) / n", "alone / n",
        f"{LINEAR_EVENTS}[middle-shapley]"),
    Bug("Shapley values, all subsets", "a mean over subsets instead of over orders", "events.py",
        "1 / (n * math.comb(n - 1, size))", "1 / 2 ** (n - 1)",
        "test_events.py::test_values_are_the_mean_over_every_order_in_which_events_could_have_come"),
    Bug("shap's permutation sampler", "values credited to other events", "shap_library.py",
        "return found.values[0], found.error_std[0]", "return found.values[0][::-1], found.error_std[0]",
        f"{LINEAR_EVENTS}[middle-permutation]"),
    Bug("Leave-one-out", "the difference taken the wrong way round", "events.py",
        "found[0] - found[1:]", "found[1:] - found[0]", f"{LINEAR_EVENTS}[short-leave-one-out]"),
    Bug("Removal (every method for events)", "another event taken away than the one that is asked about", "removal.py",
        "present[[index for _, index in chunk]][:, self._owner]",
        "present[[index for _, index in chunk]][:, self._owner[::-1]]", f"{LINEAR_EVENTS}[short-shapley]"),
    Bug("Integrated gradients", "the path begins at zero instead of at the stated baseline", "part_methods.py",
        "tuple(part[index] for part in path.baselines())", "tuple(map(torch.zeros_like, inputs))",
        f"{LINEAR_PARTS}[integrated gradients]"),
    Bug("Integrated gradients", "too few nodes for a curved score", "part_methods.py",
        "n_steps=nodes", "n_steps=2", "test_part_methods.py::test_what_adds_up_by_theory_adds_up_on_a_curved_score"),
    Bug("Gradient x input", "the input not measured from its baseline", "part_methods.py",
        "slope * (part - base[rows])", "slope * part", f"{LINEAR_PARTS}[gradient x input]"),
    Bug("Word occlusion", "the difference taken the wrong way round", "part_methods.py",
        "scores[0] - scores[1:]", "scores[1:] - scores[0]", f"{LINEAR_PARTS}[word occlusion]"),
    Bug("Partition (Owen values)", "values read in another order than that of the leaves", "shap_library.py",
        "values: NDArray[np.float64] = found.values[0]", "values: NDArray[np.float64] = found.values[0][::-1]",
        f"{LINEAR_PARTS}[partition]"),
    Bug("Every method for parts", "padding counts as words of the text", "texts.py",
        "self.tokens.mask[index])", "torch.ones_like(self.tokens.mask[index]))",
        "test_part_methods.py::test_masking_padding_changes_nothing"),
    Bug("Every method for parts", "one slot written for two events of the same item", "path.py",
        "slot = self._slots[:, index].T.flatten()", "slot = self._slots[:, 0 * index].T.flatten()",
        "test_part_methods.py::test_an_event_as_it_is_leaves_the_score_as_it_is"),
    Bug("Every method for parts", "one row of results written for two events of the same item", "part_methods.py",
        "    return np.column_stack([tokens, *others])", "    return np.column_stack([tokens, *others])[[0] * len(tokens)]",
        f"{TWICE}[integrated gradients]"),
    Bug("Every method for parts", "the model's own markers replaced by the baseline", "texts.py",
        "torch.where(stands[..., None], stand_in", "torch.where(tokens.mask.bool()[..., None], stand_in",
        "test_part_methods.py::test_each_baseline_puts_what_it_says_in_place_of_words_and_leaves_the_markers"),
    Bug("Parts and remainder", "the gap of the integral taken from the remainder twice", "explainer.py",
        "remainder=event.value - made.explained", "remainder=event.value - made.explained - gap",
        "test_part_methods.py::test_what_does_not_add_up_tells_its_gap_and_the_event_still_adds_up"),
    Bug("Parts and remainder", "what events say alike called habit", "explanation.py",
        "return self.leave_one_out - self.parts.explained if", "return self.value - self.parts.explained if",
        "test_parts.py::test_what_each_event_adds_less_beside_the_others_is_shared_and_not_habit"),
    Bug("Words", "every token taken for the same word", "rollup.py",
        "starts, ends = _trimmed(text, offsets)\n", "starts, ends = _trimmed(text, offsets * 0)\n",
        f"{LINEAR_PARTS}[word occlusion]"),
    Bug("Badge", "cannot turn out bad", "faithfulness.py",
        "return verdicts[clear]", "return verdicts[2]",
        "test_faithfulness.py::test_values_upside_down_and_values_at_random_are_no_better_than_random"),
    Bug("Badge", "top and bottom of the order exchanged", "faithfulness.py",
        "np.argsort(-sign * values, kind=\"stable\")", "np.argsort(sign * values, kind=\"stable\")",
        "test_faithfulness.py::test_true_values_are_faithful"),
    Bug("Counterfactual", "one event too few in the set", "counterfactual.py",
        "search.smaller(search.pruned(search.greedy()))", "(search.smaller(search.pruned(search.greedy()))[0][1:], True)",
        "test_counterfactual.py::test_without_the_set_the_item_is_out_and_with_any_of_it_back_it_is_in"),
)  # fmt: skip
