"""recviz: long-term interest curves from behaviour logs, with a fine-tuned language model, and why."""

__version__ = "0.1.0"
