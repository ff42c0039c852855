"""What is on the Facebook Page: messages in private threads, posts and comments in public."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.conversation import QuickReply
from sandbox.identifiers import Identifiers, message_id

STANDARD_WINDOW = timedelta(hours=24)
HUMAN_AGENT_WINDOW = timedelta(days=7)
PRIVATE_REPLY_WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class Message:
    """A message between a person and the Page."""

    mid: str
    psid: str
    from_page: bool
    text: str
    at: datetime
    kind: str = "message"
    """message, private_reply or colleague."""
    metadata: str | None = None
    quick_replies: tuple[QuickReply, ...] = ()
    attachments: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True)
class Comment:
    """A comment on a post, or a visitor's post (which has no parent)."""

    id: str
    author_id: str
    author_name: str
    text: str
    post_id: str
    parent_id: str | None
    at: datetime
    elsewhere: bool = False
    """On somebody else's post, where the Page was only mentioned."""
    colleague: bool = False
    hidden: bool = False
    deleted: bool = False


class Page:
    """All messages and comments, by id and in order."""

    def __init__(self, config: SandboxConfig, clock: Clock, ids: Identifiers) -> None:
        self._config = config
        self._clock = clock
        self._ids = ids
        self.messages: dict[str, Message] = {}
        self.comments: dict[str, Comment] = {}
        self._threads: dict[str, list[str]] = {}
        self._post_comments: dict[str, list[str]] = {}
        self._posts_of: dict[str, set[str]] = {}
        self._privately_answered: set[str] = set()
        self.standing_post = f"{self.id}_{ids.number()}"
        """A post of the Page's own, for residents to comment on."""

    @property
    def id(self) -> str:
        """The Page's id."""
        return self._config.meta_page_id

    def post_message(
        self,
        psid: str,
        text: str,
        *,
        from_page: bool,
        kind: str = "message",
        metadata: str | None = None,
        quick_replies: tuple[QuickReply, ...] = (),
        attachments: tuple[str, ...] = (),
    ) -> Message:
        """Put a message into the person's thread."""
        now = self._clock.now()
        message = Message(
            message_id(), psid, from_page, text, now, kind, metadata, quick_replies, attachments
        )
        self.messages[message.mid] = message
        self._threads.setdefault(psid, []).append(message.mid)
        return message

    def thread(self, psid: str) -> list[Message]:
        """The person's messages with the Page, oldest first."""
        return [self.messages[each] for each in self._threads.get(psid, [])]

    def within(self, psid: str, window: timedelta) -> bool:
        """Whether the person's last message is no older than the window."""
        for mid in reversed(self._threads.get(psid, [])):
            if not self.messages[mid].from_page:
                return self._clock.now() - self.messages[mid].at <= window
        return False

    def comment(
        self,
        author_id: str,
        author_name: str,
        text: str,
        *,
        under: Comment | None = None,
        post_id: str | None = None,
        visitor_post: bool = False,
        elsewhere: bool = False,
        colleague: bool = False,
    ) -> Comment:
        """Put a comment up: under another, on a post (by default the Page's own), or as a visitor's post."""
        if visitor_post:
            identifier = post = f"{self.id}_{self._ids.number()}"
            parent = None
        else:
            post = under.post_id if under else post_id or self._default_post(elsewhere)
            identifier = f"{post.rpartition('_')[2]}_{self._ids.number()}"
            parent = _top_of(under, post)
        comment = Comment(
            identifier, author_id, author_name, text, post, parent, self._clock.now(), elsewhere, colleague
        )
        self.comments[identifier] = comment
        self._post_comments.setdefault(post, []).append(identifier)
        self._posts_of.setdefault(author_id, set()).add(post)
        return comment

    def _default_post(self, elsewhere: bool) -> str:
        return f"669976192871967_{self._ids.number()}" if elsewhere else self.standing_post

    def on_post(self, post_id: str) -> list[Comment]:
        """The comments on a post, oldest first, with the post itself if a visitor wrote it."""
        return [self.comments[each] for each in self._post_comments.get(post_id, [])]

    def posts_of(self, author_id: str) -> set[str]:
        """The posts on which the author has ever commented."""
        return self._posts_of.get(author_id, set())

    def is_post(self, object_id: str) -> bool:
        """Whether there is such a post on the Page."""
        return object_id == self.standing_post or object_id in self._post_comments

    def find(self, comment_id: str) -> Comment | None:
        """The comment, unless it is unknown or removed."""
        comment = self.comments.get(comment_id)
        return None if comment is None or comment.deleted else comment

    def answers_to(self, object_id: str) -> list[Comment]:
        """The comments right under a comment or post that are still up, oldest first."""
        post_id = self.comments[object_id].post_id if object_id in self.comments else object_id
        return [each for each in self.on_post(post_id) if each.parent_id == object_id and not each.deleted]

    def change(self, comment: Comment) -> Comment:
        """Keep a changed comment."""
        self.comments[comment.id] = comment
        return comment

    def unsend(self, mid: str) -> Message:
        """Take a message back. It must exist."""
        self.messages[mid] = replace(self.messages[mid], deleted=True)
        return self.messages[mid]

    def rewrite(self, mid: str, text: str) -> Message:
        """Change the text of a message. It must exist."""
        self.messages[mid] = replace(self.messages[mid], text=text)
        return self.messages[mid]

    def may_answer_privately(self, comment: Comment) -> bool:
        """Whether the comment has had no private reply yet."""
        return comment.id not in self._privately_answered

    def young_enough_for_private_reply(self, comment: Comment) -> bool:
        """Whether the comment is no more than seven days old."""
        return self._clock.now() - comment.at <= PRIVATE_REPLY_WINDOW

    def answered_privately(self, comment: Comment) -> None:
        """Use up the comment's one private reply."""
        self._privately_answered.add(comment.id)


def _top_of(under: Comment | None, post: str) -> str:
    """What an answer hangs under. Threads are two deep: an answer to an answer joins the first one."""
    if under is None:
        return post
    if under.parent_id is None:
        return under.id
    return under.id if under.parent_id == under.post_id else under.parent_id
