"""How well the policy's checks find what they should: labelled texts, texts that break nothing, hate speech, and time.

Prints JSON. The labelled texts are data/holdout/policy/*.jsonl, one for each clause, and those of personal data and
danger; their lines are screened in the order of the file, as `./signpost screen` does.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from bot.commands.messages import BadMessages, read_messages
from bot.commands.screening import LOOKED_BACK, context_of
from bot.environments import ROOT
from bot.policy.findings import Clause, Danger, EarlierMessage, PersonalKind, Screening
from bot.policy.screen import Screener

HATEFUL_CHECKS = frozenset({"civility.hate", "civility.hate_perhaps", "civility.slur", "civility.threat"})
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
Z = 1.959964
"""Of the normal distribution, for intervals of 95 %."""


@dataclass(frozen=True)
class Share:
    """Some of many, with Wilson's 95 % interval; None when there are none at all."""

    right: int
    of: int
    share: float | None = field(init=False)
    low: float | None = field(init=False)
    high: float | None = field(init=False)

    def __post_init__(self) -> None:
        share = low = high = None
        if self.of:
            part, weight = self.right / self.of, Z * Z / self.of
            middle = (part + weight / 2) / (1 + weight)
            half = Z * math.sqrt(part * (1 - part) / self.of + weight / (4 * self.of)) / (1 + weight)
            share, low, high = (
                round(part, 4),
                round(max(0.0, middle - half), 4),
                round(min(1.0, middle + half), 4),
            )
        for name, value in (("share", share), ("low", low), ("high", high)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Labelled:
    """A line of a labelled file, and what was found in it."""

    line: dict[str, Any]
    screening: Screening
    milliseconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; 2 for wrong input."""
    options = _parser().parse_args(arguments)
    screener = Screener.from_files(ROOT)
    try:
        report = measured(
            screener,
            options.folder / options.holdout if options.holdout else ROOT / "data" / "holdout" / "policy",
            [options.folder / path for path in options.texts],
            [options.folder / path for path in options.hate],
            misses=options.misses,
        )
    except BadMessages as error:
        print(f"bench policy: {error}", file=sys.stderr)
        return 2
    if options.into:
        path = options.folder / options.into
        path.write_text(with_tables(path.read_text(encoding="utf-8"), report), encoding="utf-8")
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return 0


def measured(
    screener: Screener,
    holdout: Path,
    texts: Sequence[Path] = (),
    hate: Sequence[Path] = (),
    *,
    misses: bool = False,
) -> dict[str, Any]:
    """All figures as JSON will have them; raises BadMessages."""
    report: dict[str, Any] = {"clauses": {}, "personal_data": None, "danger": None}
    taken: list[float] = []
    for clause in get_args(Clause):
        path = holdout / f"{clause}.jsonl"
        if path.is_file():
            found = screened(screener, path)
            taken += [each.milliseconds for each in found]
            report["clauses"][clause] = of_clause(clause, found, misses=misses)
    for name, figures in (("personal_data", of_personal_data), ("danger", of_danger)):
        if (holdout / f"{name}.jsonl").is_file():
            found = screened(screener, holdout / f"{name}.jsonl")
            taken += [each.milliseconds for each in found]
            report[name] = figures(found, misses=misses)
    report["texts"] = {path.name: of_texts(screened(screener, path, alone=True)) for path in texts}
    report["hate"] = {path.name: of_hate(screener, path) for path in hate}
    report["milliseconds"] = _times(taken)
    return report


def with_tables(text: str, report: dict[str, Any]) -> str:
    """A page with the tables between its two marks made anew; raises ValueError when it has no marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"has no {BEGIN} and {END}")
    return f"{before}{begin}\n\n{tables(report)}\n\n{end}{after}"


def tables(report: dict[str, Any]) -> str:
    """The figures as docs/policy.md shows them."""
    lines = ["| Clause | Messages | Precision | Recall | Tricky ones let pass |", "|---|---|---|---|---|"]
    for clause, figures in report["clauses"].items():
        shown = (_percent(figures[name]) for name in ("precision", "recall", "tricky_let_pass"))
        lines.append(f"| `{clause}` | {figures['messages']} | {' | '.join(shown)} |")
    if found := report["personal_data"]:
        lines += ["", "| Personal data | Precision | Recall |", "|---|---|---|"]
        for name, figures in (("all", found), *found["kinds"].items()):
            lines.append(f"| {name} | {_percent(figures['precision'])} | {_percent(figures['recall'])} |")
    if found := report["danger"]:
        lines += ["", "| Danger | |", "|---|---|", f"| seen | {_percent(found['recall'])} |"]
        lines += [f"| seen, `{name}` | {_percent(figures)} |" for name, figures in found["dangers"].items()]
        lines.append(f"| under its right name | {_percent(found['right_name'])} |")
        lines.append(f"| false alarms | {_percent(found['false_alarms'])} |")
    for name, figures in report["texts"].items():
        lines += ["", f"| `{name}` | |", "|---|---|"]
        lines.append(f"| flagged or hidden | {_percent(figures['flagged'])} |")
        lines.append(
            f"| the same but for personal information | {_percent(figures['flagged_but_for_personal_information'])} |"
        )
        lines.append(f"| noted or more | {_percent(figures['noted_or_more'])} |")
        lines.append(f"| danger seen | {_percent(figures['danger'])} |")
    for name, figures in report["hate"].items():
        lines += ["", f"| `{name}` | |", "|---|---|"]
        lines += [
            f"| {what} | {_percent(figures[what])} |" for what in ("precision", "recall", "specificity")
        ]
        lines += [f"| {what} | {_percent(share)} |" for what, share in figures["functionalities"].items()]
    return "\n".join(lines)


