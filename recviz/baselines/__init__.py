"""What a good data scientist would run without a language model."""
