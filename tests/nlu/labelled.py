"""Messages with labels and answers to them, as tests of the figures need them."""

from __future__ import annotations

from bot.nlu.decide import FALLBACK
from bot.nlu.holdout import Labelled
from bot.nlu.judging import Answer, Judged


def judged(
    meant: str,
    got: str,
    confidence: float = 0.8,
    *,
    id: str = "",  # noqa: A002 - as the holdout calls it
    text: str = "words",
    accept: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    second: str = "",
    purposes: tuple[str, ...] | None = None,
    choices: tuple[str, ...] = (),
    beside: tuple[str, ...] = (),
    language: str = "",
    ranking: tuple[tuple[str, float], ...] | None = None,
    annotators: tuple[str, str] = ("", ""),
) -> Judged:
    """A message that means `meant` (and `second`) and was taken for `got`, with all the rest left to chance."""
    message = Labelled(
        id=id or f"{meant}-{got}-{confidence}",
        text=text,
        intents=(meant, second) if second else (meant,),
        accept=accept,
        tags=tags,
        first=annotators[0],
        second=annotators[1],
    )
    if ranking is None:
        ranking = (
            ((got, confidence),) if got != FALLBACK else ((meant, confidence), ("other", confidence / 2))
        )
    answered = (got,) if got != FALLBACK else ()
    return Judged(
        message,
        Answer(
            got, confidence, answered if purposes is None else purposes, choices, language, ranking, beside
        ),
    )
