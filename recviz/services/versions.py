"""Which software made a result."""

import platform
from importlib.metadata import version

PACKAGES = (
    "recviz",
    "torch",
    "transformers",
    "peft",
    "numpy",
    "pandas",
    "polars",
    "scipy",
    "captum",
    "shap",
    "lightgbm",
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