def _percent(share: dict[str, Any]) -> str:
    if share["share"] is None:
        return "–"
    interval = f"{100 * share['low']:.0f}–{100 * share['high']:.0f}"
    return f"{100 * share['share']:.1f} % ({interval}), {share['right']} of {share['of']}"


def screened(screener: Screener, path: Path, *, alone: bool = False) -> list[Labelled]:
    """Every line of a file through the screener; `alone`: none seen as a repeat of those before it."""
    found: list[Labelled] = []
    earlier: list[EarlierMessage] = []
    for number, line in read_messages(path):
        context = replace(context_of(line, f"{path}:{number}"), earlier=tuple(earlier[-LOOKED_BACK:]))
        began = time.perf_counter()
        screening = screener.screen(line["text"], context)
        found.append(Labelled(line, screening, 1000 * (time.perf_counter() - began)))
        if not alone:
            earlier.append(EarlierMessage(line["text"], context.author_handle, group=context.group))
    return found


def of_clause(clause: Clause, found: Sequence[Labelled], *, misses: bool) -> dict[str, Any]:
    """Precision and recall of one clause on its own file, and how many of the tricky lines it let pass."""
    outcomes = [(each, clause in each.line["clauses"], _has(each.screening, clause)) for each in found]
    right = sum(truth and seen for _, truth, seen in outcomes)
    tricky = [seen for each, truth, seen in outcomes if each.line.get("tricky") and not truth]
    graded = [
        _severity(each.screening, clause) == each.line["severity"]
        for each, truth, seen in outcomes
        if truth and seen and "severity" in each.line
    ]
    figures = {
        "messages": len(found),
        "precision": asdict(Share(right, sum(seen for _, _, seen in outcomes))),
        "recall": asdict(Share(right, sum(truth for _, truth, _ in outcomes))),
        "tricky_let_pass": asdict(Share(tricky.count(False), len(tricky))),
        "severity_right": asdict(Share(sum(graded), len(graded))),
    }
    if misses:
        figures["missed"] = [each.line["id"] for each, truth, seen in outcomes if truth and not seen]
        figures["false"] = [each.line["id"] for each, truth, seen in outcomes if seen and not truth]
    return figures


