"""Composing what may be said here: public or private, in how many characters, with which buttons."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.brain import BrainAnswer, BrainReply
from bot.channels.base import Channel, SendKind, Visibility

PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class Planned:
    """One text to send, and how."""

    kind: SendKind
    text: str
    quick_replies: list[dict[str, str]] = field(default_factory=list)


def compose(answer: BrainAnswer, visibility: Visibility, channel: Channel) -> list[Planned]:
    """The texts to send for an answer: at most one of each kind, each within the platform's length.

    What is for the person alone goes out as a private reply where the platform has one, and not at all elsewhere: the
    public text then says how to write in private.
    """
    if visibility is Visibility.PRIVATE:
        text = _joined(_texts(answer.replies), channel, SendKind.DIRECT)
        return [Planned(SendKind.DIRECT, text, _buttons(answer.replies))] if text else []
    planned = []
    if text := _joined(_texts(answer.replies), channel, SendKind.PUBLIC_REPLY):
        planned.append(Planned(SendKind.PUBLIC_REPLY, text))
    private = [reply for reply in answer.replies if (reply.private_text or "").strip()]
    if private and channel.supports(SendKind.PRIVATE_REPLY):
        text = _joined([reply.private_text or "" for reply in private], channel, SendKind.PRIVATE_REPLY)
        planned.append(Planned(SendKind.PRIVATE_REPLY, text, _buttons(private)))
    return planned


def _texts(replies: list[BrainReply]) -> list[str]:
    return [reply.text for reply in replies if reply.text.strip()]


def _joined(texts: list[str], channel: Channel, kind: SendKind) -> str:
    """The texts as paragraphs of one message; those at the end that would make it too long are left out.

    The main purpose comes first, so it is the second that gives way; a first text that is itself too long is cut at a
    word, because half an answer with its link first is better than none.
    """
    kept: list[str] = []
    for text in dict.fromkeys(texts):
        if kept and channel.length(PARAGRAPH.join([*kept, text]), kind) > channel.limit(kind):
            break
        kept.append(text)
    joined = PARAGRAPH.join(kept)
    while channel.length(joined, kind) > channel.limit(kind):
        shorter = joined.rsplit(maxsplit=1)[0]
        joined = shorter if shorter != joined else joined[:-1]
    return joined


def _buttons(replies: list[BrainReply]) -> list[dict[str, str]]:
    return replies[-1].quick_replies if replies else []
