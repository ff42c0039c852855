"""The pictures of the evaluation page, as SVG text: no library, no script, every mark with a title in words.

Sizes are in the picture's own units; the page scales it to the width there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot.nlu.families import Family
from bot.nlu.figures import ThresholdPoint
from bot.nlu.intent_figures import Cell
from bot.nlu.judging import Outcome
from bot.nlu.measures import Bin

COLOURS = {
    Outcome.RIGHT_AT_ONCE: "#00558a",
    Outcome.ASKED_RIGHT: "#6fb1dc",
    Outcome.BESIDE_RIGHT: "#bcdcf0",
    Outcome.HANDED_OVER: "#c3c9ce",
    Outcome.WRONG: "#d4351c",
}
"""Told apart with any colour vision, and in grey: from dark to light, what is right; grey; middle at the end."""
NAMES = {
    Outcome.RIGHT_AT_ONCE: "right at once",
    Outcome.ASKED_RIGHT: "asked, then right",
    Outcome.BESIDE_RIGHT: "wrong, but the right one was offered beside",
    Outcome.HANDED_OVER: "handed to a person",
    Outcome.WRONG: "wrong",
}

_INK, _SOFT, _LINE = "#0b0c0c", "#505a5f", "#d9dde0"
_PLOT_WIDTH, _PLOT_HEIGHT = 440.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 50.0, 14.0, 26.0, 48.0
_CELL = 9.0
_NAMES_WIDTH = 150.0
_FAMILY_WIDTH = 22.0
_MANY = 5
"""From this count on a cell of the confusion matrix has its full colour."""


class _Plot:
    """A frame with axes: what is drawn into it is given in the values of the axes."""

    def __init__(self, across: tuple[float, float], label_across: str, label_up: str) -> None:
        self._from, self._to = across
        self._parts: list[str] = []
        self._label_across, self._label_up = label_across, label_up

    def x(self, value: float) -> float:
        share = (value - self._from) / (self._to - self._from)
        return _LEFT + share * (_PLOT_WIDTH - _LEFT - _RIGHT)

    def y(self, share: float) -> float:
        return _PLOT_HEIGHT - _BOTTOM - share * (_PLOT_HEIGHT - _TOP - _BOTTOM)

    def add(self, part: str) -> None:
        self._parts.append(part)

    def axes(self, marks_across: Sequence[float], percent_across: bool) -> None:
        left, right = self.x(self._from), self.x(self._to)
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            height = self.y(share)
            self.add(_line(left, height, right, height, _LINE))
            self.add(_text(left - 6, height + 4, f"{share:.0%}", anchor="end"))
        for value in marks_across:
            shown = f"{value:.0%}" if percent_across else f"{value:g}"
            self.add(_line(self.x(value), self.y(0), self.x(value), self.y(0) + 5, _INK))
            self.add(_text(self.x(value), self.y(0) + 19, shown, anchor="middle"))
        self.add(_line(left, self.y(0), right, self.y(0), _INK))
        self.add(
            _text((left + right) / 2, _PLOT_HEIGHT - 8, self._label_across, anchor="middle", colour=_SOFT)
        )
        self.add(_text(4, 14, self._label_up, colour=_SOFT))

    def svg(self, title: str) -> str:
        return _picture(_PLOT_WIDTH, _PLOT_HEIGHT, title, "".join(self._parts), "plot")


def outcome_bar(shares: Sequence[tuple[Outcome, float]]) -> str:
    """One bar of the whole, divided by outcome (0…1)."""
    parts, at, width, height = [], 0.0, 1000.0, 60.0
    for outcome, size in shares:
        if size > 0:
            box = f'x="{at * width:.1f}" y="0" width="{size * width:.1f}" height="{height:.0f}"'
            parts.append(_rectangle(box, COLOURS[outcome], f"{NAMES[outcome]}: {size:.1%}"))
        at += size
    told = ", ".join(f"{NAMES[outcome]} {size:.1%}" for outcome, size in shares)
    return _picture(width, height, f"Outcomes: {told}", "".join(parts), "bar")


def threshold_plot(points: Sequence[ThresholdPoint], clear: float) -> str:
    """The five outcomes piled up over the settings of `clear`, with the present one marked."""
    plot = _Plot((points[0].clear, points[-1].clear), "confidence needed to act (clear)", "share of messages")
    below = [0.0] * len(points)
    for outcome in Outcome:
        above = [low + getattr(point, outcome.value) for low, point in zip(below, points, strict=True)]
        there = [
            f"{plot.x(point.clear):.1f},{plot.y(top):.1f}" for point, top in zip(points, above, strict=True)
        ]
        back = [
            f"{plot.x(point.clear):.1f},{plot.y(low):.1f}" for point, low in zip(points, below, strict=True)
        ]
        area = " ".join([*there, *reversed(back)])
        plot.add(f'<polygon points="{area}" fill="{COLOURS[outcome]}"/>')
        below = above
    plot.axes([tenth / 10 for tenth in range(1, 10)], percent_across=False)
    for point in points:
        told = ", ".join(f"{NAMES[outcome]} {getattr(point, outcome.value):.1%}" for outcome in Outcome)
        box = f'x="{plot.x(point.clear) - 4:.1f}" y="{plot.y(1):.1f}" width="8" height="{plot.y(0) - plot.y(1):.1f}"'
        plot.add(f'<rect {box} fill="#fff" fill-opacity="0"><title>at {point.clear:g}: {told}</title></rect>')
    here = plot.x(clear)
    plot.add(f'<path d="M{here:.1f} {plot.y(1):.1f}V{plot.y(0):.1f}" stroke="#fff" stroke-width="4"/>')
    plot.add(f'<path d="M{here:.1f} {plot.y(1):.1f}V{plot.y(0):.1f}" stroke="{_INK}" stroke-width="2"/>')
    plot.add(_text(here, plot.y(1) - 6, f"now {clear:g}", anchor="middle", weight="bold"))
    return plot.svg(f"What would come of the messages at other settings of clear; now it is {clear:g}")


def reliability_plot(bins: Sequence[Bin]) -> str:
    """How often the likeliest intent is right, over how sure the model is; on the diagonal it is as right as sure."""
    plot = _Plot((0.0, 1.0), "how sure the model is", "how often it is right")
    plot.axes([0.0, 0.25, 0.5, 0.75, 1.0], percent_across=True)
    plot.add(
        f'<path d="M{plot.x(0):.1f} {plot.y(0):.1f}L{plot.x(1):.1f} {plot.y(1):.1f}" stroke="{_SOFT}" '
        'stroke-dasharray="5 4" fill="none"/>'
    )
    line = " ".join(f"{plot.x(each.confidence):.1f},{plot.y(each.right):.1f}" for each in bins)
    plot.add(
        f'<polyline points="{line}" fill="none" stroke="{COLOURS[Outcome.RIGHT_AT_ONCE]}" stroke-width="2"/>'
    )
    for each in bins:
        told = f"{each.count} messages: {each.confidence:.0%} sure, {each.right:.0%} right"
        plot.add(
            f'<circle cx="{plot.x(each.confidence):.1f}" cy="{plot.y(each.right):.1f}" r="5" '
            f'fill="{COLOURS[Outcome.RIGHT_AT_ONCE]}" stroke="#fff"><title>{told}</title></circle>'
        )
    return plot.svg("How often the likeliest intent is right, over how sure the model is")


def confusion_picture(families: Sequence[Family], cells: Sequence[Cell]) -> str:
    """What each intent's messages were taken for: rows and columns in the families' order, the diagonal is right."""
    intents = [intent for family in families for intent in family.intents]
    place = {intent: number for number, intent in enumerate(intents)}
    left, top = _FAMILY_WIDTH + _NAMES_WIDTH, _FAMILY_WIDTH + 4
    side = len(intents) * _CELL
    parts = [_family_bands(families, left, top, side)]
    for intent, number in place.items():
        middle = top + number * _CELL + _CELL / 2
        parts.append(_text(left - 5, middle + 2.7, intent, anchor="end", size=8))
    for cell in cells:
        if cell.meant in place and cell.taken_for in place:
            right = cell.meant == cell.taken_for
            x, y = left + place[cell.taken_for] * _CELL, top + place[cell.meant] * _CELL
            told = f"{cell.meant} taken for {cell.taken_for}: {cell.count}"
            told = f"{cell.meant} right: {cell.count}" if right else told
            colour = COLOURS[Outcome.RIGHT_AT_ONCE if right else Outcome.WRONG]
            strength = 0.35 + 0.65 * min(cell.count, _MANY) / _MANY
            box = f'x="{x:.1f}" y="{y:.1f}" width="{_CELL:.0f}" height="{_CELL:.0f}" fill-opacity="{strength:.2f}"'
            parts.append(_rectangle(box, colour, told))
    title = "Confusion matrix: what was meant by row, what it was taken for by column"
    return _picture(left + side + 2, top + side + 2, title, "".join(parts), "matrix")


def _family_bands(families: Sequence[Family], left: float, top: float, side: float) -> str:
    """Numbers of the families at both edges and a square where each meets itself."""
    parts, start = [], 0.0
    for number, family in enumerate(families, start=1):
        size = len(family.intents) * _CELL
        name = escape(family.name)
        square = f'x="{left + start:.1f}" y="{top + start:.1f}" width="{size:.1f}" height="{size:.1f}"'
        parts.append(f'<rect {square} fill="#eaf1f6"><title>{number} {name}</title></rect>')
        for x, y in ((left + start + size / 2, top - 9), (_FAMILY_WIDTH / 2 - 2, top + start + size / 2 + 4)):
            parts.append(_text(x, y, str(number), anchor="middle", weight="bold", size=12))
        if start:
            parts.append(_line(0, top + start, left + side, top + start, _LINE))
            parts.append(_line(left + start, 0, left + start, top + side, _LINE))
        start += size
    parts.append(
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{side:.1f}" height="{side:.1f}" fill="none" stroke="{_SOFT}"/>'
    )
    return "".join(parts)


def _picture(width: float, height: float, title: str, content: str, kind: str) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}" preserveAspectRatio="{"none" if kind == "bar" else "xMidYMid"}">{content}</svg>'
    )


def _rectangle(box: str, colour: str, title: str) -> str:
    return f'<rect {box} fill="{colour}"><title>{escape(title)}</title></rect>'


def _line(x: float, y: float, to_x: float, to_y: float, colour: str) -> str:
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{colour}"/>'


def _text(
    x: float,
    y: float,
    content: str,
    anchor: str = "start",
    colour: str = _INK,
    weight: str = "",
    size: float = 12,
) -> str:
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" fill="{colour}"{bold}>'
        f"{escape(content)}</text>"
    )
