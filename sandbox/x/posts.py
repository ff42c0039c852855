"""What is on X: public posts and direct messages, and who may answer whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.identifiers import Identifiers
from sandbox.x.text import Link, names, shorten


@dataclass(frozen=True)
class Post:
    """A public post. `text` is as X shows it, `written` as its author wrote it."""

    id: str
    author_id: str
    text: str
    written: str
    links: tuple[Link, ...]
    auto_mentions: int
    """Length of the mentions that X put before a reply."""
    conversation_id: str
    created_at: datetime
    in_reply_to: str | None = None
    in_reply_to_user: str | None = None
    quotes: str | None = None
    hidden: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class DirectMessage:
    """A direct message between the account and one participant."""

    id: str
    participant_id: str
    sender_id: str
    text: str
    written: str
    links: tuple[Link, ...]
    created_at: datetime
    encrypted: bool = False
    attachments: tuple[str, ...] = ()
    """Addresses of media."""


class Posts:
    """All posts and direct messages, by id and in order."""

    def __init__(self, config: SandboxConfig, clock: Clock, ids: Identifiers) -> None:
        self._config = config
        self._clock = clock
        self._ids = ids
        self.posts: dict[str, Post] = {}
        self._by_author: dict[str, list[str]] = {}
        self._by_conversation: dict[str, list[str]] = {}
        self._own_texts: dict[str, list[str]] = {}
        self._dms: dict[str, list[DirectMessage]] = {}
        self.muted: set[str] = set()

    @property
    def account(self) -> str:
        """The council's own user id."""
        return self._config.x_user_id

    def find(self, post_id: str) -> Post | None:
        """The post, unless it is unknown or deleted."""
        post = self.posts.get(post_id)
        return None if post is None or post.deleted else post

    def publish(
        self,
        author_id: str,
        written: str,
        prefix: str = "",
        *,
        reply_to: Post | None = None,
        quotes: str | None = None,
    ) -> Post:
        """Put a post up; `prefix` are the mentions that X adds in front of a reply."""
        shown = shorten(prefix + written, self._config.wrap_links)
        post_id = self._ids.snowflake()
        post = Post(
            id=post_id,
            author_id=author_id,
            text=shown.text,
            written=written,
            links=shown.links,
            auto_mentions=len(prefix),
            conversation_id=reply_to.conversation_id if reply_to else post_id,
            created_at=self._clock.now(),
            in_reply_to=reply_to.id if reply_to else None,
            in_reply_to_user=reply_to.author_id if reply_to else None,
            quotes=quotes,
        )
        self.posts[post_id] = post
        self._by_author.setdefault(author_id, []).append(post_id)
        self._by_conversation.setdefault(post.conversation_id, []).append(post_id)
        if author_id == self.account:
            self._own_texts.setdefault(_plain(written), []).append(post_id)
        return post

    def by_author(self, author_id: str) -> list[Post]:
        """The author's posts that are still up, oldest first."""
        return [post for each in self._by_author.get(author_id, []) if (post := self.find(each))]

    def in_conversation(self, conversation_id: str) -> list[Post]:
        """The posts of a conversation, deleted ones too, oldest first."""
        return [self.posts[each] for each in self._by_conversation.get(conversation_id, [])]

    def summoned_by(self, post: Post) -> bool:
        """Whether the author of the post has mentioned or quoted the account in that conversation."""
        if post.author_id == self.account:
            return True
        return any(
            self._summons(each)
            for each in self.in_conversation(post.conversation_id)
            if each.author_id == post.author_id and not each.deleted
        )

    def _summons(self, post: Post) -> bool:
        quoted = self.posts.get(post.quotes or "")
        if quoted is not None and quoted.author_id == self.account:
            return True
        counted = post.text if self._config.implicit_mentions_summon else post.text[post.auto_mentions :]
        return names(counted, self._config.x_handle)

    def repeats(self, text: str, conversation_id: str | None) -> bool:
        """Whether the account has a post with this very text up, where that counts as a duplicate."""
        everywhere = self._config.duplicates == "everywhere"
        alike = (self.find(each) for each in self._own_texts.get(_plain(text), []))
        return any(post and (everywhere or post.conversation_id == conversation_id) for post in alike)

    def threads_of(self, author_id: str) -> set[str]:
        """The conversations in which the author has ever posted."""
        return {self.posts[each].conversation_id for each in self._by_author.get(author_id, [])}

    def change(self, post_id: str, *, hidden: bool | None = None, deleted: bool | None = None) -> Post:
        """Set what is not None. The post must exist."""
        post = self.posts[post_id]
        self.posts[post_id] = replace(
            post,
            hidden=post.hidden if hidden is None else hidden,
            deleted=post.deleted if deleted is None else deleted,
        )
        return self.posts[post_id]

    def message(
        self,
        participant_id: str,
        sender_id: str,
        written: str,
        *,
        encrypted: bool = False,
        attachments: tuple[str, ...] = (),
    ) -> DirectMessage:
        """Put a direct message into the conversation with the participant."""
        shown = shorten(written, self._config.wrap_links)
        dm = DirectMessage(
            self._ids.snowflake(),
            participant_id,
            sender_id,
            shown.text,
            written,
            shown.links,
            self._clock.now(),
            encrypted,
            attachments,
        )
        self._dms.setdefault(participant_id, []).append(dm)
        return dm

    def messages_with(self, participant_id: str) -> list[DirectMessage]:
        """The conversation with the participant, oldest first."""
        return self._dms.get(participant_id, [])

    def wrote_first(self, participant_id: str) -> bool:
        """Whether the participant has ever written to the account in private."""
        return any(each.sender_id == participant_id for each in self.messages_with(participant_id))

    def dm_conversation_id(self, participant_id: str) -> str:
        """X's name for a one-to-one conversation: both ids, the smaller one first."""
        first, second = sorted((participant_id, self.account), key=lambda each: (len(each), each))
        return f"{first}-{second}"


def _plain(text: str) -> str:
    return " ".join(text.split()).lower()
