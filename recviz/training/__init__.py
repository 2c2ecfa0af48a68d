"""Batches, losses, and the training loop, a generator of steps."""
