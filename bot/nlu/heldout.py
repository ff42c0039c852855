"""What the thresholds do on held-out examples: how often the bot would act, and how often rightly."""

from __future__ import annotations

from typing import Any

import numpy as np

from bot.nlu.decide import FALLBACK, POLICY, SAFETY, Thresholds, decide
from bot.nlu.ensemble import OutOfFold


def held_out_report(held_out: OutOfFold, thresholds: Thresholds) -> dict[str, Any]:
    """Shares (0…1) for a training report.

    `acted_on`: messages that are not asked back; `right_when_acted_on`; `asked_which`: messages of which the
    bot asks which of two or three purposes is meant; `right_when_asked`: of these, how many mean one of them;
    `offered_beside`: messages that are answered with one or two other purposes beside; `right_when_beside`: of
    those of these that are answered wrongly, how many mean one of the others;
    `safety_found`: safety messages answered as one of the three; `false_alarms` of safety and `false_silence`
    of policy: shares of all messages of other kinds; `by_clear_threshold`: [threshold, acted on, right when
    acted on]; `weakest`: the ten intents that are recognised least.
    """
    decisions = [decide(_ranking(held_out, row), thresholds) for row in range(len(held_out.labels))]
    chosen = [decision.intent for decision in decisions]
    truth = [held_out.intents[number] for number in held_out.labels]
    offered = [
        other in decision.choices
        for decision, other in zip(decisions, truth, strict=True)
        if decision.choices
    ]
    beside = [
        (decision.intent == other, other in decision.beside)
        for decision, other in zip(decisions, truth, strict=True)
        if decision.beside
    ]
    acted = [(one, other) for one, other in zip(chosen, truth, strict=True) if one != FALLBACK]
    safety = [one for one, other in zip(chosen, truth, strict=True) if other in SAFETY]
    not_safety = [one for one, other in zip(chosen, truth, strict=True) if other not in SAFETY]
    not_policy = [one for one, other in zip(chosen, truth, strict=True) if other not in POLICY]
    top = held_out.probabilities.argmax(axis=1)
    confidence = held_out.probabilities.max(axis=1)
    right = top == held_out.labels
    curve = []
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8):
        sure = confidence >= threshold
        curve.append([threshold, _share(sure), _share(right[sure])])
    recall = {
        intent: _share(right[held_out.labels == number]) for number, intent in enumerate(held_out.intents)
    }
    return {
        "acted_on": round(len(acted) / max(len(truth), 1), 4),
        "right_when_acted_on": _share(np.asarray([one == other for one, other in acted])),
        "asked_which": round(len(offered) / max(len(truth), 1), 4),
        "right_when_asked": _share(np.asarray(offered)),
        "offered_beside": round(len(beside) / max(len(truth), 1), 4),
        "right_when_beside": _share(np.asarray([there for right, there in beside if not right])),
        "safety_found": _share(np.asarray([one in SAFETY for one in safety])),
        "false_alarms": _share(np.asarray([one in SAFETY for one in not_safety])),
        "false_silence": _share(np.asarray([one in POLICY for one in not_policy])),
        "by_clear_threshold": curve,
        "weakest": sorted(recall.items(), key=lambda item: (item[1], item[0]))[:10],
    }


def _ranking(held_out: OutOfFold, row: int) -> list[tuple[str, float]]:
    probabilities = held_out.probabilities[row]
    order = np.argsort(-probabilities, kind="stable")
    return [(held_out.intents[number], float(probabilities[number])) for number in order]


def _share(hits: np.ndarray[Any, Any]) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0
