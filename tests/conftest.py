"""One running Signpost in office hours and one at night, for all journeys and pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.running import Running, running


@pytest.fixture(scope="session")
def by_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Tuesday, eleven in the morning."""
    with running(tmp_path_factory.mktemp("by-day"), SIGNPOST_NOW="2026-11-24T11:00:00+00:00") as started:
        yield started


@pytest.fixture(scope="session")
def by_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Three in the morning on Christmas Day, a Friday: the council is closed until Monday 4 January."""
    with running(tmp_path_factory.mktemp("by-night"), SIGNPOST_NOW="2026-12-25T03:00:00+00:00") as started:
        yield started
