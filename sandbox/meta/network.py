"""Facebook as a place: residents and the Page write in it, and the service is told by webhook."""

from __future__ import annotations

import secrets
from dataclasses import replace

import aiohttp

from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.conversation import Impossible, Line, QuickReply, Said
from sandbox.documents import Document
from sandbox.faults import Faults
from sandbox.identifiers import Identifiers
from sandbox.journal import Feed, Journal
from sandbox.meta.events import PageEvents
from sandbox.meta.page import Comment, Message, Page
from sandbox.people import People, Person
from sandbox.signatures import META_SIGNATURE, meta_signature
from sandbox.webhooks import Check, Courier


class MetaNetwork:
    """What happens on Facebook, and what the service hears of it."""

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
        self._faults = faults
        self._journal = journal
        self._feed = feed
        self.people = people
        self.page = Page(config, clock, ids)
        self._events = PageEvents(config)
        self.courier = Courier("facebook", config, faults, feed, sign=self._sign, challenge=self._challenge)

    def reset(self) -> None:
        """An empty Page."""
        self.page = Page(self._config, self._clock, self._ids)
        self.courier.reset()

    # What residents do

    def message(
        self,
        person: Person,
        text: str,
        *,
        quick_reply: str | None = None,
        attachments: tuple[str, ...] = (),
        standby: bool = False,
    ) -> Said:
        """The person writes to the Page in private; `quick_reply` is the payload of the button pressed."""
        message = self.page.post_message(person.psid, text, from_page=False, attachments=attachments)
        document = self._events.message(message, quick_reply, standby=standby)
        self.courier.submit(document, "standby" if standby else "message", person.psid)
        self._changed("private")
        return Said(message.mid, f"t_{person.psid}")

    def comment(
        self,
        person: Person,
        text: str,
        *,
        reply_to: str | None = None,
        visitor_post: bool = False,
        elsewhere: bool = False,
    ) -> Said:
        """The person comments on the Page's post, under a comment, on a visitor's post, or puts up a post of
        theirs.

        `elsewhere` is a mention of the Page in a comment on somebody else's post.
        Raises Impossible if what is replied to is not there.
        """
        under = self._comment(reply_to) if reply_to and reply_to != self.page.standing_post else None
        comment = self.page.comment(
            person.psid, person.name, text, under=under, visitor_post=visitor_post, elsewhere=elsewhere
        )
        now = self._clock.now()
        if elsewhere:
            self.courier.submit(self._events.mention(comment, now), "mention", person.psid)
        else:
            self.courier.submit(self._events.comment(comment, "add", now), "feed", person.psid)
        self._changed("public")
        return Said(comment.id, comment.post_id)

    def delete(self, identifier: str) -> None:
        """Its author removes a comment or takes back a message. Raises Impossible if there is none."""
        if identifier in self.page.messages:
            message = self.page.unsend(identifier)
            self.courier.submit(self._events.unsent(message), "message unsent", message.psid)
            self._changed("private")
        else:
            comment = self.page.change(replace(self._comment(identifier), deleted=True))
            document = self._events.comment(comment, "remove", self._clock.now())
            self.courier.submit(document, "feed", comment.author_id)
            self._changed("public")

    def edit(self, identifier: str, text: str) -> None:
        """Its author changes a comment or message. Raises Impossible if there is none."""
        if identifier in self.page.messages:
            message = self.page.rewrite(identifier, text)
            self.courier.submit(self._events.edited(message), "message_edit", message.psid)
            self._changed("private")
        else:
            comment = self.page.change(replace(self._comment(identifier), text=text))
            document = self._events.comment(comment, "edited", self._clock.now())
            self.courier.submit(document, "feed", comment.author_id)
            self._changed("public")

    # What the Page does: the service through the API, a colleague in Meta's own inbox

    def page_messages(
        self,
        psid: str,
        text: str,
        *,
        metadata: str | None = None,
        quick_replies: tuple[QuickReply, ...] = (),
        tag: str | None = None,
    ) -> Message:
        """The service writes to a person in private; the echo comes back to it."""
        message = self.page.post_message(
            psid, text, from_page=True, metadata=metadata, quick_replies=quick_replies
        )
        self._sent_message(message, detail={"metadata": metadata, "tag": tag})
        return message

    def page_answers_privately(
        self, comment: Comment, text: str, *, metadata: str | None, quick_replies: tuple[QuickReply, ...]
    ) -> Message:
        """The service answers a comment by a private message, which can be done once."""
        self.page.answered_privately(comment)
        message = self.page.post_message(
            comment.author_id,
            text,
            from_page=True,
            kind="private_reply",
            metadata=metadata,
            quick_replies=quick_replies,
        )
        self._sent_message(message, detail={"metadata": metadata}, in_reply_to=comment.id)
        return message

    def page_comments(
        self, text: str, under: Comment | None, post_id: str | None, *, colleague: bool = False
    ) -> Comment:
        """The Page comments in public; that comes back through the feed, without any flag."""
        comment = self.page.comment(
            self.page.id, self._config.council_name, text, under=under, post_id=post_id, colleague=colleague
        )
        if not colleague:
            person = self.people.known_as(under.author_id) if under else None
            self._journal.record_sent(
                "facebook",
                "comment",
                "public",
                to=person.name if person else None,
                text=text,
                identifier=comment.id,
                in_reply_to=under.id if under else post_id,
                thread=comment.post_id,
            )
        document = self._events.comment(comment, "add", self._clock.now())
        self.courier.submit(document, "feed (own)", under.author_id if under else self.page.id)
        self._changed("public")
        return comment

    def hide(self, comment: Comment, hidden: bool) -> None:
        """The Page hides a comment from the public, or shows it again."""
        comment = self.page.change(replace(comment, hidden=hidden))
        verb = "hide" if hidden else "unhide"
        person = self.people.known_as(comment.author_id)
        self._journal.record_sent(
            "facebook",
            verb,
            "public",
            to=person.name if person else None,
            identifier=comment.id,
            thread=comment.post_id,
        )
        document = self._events.comment(comment, verb, self._clock.now())
        self.courier.submit(document, "feed", comment.author_id)
        self._changed("public")

    def typing(self, psid: str, action: str) -> None:
        """The service shows that it writes, or has seen the message."""
        person = self.people.known_as(psid)
        self._journal.record_sent(
            "facebook",
            "typing",
            "private",
            to=person.name if person else psid,
            detail={"sender_action": action},
        )

    def colleague_messages(self, person: Person, text: str) -> Message:
        """A colleague answers from Meta's own inbox: the echo has another app's id and no metadata."""
        message = self.page.post_message(person.psid, text, from_page=True, kind="colleague")
        self.courier.submit(self._events.echo(message), "echo (inbox)", person.psid)
        self._changed("private")
        return message

    # What the resident sees

    def conversation(self, visibility: str, person: Person) -> list[Line]:
        """The person's conversation with the Page, oldest first."""
        if visibility == "private":
            return [self._message_line(each, person) for each in self.page.thread(person.psid)]
        found = [comment for each in self.page.posts_of(person.psid) for comment in self.page.on_post(each)]
        own = {each.id for each in found if each.author_id == person.psid}
        related = [each for each in found if self._concerns(each, own)]
        return [
            self._comment_line(each, person) for each in sorted(related, key=lambda each: (each.at, each.id))
        ]

    def _concerns(self, comment: Comment, own: set[str]) -> bool:
        """Whether the comment is the person's, an answer to it, or beside it under the same comment."""
        siblings = {self.page.comments[each].parent_id for each in own} - {comment.post_id}
        return (
            bool({comment.id, comment.parent_id} & own)
            or comment.parent_id in siblings
            or comment.id in siblings
        )

    def _message_line(self, message: Message, person: Person) -> Line:
        return Line(
            author="council" if message.from_page else "resident",
            author_name=self._config.council_name if message.from_page else person.name,
            text=message.text,
            at=message.at,
            id=message.mid,
            visibility="private",
            kind=message.kind,
            thread=f"t_{message.psid}",
            quick_replies=message.quick_replies,
            attachments=message.attachments,
            deleted=message.deleted,
        )

    def _comment_line(self, comment: Comment, person: Person) -> Line:
        council = comment.author_id == self.page.id
        return Line(
            author="council" if council else "resident" if comment.author_id == person.psid else "somebody",
            author_name=comment.author_name,
            text=comment.text,
            at=comment.at,
            id=comment.id,
            visibility="public",
            kind="colleague" if comment.colleague else "comment",
            thread=comment.post_id,
            in_reply_to=comment.parent_id,
            hidden=comment.hidden,
            deleted=comment.deleted,
        )

    # What the service hears

    def _sent_message(self, message: Message, detail: Document, in_reply_to: str | None = None) -> None:
        person = self.people.known_as(message.psid)
        self._journal.record_sent(
            "facebook",
            message.kind,
            "private",
            to=person.name if person else message.psid,
            text=message.text,
            identifier=message.mid,
            in_reply_to=in_reply_to,
            thread=f"t_{message.psid}",
            detail=detail | {"quick_replies": [vars(each) for each in message.quick_replies]},
        )
        self.courier.submit(self._events.echo(message), "echo", message.psid)
        if self._faults.webhook("facebook").receipts:
            self.courier.submit(self._events.delivered(message), "delivery", message.psid)
            self.courier.submit(self._events.read(message), "read", message.psid)
        self._changed("private")

    def _sign(self, body: bytes) -> dict[str, str]:
        return {META_SIGNATURE: meta_signature(self._config.meta_app_secret, body)}

    async def _challenge(self, session: aiohttp.ClientSession, url: str) -> Check:
        """The verification: the service must hand back the raw challenge."""
        challenge = str(secrets.randbelow(2_000_000_000))
        query = {
            "hub.mode": "subscribe",
            "hub.challenge": challenge,
            "hub.verify_token": self._config.meta_verify_token,
        }
        try:
            async with session.get(url, params=query, allow_redirects=False) as response:
                if response.status >= 500 or response.status in (404, 429):
                    return Check.UNANSWERED
                given = await response.text()
                return Check.RIGHT if response.status == 200 and given.strip() == challenge else Check.WRONG
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return Check.UNANSWERED

    def _comment(self, comment_id: str) -> Comment:
        comment = self.page.find(comment_id)
        if comment is None:
            raise Impossible(f"There is no comment or message {comment_id} on Facebook.")
        return comment

    def _changed(self, visibility: str) -> None:
        self._feed.tell({"type": "conversation", "platform": "facebook", "visibility": visibility})
