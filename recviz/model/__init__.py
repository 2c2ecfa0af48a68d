"""Item vectors, history encoder, interest head, checkpoint format."""
