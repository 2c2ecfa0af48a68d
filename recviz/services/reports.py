"""The report: one HTML file about a log, a run, its curves and an explanation, that needs no network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from recviz.data.dataset import Manifest
from recviz.errors import NotFoundError
from recviz.explain.labels import sign_rule_of
from recviz.forecast.activity import has_curves
from recviz.forecast.cohorts import CohortView
from recviz.jobs.job import Job
from recviz.language import retold, speaking, spoken, tr, tr_p
from recviz.model.config import RunConfig
from recviz.plots import explanation_sentences, formats, sentences, verdicts
from recviz.plots import why as words
from recviz.plots.log_facts import log_facts
from recviz.plots.template import tint
from recviz.services import datasets, evaluations, report_parts, runs
from recviz.services.chart_files import chart_html, plotly_script
from recviz.services.exports import write_whole
from recviz.services.report_parts import Curves, EvaluationPart, LogPart, WhyPart
from recviz.services.versions import versions
from recviz.services.workspace import Workspace

Told = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the page says."""

    made: str
    run: Job
    model: str
    """Run, checkpoint hash and origin."""
    config: RunConfig
    manifest: Manifest
    log: LogPart
    evaluation: EvaluationPart | None
    """``None`` where nothing was held out that could be scored."""
    curves: Curves | None
    """``None`` where there are no weeks, and so no curves."""
    why: WhyPart
    versions: dict[str, str]

    @property
    def settings(self) -> list[tuple[str, object, str]]:
        """Name, value and sentence of every setting of the run."""
        return [
            (spec.name, getattr(self.config, spec.name), spec.metadata["help"])
            for spec in fields(self.config)
            if "help" in spec.metadata
        ]

    @property
    def findings(self) -> list[tuple[str, str]]:
        """What was found, a line each: the sentences that the page begins with."""
        profile, first = self.log.profile, self.why.items[0]
        counted = formats.counted
        size = tr("{events} of {users} with {items}").format(
            events=counted(profile.n_events, "event"),
            users=counted(profile.n_users, "user"),
            items=counted(profile.n_items, "item"),
        )
        found = [(tr("The log"), size)]
        if self.curves is not None:
            found.append((tr("What to expect"), sentences.cohort_finding(self.curves.everybody)))
            found.append((tr("Who is heading where"), self.curves.heading))
        if self.evaluation is not None:
            found += [(part.title, part.verdict) for part in self.evaluation.tasks]
        title = formats.plain(first.title or first.item_id)
        whose = tr("First for user {user}").format(user=formats.plain(self.why.user_id))
        found.append((whose, tr("“{title}”, {part}").format(title=title, part=formats.share(first.probability))))
        found.append((tr("Why"), explanation_sentences.push(self.why.explanation)))
        badge = _full([explanation_sentences.badge_words(self.why.explanation.trust)])
        found.append((tr("Trust"), f"{badge} {words.badge_sentence(self.why.explanation)}"))
        return found

    @property
    def log_facts(self) -> list[tuple[str, str]]:
        """What the log is like, in rows."""
        return log_facts(self.log.profile)


def write_report(
    ws: Workspace, run_id: str, out: Path, user_id: str | None = None, told: Told = lambda _words, _done: None
) -> Path:
    """Write the report of a finished run, whole or not at all.

    Args:
        ws: The workspace.
        run_id: The run.
        out: The HTML file.
        user_id: Whose first recommendation is explained; ``None`` picks an active user.
        told: Told about each step.

    Raises:
        NotFoundError: If there is no such run or user.
        RunFailedError: If the run has no complete model.
        InvalidSettingError: If the file cannot be written.
    """
    page = report_html(gather(ws, run_id, user_id, told))
    written = write_whole(out, lambda stream: stream.write(page.encode("utf-8")))
    told("written", 1.0)
    return written


def report_bytes(ws: Workspace, run_id: str, language: str) -> bytes:
    """Return what `write_report` writes, for a download, in a language; the errors of `write_report`."""
    with speaking(language):
        return report_html(gather(ws, run_id)).encode("utf-8")


def gather(ws: Workspace, run_id: str, user_id: str | None = None, told: Told = lambda _words, _done: None) -> Report:
    """Ask the services for everything that the report says; the arguments and errors of `write_report`."""
    told("the log", 0.0)
    predictor = ws.predictor(run_id, "cut")
    dataset = predictor.dataset
    log = report_parts.log_part(datasets.profile(ws, dataset.id), predictor)
    told("the backtest", 0.1)
    evaluation = _evaluation(ws, run_id)
    told("the curves", 0.2)
    curves = report_parts.curves_part(ws, run_id) if has_curves(predictor) else None
    told("an explanation", 0.5)
    why = report_parts.why_part(ws, run_id, user_id)
    return Report(
        made=formats.day(datetime.now(UTC)),
        run=runs.run(ws, run_id),
        model=predictor.fingerprint,
        config=predictor.config,
        manifest=dataset.manifest,
        log=log,
        evaluation=evaluation,
        curves=curves,
        why=why,
        versions=versions(),
    )


def report_html(report: Report) -> str:
    """Lay a report out as one page; everything that the log brought is escaped."""
    environment = Environment(
        loader=PackageLoader("recviz.services"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_unbroken,
    )  # fmt: skip
    environment.filters |= {
        "count": formats.count, "decimal": formats.decimal, "signed": formats.signed, "share": formats.share,
        "day": formats.day, "plain": formats.plain, "duration": formats.duration, "chart": chart_html,
        "measure": verdicts.measure_words, "so": verdicts.so, "happened": _happened,
        "upper_first": _upper_first, "retold": retold,
    }  # fmt: skip
    environment.globals |= {
        "lang": spoken().replace("_", "-"),
        "tr": tr,
        "tr_p": tr_p,
        "counted": formats.counted,
        "full": _full,
        "tint": tint,
        "explanation_sentences": explanation_sentences,
        "sentences": sentences,
        "how_well": words.how_well,
        "sign_rule": sign_rule_of,
        "trust_sentence": words.badge_sentence,
        "plotly_script": plotly_script(),
    }
    return environment.get_template("report.html.j2").render(report=report)


def _evaluation(ws: Workspace, run_id: str) -> EvaluationPart | None:
    try:
        return report_parts.evaluation_part(evaluations.evaluation(ws, run_id))
    except NotFoundError:
        return None


def _happened(part: CohortView) -> str:
    """Write a cohort's real total where the log covers all of the horizon."""
    if part.actual is None or np.isnan(part.actual).any():
        return tr("the log ends before")
    return formats.count(float(part.actual.sum()))


def _full(findings: Sequence[str]) -> str:
    """End each sentence, and put them one after the other."""
    return " ".join(tr("{finding}.").format(finding=one) for one in findings)


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unbroken(value: object) -> object:
    """Keep a number and its per cent sign on one line; what is marked as HTML already is left alone."""
    return value.replace(" %", "\u00a0%") if type(value) is str else value
