"""How a turn can end. Reports count these, so each has exactly one meaning."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """One value for every message received."""

    SIGNPOSTED = "signposted"
    TRACKED = "tracked"
    ASKED_FOR_CODE = "asked_for_code"
    CLARIFIED = "clarified"
    ADVISED_SAFETY = "advised_safety"
    HANDED_OVER = "handed_over"
    SMALL_TALK = "small_talk"
    DESCRIBED_ITSELF = "described_itself"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    RECORDED_FEEDBACK = "recorded_feedback"
    OUT_OF_SCOPE = "out_of_scope"

    HANDED_OVER_UNREADABLE = "handed_over_unreadable"
    """The platform gave no text (an encrypted chat): a person must look there."""
    HANDED_OVER_CANNOT_ANSWER = "handed_over_cannot_answer"
    """The platform's rules, or the person's wish, keep the bot from answering; a person may."""
    FAILED_HANDED_OVER = "failed_handed_over"
    """Understanding failed for good: a person has it."""

    WITHHELD_POLICY = "withheld_policy"
    WITHHELD_OPTED_OUT = "withheld_opted_out"
    WITHHELD_STAFF_OWN = "withheld_staff_own"
    WITHHELD_ALREADY_ANSWERED = "withheld_already_answered"
    WITHHELD_NOT_SUMMONED = "withheld_not_summoned"
    WITHHELD_AUTOMATED_AUTHOR = "withheld_automated_author"
    WITHHELD_STANDBY = "withheld_standby"
    WITHHELD_DELETED = "withheld_deleted"
    WITHHELD_NOTHING_TO_ANSWER = "withheld_nothing_to_answer"
