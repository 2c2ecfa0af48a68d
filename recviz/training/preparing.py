"""What a run's stages are made of: items and texts, split and views, and the weights that it starts from."""

from pathlib import Path

import torch

from recviz.data.dataset import Dataset
from recviz.data.sequences import LogView
from recviz.data.split import Split, hidden_share, training_view
from recviz.errors import RunFailedError
from recviz.model.assembly import RunItems, candidate_items, event_counts, fit_collator
from recviz.model.config import RunConfig
from recviz.model.item_vectors import own_gain
from recviz.model.loading import build_network, split_of
from recviz.text.backbone import load_backbone
from recviz.text.encoder import TextEncoder
from recviz.text.items import item_texts
from recviz.training.continuing import Start
from recviz.training.counts import fit_counts
from recviz.training.stage import Stage
from recviz.training.targets import TargetRules
from recviz.training.texts import TextTable
from recviz.training.validation import Validation

CHOOSING, REFIT = "choosing passes", "refit"
LEAST_HIDDEN = 0.02
"""Of the events before the cut; where validation hides less of them, another fit would learn next to nothing more."""


def refits(dataset: Dataset, split: Split, config: RunConfig) -> bool:
    """Whether a run is trained anew on everything before the cut once its passes are chosen."""
    return config.refit and hidden_share(dataset, split) >= LEAST_HIDDEN


class Preparation:
    """What stays the same from stage to stage, and how a stage is made of it."""

    def __init__(self, dataset: Dataset, config: RunConfig, folder: Path, cache: Path, device: torch.device) -> None:
        self.dataset, self.config, self.folder, self.cache, self.device = dataset, config, folder, cache, device
        self.split: Split = split_of(dataset, config)
        self.items: RunItems = candidate_items(dataset, self.split)
        chosen = dataset.items.iloc[self.items.rows]
        self.texts = [text.text for text in item_texts(chosen, dataset.manifest.text_fields)]
        self.start = Start.read(folder)
        self.carried = ""
        """How much of what the run continues was taken over, in words."""
        if config.continues and self.start is None:
            raise RunFailedError.of(
                "The weights that this run starts from are missing", f"run {folder.name}", "Launch it anew"
            )

    def view(self, name: str) -> LogView:
        """Return what a stage may learn from."""
        return training_view(self.dataset, self.split, with_validation=name == REFIT or not self.can_validate)

    @property
    def chooses(self) -> bool:
        """Whether the number of passes is to be found by validation, on events that the weights have not seen."""
        return self.start is None or (self.can_validate and self.start.may_choose(self.split))

    @property
    def can_validate(self) -> bool:
        """Whether history is left when the validation window is hidden too."""
        return len(training_view(self.dataset, self.split, with_validation=False).users()) > 0

    @property
    def refits(self) -> bool:
        """Whether everything before the cut is learnt anew once the passes are chosen."""
        return self.can_validate and refits(self.dataset, self.split, self.config)

    def stage(self, name: str, passes: int) -> Stage:
        """Make a stage with fresh weights, or with those of the run that is continued."""
        torch.manual_seed(self.config.seed)
        view = self.view(name)
        end = self.split.validation if name == CHOOSING and self.can_validate else self.split.cut
        collator = fit_collator(view, end, self.dataset, self.split, self.items, self.config)
        encoder = TextEncoder(load_backbone(self.config.backbone), self.config.max_tokens)
        texts = TextTable(encoder, self.texts, self.config, self.cache, self.device)
        network = build_network(self.config, self.dataset, collator, (len(self.items.rows), encoder.width))
        n_events = torch.from_numpy(event_counts(view, self.dataset.target_kinds, self.items))
        has_text = torch.tensor([bool(text) for text in self.texts])
        gain = own_gain(n_events, has_text, self.config.min_identity_events)
        network.describe_items(texts.pretrained.cpu(), gain)
        weight = None
        if self.start is not None:
            self.start.load_text(texts)
            self.carried = self.start.load_network(network, self.dataset, self.split, self.items)
            weight = self.start.user_weights(self.dataset.user_ids, self.config)
        rules = TargetRules(collator=collator, split=self.split, end=end, origins=self.config.origins)
        fit_counts(network.counts, view, rules, self.config.seed)
        return Stage(
            name, self.config, network.to(self.device), texts, view, rules, passes, self.device, user_weight=weight
        )

    def validation(self) -> Validation | None:
        """Return the validation window; ``None`` where no history is left before it."""
        if not self.can_validate:
            return None
        before = training_view(self.dataset, self.split, with_validation=False)
        return Validation(
            self.dataset, self.split, before, training_view(self.dataset, self.split, with_validation=True)
        )
