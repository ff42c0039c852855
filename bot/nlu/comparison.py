"""One model against another on the same messages: which were won, which were lost, and whether that is chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu.figures import Headline
from bot.nlu.judging import Judged
from bot.nlu.measures import Difference, difference
from bot.nlu.shown import Shown, listed


@dataclass(frozen=True)
class Comparison:
    """A model and the other it is compared with.

    Attributes:
        other: name of the other model.
        other_headline: the other's figures of all messages.
        at_once: difference of the shares right at once.
        after_a_question: difference of the shares right at once or after one question.
        won: messages that only this model has right at once, as this model answered them; `lost` those that only the
            other has. The other's answers are in `others`, by the message's id.
    """

    other: str
    other_headline: Headline
    at_once: Difference
    after_a_question: Difference
    won: tuple[Shown, ...]
    lost: tuple[Shown, ...]
    others: dict[str, tuple[str, ...]]


def compare(judged: Sequence[Judged], name: str, headline: Headline, others: Sequence[Judged]) -> Comparison:
    """Compare a model's answers with another's.

    Args:
        judged: this model's.
        name: of the other model.
        headline: the other's.
        others: the other's answers to the same messages in the same order.

    Raises:
        ValueError: they are not the same messages.
    """
    if [each.message for each in judged] != [each.message for each in others]:
        raise ValueError("the two models answered different messages")
    theirs = {each.message.id: each for each in others}
    won = listed(judged, lambda each: each.right_at_once and not theirs[each.message.id].right_at_once)
    lost = listed(judged, lambda each: not each.right_at_once and theirs[each.message.id].right_at_once)
    return Comparison(
        other=name,
        other_headline=headline,
        at_once=difference([each.right_at_once for each in judged], [each.right_at_once for each in others]),
        after_a_question=difference([each.right for each in judged], [each.right for each in others]),
        won=won,
        lost=lost,
        others={each.id: theirs[each.id].answer.answered for each in (*won, *lost)},
    )
