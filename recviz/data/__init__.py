"""Behaviour logs: schema, reading, checks, profile, split, catalogue, sequence store, synthetic log."""
