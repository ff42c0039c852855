"""The page of an evaluation: one HTML file that needs nothing else, nor a script, to be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.nlu.evaluation import Evaluation
from bot.nlu.evaluation_svg import (
    COLOURS,
    NAMES,
    confusion_picture,
    outcome_bar,
    reliability_plot,
    threshold_plot,
)
from bot.nlu.families import Family
from bot.nlu.figures import ThresholdPoint
from bot.nlu.judging import Outcome
from bot.nlu.measures import Share

TEMPLATE = "evaluation.html"
_NOTHING = "–"


def evaluation_page(evaluation: Evaluation, families: Sequence[Family]) -> str:
    """The whole page. Whatever a message holds is shown as text.

    Args:
        evaluation: what to show.
        families: the order of the confusion matrix.
    """
    # Only what is Markup here goes in unescaped, and all of that is drawn by evaluation_svg.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "percent": percent,
        "whole_percent": whole_percent,
        "span": span,
        "decimal": decimal,
        "thousands": thousands,
        "points": points,
        "chance": chance,
    }
    found = evaluation.figures
    return environment.get_template(TEMPLATE).render(
        model=evaluation.model,
        holdout=evaluation.holdout,
        figures=found,
        comparison=evaluation.comparison,
        families=families,
        outcomes=_outcomes(evaluation),
        curve=_tenths(found.curve, found.clear),
        bar=Markup(outcome_bar(_shares(evaluation))),  # noqa: S704
        thresholds=Markup(threshold_plot(found.curve, found.clear)),  # noqa: S704
        reliability=Markup(reliability_plot(found.reliability)),  # noqa: S704
        matrix=Markup(confusion_picture(families, found.cells)),  # noqa: S704
    )


def percent(value: Share | float | None) -> str:
    """A share (0…1) as a percentage to one place; a dash for none."""
    number = value.share if isinstance(value, Share) else value
    return _NOTHING if number is None else f"{number:.1%}"


def whole_percent(value: float) -> str:
    """A share (0…1) as a percentage without places, where a tenth would say nothing."""
    return f"{value:.0%}"


def span(value: Share) -> str:
    """The 95 % interval of a share."""
    if value.low is None or value.high is None:
        return _NOTHING
    return f"{value.low:.1%} to {value.high:.1%}"


def decimal(value: float | None) -> str:
    """A number to two places; a dash for none."""
    return _NOTHING if value is None else f"{value:.2f}"


def thousands(value: int) -> str:
    """A count with commas."""
    return f"{value:,}"


def points(value: float) -> str:
    """A difference of shares (-1…1) in percentage points, with its sign."""
    return f"{value * 100:+.1f}".replace("-", "\u2212")


def chance(value: float) -> str:
    """A probability as it is said: very small ones are not worth their digits."""
    return "less than 0.001" if value < 0.001 else f"{value:.3f}"


def _shares(evaluation: Evaluation) -> list[tuple[Outcome, float]]:
    headline = evaluation.figures.headline
    return [(outcome, getattr(headline, outcome.value).share or 0.0) for outcome in Outcome]


def _outcomes(evaluation: Evaluation) -> list[tuple[str, str, Share]]:
    headline = evaluation.figures.headline
    return [(NAMES[outcome], COLOURS[outcome], getattr(headline, outcome.value)) for outcome in Outcome]


def _tenths(curve: Sequence[ThresholdPoint], clear: float) -> list[ThresholdPoint]:
    """The points of the table: every tenth, and the present one."""
    return [point for point in curve if point.clear == clear or abs(point.clear * 10 % 1) < 1e-6]
