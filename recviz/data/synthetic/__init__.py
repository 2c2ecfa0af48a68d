"""The sample shop: a log from a stated process, with the truth beside it. ``docs/sample-shop.md`` tells the process."""

from recviz.data.synthetic.files import SampleFiles, write_sample, write_truth

__all__ = ["SampleFiles", "write_sample", "write_truth"]
