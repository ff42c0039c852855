"""Why a run can't begin."""

from __future__ import annotations


class RunError(Exception):
    """Something that must be put right before anything is started; the text is one sentence for whoever typed `run`."""
