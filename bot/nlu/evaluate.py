"""Evaluates a model on the holdout: `python -m bot.nlu.evaluate --model models/x.tar.gz [--against OTHER]`.

Writes `<model>.evaluation.json` and `<model>.evaluation.html`; the summary, or with `--json` the figures, goes to
stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.nlu.comparison import Comparison, compare
from bot.nlu.evaluation import (
    Earlier,
    Evaluation,
    EvaluationUnusable,
    HoldoutFacts,
    ModelFacts,
    read_earlier,
)
from bot.nlu.evaluation_page import chance, decimal, evaluation_page, percent, points, span
from bot.nlu.families import DomainUnreadable, Family, read_families
from bot.nlu.figures import Headline, figures
from bot.nlu.holdout import HoldoutWrong, Labelled, messages_file, read_holdout
from bot.nlu.judging import Answer, Judged
from bot.nlu.process import prepare_process
from bot.nlu.train import TrainingFailed, classifier_report
from bot.nlu.whole_file import write_whole

if TYPE_CHECKING:
    from rasa.core.processor import MessageProcessor

    from bot.nlu.classifier import SignpostClassifier
    from bot.nlu.decide import Thresholds

DOMAIN = Path("domain.yml")
PROGRESS_EVERY = 200
DONE, MODEL_UNUSABLE, INPUT_WRONG = 0, 1, 2


class ModelUnusable(RuntimeError):
    """The model cannot be evaluated, in one sentence."""


def main(arguments: list[str] | None = None) -> int:
    """0 when both files are written; 1 if a model will not load; 2 if the holdout, an earlier evaluation or the
    folder is wrong.
    """
    options = _parser().parse_args(arguments)
    prepare_process()
    try:
        families = read_families(DOMAIN)
        return _evaluate(options, families)
    except (HoldoutWrong, EvaluationUnusable, DomainUnreadable) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return INPUT_WRONG
    except ModelUnusable as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return MODEL_UNUSABLE
    except OSError as error:
        print(f"evaluate: {options.out} cannot be written: {error.strerror}", file=sys.stderr)
        return INPUT_WRONG


def _evaluate(options: argparse.Namespace, families: Sequence[Family]) -> int:
    place = messages_file(options.holdout)
    messages = read_holdout(place, {intent for family in families for intent in family.intents})
    holdout = HoldoutFacts(_sha256(place), len(messages))
    options.out.mkdir(parents=True, exist_ok=True)
    earlier = None
    if options.against and options.against.suffix == ".json":
        earlier = read_earlier(options.against, holdout, messages)
    judged, thresholds = judge(options.model, messages)
    found = figures(judged, thresholds)
    if options.against and earlier is None:
        earlier = _other(options.against, messages)
    evaluation = Evaluation(
        model=_facts(options.model, thresholds),
        holdout=holdout,
        figures=found,
        comparison=compare(judged, earlier.name, earlier.headline, earlier.judged) if earlier else None,
        judged=judged,
    )
    text, paths = _write(evaluation, options.out, families)
    print(text if options.json else "\n".join(summary(evaluation, paths)), end="" if options.json else "\n")
    return DONE


def judge(model: Path, messages: Sequence[Labelled]) -> tuple[tuple[Judged, ...], Thresholds]:
    """Understand every message just as live ones are, each by itself.

    Gives the answers in the order of the messages, and the thresholds that the model decides with. Raises
    `ModelUnusable`.
    """
    from bot.nlu.serve import CannotServe, load_agent

    try:
        agent = load_agent(model, endpoints=None)
    except CannotServe as error:
        raise ModelUnusable(str(error)) from error
    assert agent.processor is not None
    classifier = _classifier(agent.processor)
    classifier.rank_all()
    return asyncio.run(_judged(agent.processor, messages, model)), classifier.thresholds


def summary(evaluation: Evaluation, paths: Sequence[Path]) -> list[str]:
    """What the command prints: the figures that matter first, and where all the others are."""
    found, headline = evaluation.figures, evaluation.figures.headline
    danger, scope, two = found.danger, found.out_of_scope, found.two_purposes
    lines = [
        f"{evaluation.model.name}, {headline.messages:,} messages",
        _line("right at once", f"{percent(headline.right_at_once)} ({span(headline.right_at_once)})"),
        _line("… or after a question", f"{percent(headline.right)} ({span(headline.right)})"),
        _line("asked, offered beside", f"{percent(headline.asked_right)}, {percent(headline.beside_right)}"),
        _line("to a person, wrong", f"{percent(headline.handed_over)}, {percent(headline.wrong)}"),
        _line(
            "likeliest 1, 2, 3",
            f"{percent(headline.likeliest)}, {percent(headline.likeliest_two)}, {percent(headline.likeliest_three)}; "
            f"macro-F1 {decimal(headline.macro_f1)}, calibration error {percent(headline.calibration_error)}",
        ),
        _line(
            "danger",
            f"{danger.found.hits} of {danger.found.of} found, {danger.right_one.hits} as the right one, "
            f"{danger.false_alarms.hits} false alarms in {danger.false_alarms.of:,}",
        ),
        _line(
            "out of scope",
            f"{percent(scope.sent_nowhere)} sent nowhere; {percent(scope.refused)} of the rest refused",
        ),
        _line(
            "two purposes",
            f"{two.both.hits} of {two.both.of} both answered, {two.main_only.hits} only the main one",
        ),
    ]
    if evaluation.comparison:
        lines.append(_against(evaluation.comparison))
    return [*lines, *map(str, paths)]


def _against(comparison: Comparison) -> str:
    each = comparison.at_once
    return _line(
        f"against {comparison.other}",
        f"{points(each.difference)} points right at once ({points(each.low)} to {points(each.high)}), "
        f"{each.won} won, {each.lost} lost, p {chance(each.p)}",
    )


def _line(label: str, text: str) -> str:
    return f"{label:<22} {text}"


async def _judged(
    processor: MessageProcessor, messages: Sequence[Labelled], model: Path
) -> tuple[Judged, ...]:
    from bot.nlu.turn import parse

    judged = []
    for number, message in enumerate(messages, start=1):
        judged.append(Judged(message, answer_of(await parse(processor, message.text))))
        if number % PROGRESS_EVERY == 0:
            print(f"{model.name}: {number} of {len(messages)}", file=sys.stderr, flush=True)
    return tuple(judged)


def answer_of(parsed: dict[str, Any]) -> Answer:
    """The answer in a parsed message (`bot.nlu.turn.parse`) whose ranking is whole."""
    return Answer(
        intent=parsed["intent"]["name"],
        confidence=float(parsed["intent"]["confidence"]),
        purposes=tuple(parsed.get("purposes") or ()),
        choices=tuple(parsed.get("choices") or ()),
        beside=tuple(parsed.get("beside") or ()),
        language=parsed.get("language") or "",
        ranking=tuple((each["name"], float(each["confidence"])) for each in parsed.get("intent_ranking", ())),
    )


def _classifier(processor: MessageProcessor) -> SignpostClassifier:
    """The intent classifier of a loaded model; Rasa has no other way to it than through the nodes of its graph."""
    from bot.nlu.classifier import SignpostClassifier

    for node in processor.graph_runner._instantiated_nodes.values():  # type: ignore[attr-defined]
        if isinstance(node._component, SignpostClassifier):
            return node._component
    raise ModelUnusable("the model holds no SignpostClassifier; train it again")


def _other(model: Path, messages: Sequence[Labelled]) -> Earlier:
    try:
        judged, thresholds = judge(model, messages)
    except ModelUnusable as error:
        raise ModelUnusable(
            f"{error} (its evaluation, {_name(model)}.evaluation.json, can be compared with instead, if there is one)"
        ) from error
    headline: Headline = figures(judged, thresholds).headline
    return Earlier(_name(model), headline, judged)


def _facts(model: Path, thresholds: Thresholds) -> ModelFacts:
    sha256 = _sha256(model)
    beside = model.with_name(f"{_name(model)}.json")
    trained_at = ""
    if beside.is_file():
        try:
            content = json.loads(beside.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelUnusable(f"{beside} is not JSON: {error}") from error
        if content.get("sha256") == sha256:
            trained_at = str(content.get("trained_at", ""))
    try:
        report = classifier_report(model)
    except TrainingFailed as error:
        raise ModelUnusable(str(error)) from error
    return ModelFacts(
        _name(model), sha256, trained_at, report["examples"], report["intents"], asdict(thresholds)
    )


def _write(evaluation: Evaluation, folder: Path, families: Sequence[Family]) -> tuple[str, tuple[Path, Path]]:
    figures_path = folder / f"{evaluation.model.name}.evaluation.json"
    page_path = folder / f"{evaluation.model.name}.evaluation.html"
    text, page = evaluation.as_json(), evaluation_page(evaluation, families)
    write_whole(figures_path, text)
    write_whole(page_path, page)
    return text, (figures_path, page_path)


def _name(model: Path) -> str:
    return model.name.removesuffix(".tar.gz")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot.nlu.evaluate", description="Evaluate a model on the holdout."
    )
    parser.add_argument("--model", type=Path, required=True, help="a model file, models/….tar.gz")
    parser.add_argument("--against", type=Path, help="another model's file, or its ….evaluation.json")
    parser.add_argument(
        "--holdout", type=Path, default=Path("data/holdout"), help="folder of messages.jsonl, or such a file"
    )
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder of what is written")
    parser.add_argument("--json", action="store_true", help="the figures on stdout instead of the summary")
    return parser


if __name__ == "__main__":
    sys.exit(main())
