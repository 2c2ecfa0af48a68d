"""Where things are and how large they may be, from environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from recviz.errors import InvalidSettingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the machine, not of a run. Each is read from ``RECVIZ_`` and its name in capitals."""

    workspace: Path = field(
        default=Path("workspace"), metadata={"help": "The folder that holds datasets, runs and the job store."}
    )
    max_upload_mb: int = field(
        default=1024, metadata={"help": "The largest file that the browser may upload, in megabytes."}
    )
    max_unpacked_mb: int = field(
        default=8192, metadata={"help": "The largest size that a compressed file may unpack to, in megabytes."}
    )
    max_rows: int = field(default=200_000_000, metadata={"help": "The most rows that a log may have."})
    import_folders: str = field(
        default="",
        metadata={"help": "Folders on the server that the Log page may read files from, separated by colons."},
    )
    device: str = field(default="auto", metadata={"help": "auto, cpu, or cuda: where models run."})
    threads: int = field(default=0, metadata={"help": "CPU threads for a training job; 0 uses every core."})
    heartbeat_seconds: float = field(default=2.0, metadata={"help": "How often a worker says that it is alive."})

    slots: int = field(default=1, metadata={"help": "How many runs may work at once on one device."})
    webhook: str = field(
        default="", metadata={"help": "An http or https address that is told, as JSON, when a run ends."}
    )

    def __post_init__(self) -> None:
        for name in ("max_upload_mb", "max_unpacked_mb", "max_rows", "heartbeat_seconds", "slots"):
            if getattr(self, name) <= 0:
                raise InvalidSettingError.of(
                    f"{name} is {getattr(self, name)}", f"RECVIZ_{name.upper()}", "Set it above 0"
                )
        address = urlsplit(self.webhook)
        if self.webhook and not (address.scheme in {"http", "https"} and address.hostname):
            raise InvalidSettingError.of(
                "The webhook is not an http or https address", "RECVIZ_WEBHOOK", "Write it as https://example.org/hook"
            )

    @property
    def datasets(self) -> Path:
        return self.workspace / "datasets"

    @property
    def runs(self) -> Path:
        return self.workspace / "runs"

    @property
    def uploads(self) -> Path:
        return self.workspace / "uploads"

    @property
    def cache(self) -> Path:
        return self.workspace / "cache"

    @property
    def database(self) -> Path:
        return self.workspace / "recviz.db"

    @property
    def import_roots(self) -> tuple[Path, ...]:
        return tuple(Path(part).resolve() for part in self.import_folders.split(":") if part)


def settings_from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``RECVIZ_*`` variables.

    Raises:
        InvalidSettingError: If a value is not of its setting's type or out of range.
    """
    environment = os.environ if environment is None else environment
    given: dict[str, object] = {}
    for spec in fields(Settings):
        variable = f"RECVIZ_{spec.name.upper()}"
        if variable not in environment:
            continue
        kind: type = Path if isinstance(spec.default, Path) else type(spec.default)
        try:
            given[spec.name] = kind(environment[variable])
        except ValueError as error:
            raise InvalidSettingError.of(
                f"{environment[variable]!r} is not a {kind.__name__}", variable, "Correct the variable or unset it"
            ) from error
    return Settings(**given)  # type: ignore[arg-type]  # the values have the fields' own types
