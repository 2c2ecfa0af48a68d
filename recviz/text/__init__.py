"""Item text and backbones: where a backbone comes from, tokens with word and field spans."""
