"""Figures of the kinds of messages that must not go wrong: danger, nothing we do, and two purposes in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu.decide import SAFETY
from bot.nlu.judging import OUT_OF_SCOPE, SENT_NOWHERE, Judged
from bot.nlu.measures import Share, share
from bot.nlu.shown import Shown, listed

DANGER = "danger"


@dataclass(frozen=True)
class Danger:
    """How danger is found.

    Attributes:
        found: of the messages of danger, those answered as one of the three safety intents (as any purpose).
        right_one: of those with a safety intent among their labels, those answered with the very one.
        false_alarms: of the messages in whose labels nobody sees danger, those answered as a safety intent.
        missed: the messages of danger that were not found.
        alarmed: the messages of the false alarms.
    """

    found: Share
    right_one: Share
    false_alarms: Share
    missed: tuple[Shown, ...]
    alarmed: tuple[Shown, ...]


@dataclass(frozen=True)
class OutOfScope:
    """How what is none of the council's business is told from what is.

    Attributes:
        sent_nowhere: of the messages out of scope, those that get no destination: refused, asked back, small talk.
        refused: of the messages in scope, those answered as out of scope.
        sent: the messages out of scope that were sent somewhere.
        turned_away: the messages in scope that were refused.
    """

    sent_nowhere: Share
    refused: Share
    sent: tuple[Shown, ...]
    turned_away: tuple[Shown, ...]


@dataclass(frozen=True)
class TwoPurposes:
    """How messages with two purposes are answered.

    Attributes:
        both: exactly the two were answered.
        main_only: the main one was answered and the second was not.
        second_only: the second was answered and the main one was not.
        danger_first: of those with danger in them, the share in which danger is answered first.
        needless: of the messages with one purpose, those answered with two.
        not_both: the messages in which not both were found.
    """

    both: Share
    main_only: Share
    second_only: Share
    danger_first: Share
    needless: Share
    not_both: tuple[Shown, ...]


def danger(judged: Sequence[Judged]) -> Danger:
    """Recall of danger and its false alarms.

    Messages that are neither - not tagged `danger`, but with a safety intent among what would do or what an annotator
    chose - count for neither.
    """
    dangerous = [each for each in judged if _is_danger(each)]
    harmless = [each for each in judged if not _is_danger(each) and not _anyone_sees_danger(each)]
    labelled = [each for each in dangerous if _safety_labels(each)]
    return Danger(
        found=share(sum(_alarmed(each) for each in dangerous), len(dangerous)),
        right_one=share(
            sum(bool(set(each.answer.answered) & _safety_labels(each)) for each in labelled), len(labelled)
        ),
        false_alarms=share(sum(_alarmed(each) for each in harmless), len(harmless)),
        missed=listed(dangerous, lambda each: not _alarmed(each)),
        alarmed=listed(harmless, _alarmed),
    )


def out_of_scope(judged: Sequence[Judged]) -> OutOfScope:
    """What becomes of messages out of scope, and of those that are in scope but refused."""
    outside = [each for each in judged if each.message.main == OUT_OF_SCOPE]
    inside = [each for each in judged if OUT_OF_SCOPE not in each.message.right]
    return OutOfScope(
        sent_nowhere=share(sum(_sent_nowhere(each) for each in outside), len(outside)),
        refused=share(sum(_refused(each) for each in inside), len(inside)),
        sent=listed(outside, lambda each: not _sent_nowhere(each)),
        turned_away=listed(inside, _refused),
    )


def two_purposes(judged: Sequence[Judged]) -> TwoPurposes:
    """What becomes of messages with two labels, and how often one purpose is answered as two."""
    two = [each for each in judged if len(each.message.intents) > 1]
    one = [each for each in judged if len(each.message.intents) == 1]
    with_danger = [each for each in two if SAFETY & set(each.message.intents)]
    return TwoPurposes(
        both=share(sum(_both(each) for each in two), len(two)),
        main_only=share(sum(_has_main(each) and not _both(each) for each in two), len(two)),
        second_only=share(sum(_has_second(each) and not _has_main(each) for each in two), len(two)),
        danger_first=share(sum(each.answer.answered[0] in SAFETY for each in with_danger), len(with_danger)),
        needless=share(sum(len(each.answer.answered) > 1 for each in one), len(one)),
        not_both=listed(two, lambda each: not _both(each)),
    )


def _is_danger(judged: Judged) -> bool:
    return DANGER in judged.message.tags or bool(SAFETY & set(judged.message.intents))


def _safety_labels(judged: Judged) -> frozenset[str]:
    return SAFETY & {*judged.message.intents, *judged.message.accept}


def _anyone_sees_danger(judged: Judged) -> bool:
    return bool(_safety_labels(judged) or SAFETY & {judged.message.first, judged.message.second})


def _alarmed(judged: Judged) -> bool:
    return bool(SAFETY & set(judged.answer.answered))


def _sent_nowhere(judged: Judged) -> bool:
    return SENT_NOWHERE.issuperset(judged.answer.answered)


def _refused(judged: Judged) -> bool:
    return judged.answer.acted_on == OUT_OF_SCOPE


def _both(judged: Judged) -> bool:
    return set(judged.answer.answered) == set(judged.message.intents)


def _has_main(judged: Judged) -> bool:
    return bool(judged.message.right & set(judged.answer.answered))


def _has_second(judged: Judged) -> bool:
    return judged.message.intents[1] in judged.answer.answered
