"""X as a place: residents and the account write in it, and the service is told by webhook."""

from __future__ import annotations

import secrets

import aiohttp

from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.conversation import Impossible, Line, Said
from sandbox.documents import Document
from sandbox.faults import Faults
from sandbox.identifiers import Identifiers
from sandbox.journal import Feed, Journal
from sandbox.people import People, Person
from sandbox.signatures import X_SIGNATURE, same, x_signature
from sandbox.webhooks import Check, Courier
from sandbox.x.events import ActivityEvents, Describer, LegacyEvents
from sandbox.x.posts import DirectMessage, Post, Posts
from sandbox.x.text import mentions, names


class XNetwork:
    """What happens on X, and what the service hears of it."""

    def __init__(
        self,
        config: SandboxConfig,
        clock: Clock,
        ids: Identifiers,
        people: People,
        faults: Faults,
        journal: Journal,
        feed: Feed,
    ) -> None:
        self._config = config
        self._clock = clock
        self._ids = ids
        self.people = people
        self._faults = faults
        self._journal = journal
        self._feed = feed
        self.describe = Describer(config, people)
        self.posts = Posts(config, clock, ids)
        self._colleague: set[str] = set()
        self._events = ActivityEvents(config, self.describe)
        self._legacy = LegacyEvents(config, self.describe)
        self.courier = Courier("x", config, faults, feed, sign=self._sign, challenge=self._challenge)

    def reset(self) -> None:
        """An empty X."""
        self.posts = Posts(self._config, self._clock, self._ids)
        self._colleague.clear()
        self.courier.reset()

    # What residents do

    def message(
        self, person: Person, text: str, *, encrypted: bool = False, attachments: tuple[str, ...] = ()
    ) -> Said:
        """The person writes to the account in private."""
        dm = self.posts.message(person.x_id, person.x_id, text, encrypted=encrypted, attachments=attachments)
        self._tell_dm(dm)
        return Said(dm.id, self.posts.dm_conversation_id(person.x_id))

    def post(
        self,
        person: Person,
        text: str,
        *,
        mention: bool,
        reply_to: str | None = None,
        quotes: str | None = None,
    ) -> Said:
        """The person posts in public: with a mention of the account, as a reply, or both.

        Raises Impossible if the post that is replied to or quoted is not there.
        """
        parent = self._post_or_none(reply_to)
        self._post_or_none(quotes)
        if mention and not names(text, self._config.x_handle):
            text = f"@{self._config.x_handle} {text}"
        prefix = self.auto_mentions(person.x_id, text, parent) if parent else ""
        post = self.posts.publish(person.x_id, text, prefix, reply_to=parent, quotes=quotes)
        self._tell_post(post)
        return Said(post.id, post.conversation_id)

    def delete(self, post_id: str) -> None:
        """Its author takes a post down. Raises Impossible if it is not there."""
        post = self._post_or_none(post_id)
        if post is None:
            raise Impossible(
                "On X only posts can be deleted for everybody, and there is no post with that id."
            )
        post = self.posts.change(post.id, deleted=True)
        legacy = self._faults.webhook("x").legacy_shapes
        document = self._legacy.deletion(post, self._clock.now()) if legacy else self._events.deletion(post)
        self.courier.submit(document, "post.delete", post.author_id)
        self._changed("public")

    def revoke(self) -> None:
        """The account throws the service's app out."""
        legacy, now = self._faults.webhook("x").legacy_shapes, self._clock.now()
        document = self._legacy.revocation(now) if legacy else self._events.revocation(now)
        self.courier.submit(document, "oauth.revoke", "oauth.revoke")

    # What the account does: the service through the API, a colleague in X's own app

    def account_messages(self, participant_id: str, text: str, *, colleague: bool = False) -> DirectMessage:
        """The account writes to a person in private; the echo goes to the service."""
        dm = self.posts.message(participant_id, self.posts.account, text)
        if colleague:
            self._colleague.add(dm.id)
        else:
            self._note(
                "dm", "private", participant_id, text, dm.id, self.posts.dm_conversation_id(participant_id)
            )
        self._tell_dm(dm)
        return dm

    def account_posts(self, text: str, parent: Post | None, *, colleague: bool = False) -> Post:
        """The account posts in public."""
        prefix = self.auto_mentions(self.posts.account, text, parent) if parent else ""
        post = self.posts.publish(self.posts.account, text, prefix, reply_to=parent)
        if colleague:
            self._colleague.add(post.id)
        else:
            self._note(
                "post",
                "public",
                parent.author_id if parent else None,
                text,
                post.id,
                post.conversation_id,
                parent,
            )
        if self._faults.webhook("x").legacy_shapes:
            self.courier.submit(self._legacy.post(post), "post.create", post.author_id)
        self._changed("public")
        return post

    def hide(self, post: Post, hidden: bool) -> None:
        """The account hides a reply to it, or shows it again."""
        self.posts.change(post.id, hidden=hidden)
        kind = "hide" if hidden else "unhide"
        self._note(kind, "public", post.author_id, None, post.id, post.conversation_id)
        self._changed("public")

    def mute(self, user_id: str) -> None:
        """The account mutes a user."""
        self.posts.muted.add(user_id)
        self._note("mute", "public", user_id, None, None, None)

    def auto_mentions(self, author_id: str, text: str, parent: Post) -> str:
        """The mentions that X puts before a reply: whom it answers, and whom that post mentions."""
        handles = [self.describe.handle(parent.author_id), *(each.handle for each in mentions(parent.text))]
        own = self.describe.handle(author_id).lower()
        written = {each.handle.lower() for each in mentions(text)}
        wanted = {
            each.lower(): each for each in handles if each.lower() != own and each.lower() not in written
        }
        return "".join(f"@{each} " for each in wanted.values())

    # What the resident sees

    def conversation(self, visibility: str, person: Person) -> list[Line]:
        """The person's conversation with the account, oldest first."""
        if visibility == "private":
            return [self._dm_line(each, person) for each in self.posts.messages_with(person.x_id)]
        threads = self.posts.threads_of(person.x_id)
        found = [post for each in threads for post in self.posts.in_conversation(each)]
        return [self._post_line(each, person) for each in sorted(found, key=lambda post: int(post.id))]

    def _dm_line(self, dm: DirectMessage, person: Person) -> Line:
        council = dm.sender_id == self.posts.account
        return Line(
            author="council" if council else "resident",
            author_name=self._config.council_name if council else person.name,
            text=dm.written,
            at=dm.created_at,
            id=dm.id,
            visibility="private",
            kind="colleague" if dm.id in self._colleague else "dm",
            thread=self.posts.dm_conversation_id(person.x_id),
            attachments=dm.attachments,
        )

    def _post_line(self, post: Post, person: Person) -> Line:
        council = post.author_id == self.posts.account
        author = self.people.known_as(post.author_id)
        return Line(
            author="council" if council else "resident" if post.author_id == person.x_id else "somebody",
            author_name=author.name if author else self._config.council_name,
            text=post.written,
            at=post.created_at,
            id=post.id,
            visibility="public",
            kind="colleague" if post.id in self._colleague else "post",
            thread=post.conversation_id,
            in_reply_to=post.in_reply_to,
            hidden=post.hidden,
            deleted=post.deleted,
        )

    # What the service hears

    def _tell_dm(self, dm: DirectMessage) -> None:
        legacy = self._faults.webhook("x").legacy_shapes and not dm.encrypted
        document = (self._legacy if legacy else self._events).direct_message(dm)
        sent = dm.sender_id == self.posts.account
        label = "dm.sent" if sent else "chat.received" if dm.encrypted else "dm.received"
        self.courier.submit(document, label, dm.participant_id)
        self._changed("private")

    def _tell_post(self, post: Post) -> None:
        for event_type in self._event_types(post):
            if self._faults.webhook("x").legacy_shapes:
                self.courier.submit(self._legacy.post(post), event_type, post.author_id)
                break
            self.courier.submit(self._events.post(event_type, post), event_type, post.author_id)
        self._changed("public")

    def _event_types(self, post: Post) -> list[str]:
        """Which events a resident's post makes: one that is both a mention and a reply makes two."""
        quoted = self.posts.posts.get(post.quotes or "")
        return [
            *(["post.mention.create"] if names(post.text, self._config.x_handle) else []),
            *(["post.reply.create"] if post.in_reply_to_user == self.posts.account else []),
            *(["post.quote.create"] if quoted and quoted.author_id == self.posts.account else []),
        ]

    def _sign(self, body: bytes) -> dict[str, str]:
        return {X_SIGNATURE: x_signature(self._config.x_consumer_secret, body)}

    async def _challenge(self, session: aiohttp.ClientSession, url: str) -> Check:
        """The CRC. A wrong token on a 2xx or a redirection is fatal; an error is tried again."""
        token = secrets.token_urlsafe(24)
        try:
            async with session.get(url, params={"crc_token": token}, allow_redirects=False) as response:
                if response.status >= 400:
                    return Check.UNANSWERED
                document: Document = await response.json(content_type=None) if response.status < 300 else {}
                given = document.get("response_token") if isinstance(document, dict) else None
        except (aiohttp.ClientError, TimeoutError):
            return Check.UNANSWERED
        except ValueError:
            return Check.WRONG
        right = same(str(given), x_signature(self._config.x_consumer_secret, token.encode()))
        return Check.RIGHT if right else Check.WRONG

    def _post_or_none(self, post_id: str | None) -> Post | None:
        if post_id is None:
            return None
        post = self.posts.find(post_id)
        if post is None:
            raise Impossible(f"There is no post {post_id} on X.")
        return post

    def _note(
        self,
        kind: str,
        visibility: str,
        user_id: str | None,
        text: str | None,
        identifier: str | None,
        thread: str | None,
        parent: Post | None = None,
    ) -> None:
        person = self.people.known_as(user_id) if user_id else None
        self._journal.record_sent(
            "x",
            kind,
            visibility,
            to=person.name if person else user_id,
            text=text,
            identifier=identifier,
            in_reply_to=parent.id if parent else None,
            thread=thread,
        )

    def _changed(self, visibility: str) -> None:
        self._feed.tell({"type": "conversation", "platform": "x", "visibility": visibility})
