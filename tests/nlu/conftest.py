"""Tests of what is loaded inside Rasa; they run in Rasa's own environment: `.venv-rasa/bin/python -m pytest
tests/nlu`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.nlu.process import prepare_process

prepare_process()
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of SIGNPOST_TEST_MODEL, else the newest in models/; without one the tests that need it are skipped."""
    named = os.environ.get("SIGNPOST_TEST_MODEL")
    found = (
        [Path(named)]
        if named
        else sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    )
    if not found:
        pytest.skip("no model is trained")
    return found[-1].resolve()