def of_personal_data(found: Sequence[Labelled], *, misses: bool) -> dict[str, Any]:
    """Precision and recall of pieces: one is found when a piece of the same kind overlaps it."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    at_fault: dict[str, list[Any]] = {"missed": [], "false": []}
    for each in found:
        truth = [tuple(piece) for piece in each.line["personal_data"]]
        seen = [(piece.start, piece.end, piece.kind) for piece in each.screening.personal_data]
        for piece in truth:
            hit = any(_same(piece, other) for other in seen)
            (right if hit else missed)[piece[2]] += 1
            if not hit:
                at_fault["missed"].append(each.line["id"])
        for other in seen:
            if not any(_same(piece, other) for piece in truth):
                wrong[other[2]] += 1
                at_fault["false"].append(each.line["id"])
    by_kind = {
        kind: _precision_and_recall(right[kind], wrong[kind], missed[kind]) for kind in get_args(PersonalKind)
    }
    figures = {
        "messages": len(found),
        **_precision_and_recall(right.total(), wrong.total(), missed.total()),
        "kinds": by_kind,
    }
    return {**figures, **at_fault} if misses else figures


def of_danger(found: Sequence[Labelled], *, misses: bool) -> dict[str, Any]:
    """How much danger is seen at all and under its right name, and how many false alarms there are."""
    dangerous = [each for each in found if each.line["danger"]]
    safe = [each for each in found if not each.line["danger"]]
    figures: dict[str, Any] = {
        "messages": len(found),
        "recall": asdict(Share(sum(each.screening.danger is not None for each in dangerous), len(dangerous))),
        "right_name": asdict(
            Share(sum(each.screening.danger == each.line["danger"] for each in dangerous), len(dangerous))
        ),
        "false_alarms": asdict(Share(sum(each.screening.danger is not None for each in safe), len(safe))),
        "dangers": {
            name: asdict(
                Share(
                    sum(
                        each.screening.danger is not None for each in dangerous if each.line["danger"] == name
                    ),
                    sum(each.line["danger"] == name for each in dangerous),
                )
            )
            for name in get_args(Danger)
        },
    }
    if misses:
        figures["missed"] = [each.line["id"] for each in dangerous if each.screening.danger is None]
        figures["false"] = [each.line["id"] for each in safe if each.screening.danger is not None]
    return figures


def of_texts(found: Sequence[Labelled]) -> dict[str, Any]:
    """How many of a file's texts are noted, flagged or hidden, by clause; and in danger."""
    noted: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    for each in found:
        noted.update({finding.clause for finding in each.screening.findings})
        flagged.update({finding.clause for finding in each.screening.findings if finding.severity != "note"})
    any_flagged = sum(any(f.severity != "note" for f in each.screening.findings) for each in found)
    any_but_personal = sum(
        any(f.severity != "note" and f.clause != "personal_information" for f in each.screening.findings)
        for each in found
    )
    return {
        "texts": len(found),
        "flagged": asdict(Share(any_flagged, len(found))),
        "flagged_but_for_personal_information": asdict(Share(any_but_personal, len(found))),
        "noted_or_more": asdict(Share(sum(bool(each.screening.findings) for each in found), len(found))),
        "danger": asdict(Share(sum(each.screening.danger is not None for each in found), len(found))),
        "clauses_flagged": dict(sorted(flagged.items())),
        "clauses_noted_or_more": dict(sorted(noted.items())),
        "milliseconds": _times([each.milliseconds for each in found]),
    }


def of_hate(screener: Screener, path: Path) -> dict[str, Any]:
    """Cases of hate and of what only looks like it, by what each tests.

    The file is a CSV with `test_case`, `label_gold` (hateful or non-hateful) and `functionality`, as HateCheck's.
    """
    by_kind: dict[str, list[bool]] = defaultdict(list)
    totals: Counter[tuple[bool, bool]] = Counter()
    for text, hateful, kind in _cases(path):
        seen = any(finding.check in HATEFUL_CHECKS for finding in screener.screen(text).findings)
        by_kind[kind].append(seen == hateful)
        totals[hateful, seen] += 1
    return {
        **_precision_and_recall(totals[True, True], totals[False, True], totals[True, False]),
        "specificity": asdict(Share(totals[False, False], totals[False, False] + totals[False, True])),
        "functionalities": {
            kind: asdict(Share(sum(each), len(each))) for kind, each in sorted(by_kind.items())
        },
    }


def _cases(path: Path) -> Iterator[tuple[str, bool, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise BadMessages(f"{path} cannot be read: {error}") from error
    for number, row in enumerate(rows, 2):
        if not row.get("test_case") or row.get("label_gold") not in ("hateful", "non-hateful"):
            raise BadMessages(f"{path}:{number}: must have test_case and label_gold (hateful or non-hateful)")
        yield row["test_case"], row["label_gold"] == "hateful", row.get("functionality") or "all"


def _has(screening: Screening, clause: Clause) -> bool:
    return any(finding.clause == clause for finding in screening.findings)


def _severity(screening: Screening, clause: Clause) -> str:
    return next(finding.severity for finding in screening.findings if finding.clause == clause)


def _same(piece: Sequence[Any], other: Sequence[Any]) -> bool:
    return bool(piece[2] == other[2] and piece[0] < other[1] and other[0] < piece[1])


def _precision_and_recall(right: int, wrong: int, missed: int) -> dict[str, Any]:
    return {"precision": asdict(Share(right, right + wrong)), "recall": asdict(Share(right, right + missed))}


def _times(taken: Sequence[float]) -> dict[str, float]:
    if len(taken) < 2:
        return {}
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2), "max": round(max(taken), 2)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signpost bench policy", description="Measure the policy's checks; JSON on standard output."
    )
    parser.add_argument(
        "--holdout", type=Path, help="folder of labelled files (default: data/holdout/policy)"
    )
    parser.add_argument(
        "--texts", type=Path, action="append", default=[], help="lines of {id, text} that break nothing"
    )
    parser.add_argument(
        "--hate", type=Path, action="append", default=[], help="a CSV of test_case, label_gold, functionality"
    )
    parser.add_argument(
        "--into", type=Path, help="a page, such as docs/policy.md, whose tables are made anew"
    )
    parser.add_argument(
        "--misses", action="store_true", help="name the lines that were missed or falsely found"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path(), help="what relative paths start from (default: this folder)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
