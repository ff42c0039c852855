"""Posts and direct messages of X, in its v2 and its older shape, read into one form: who says what, and to whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.channels.base import Author
from bot.channels.payload import Part

_SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
"""Ids of X begin with the time in milliseconds since then (github.com/twitter-archive/snowflake)."""
_ENTITY = re.compile(r"&(amp|lt|gt|quot|#39);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'"}
_LEADING = re.compile(r"\s*(@[A-Za-z0-9_]{1,20})(?=\s|$)", re.ASCII)
_ADDRESS = re.compile(r"(?:x|twitter)\.com/([A-Za-z0-9_]{1,20})/status/(\d+)", re.IGNORECASE)
_MEDIA_ADDRESS = re.compile(
    r"/(?:photo|video)/\d+$|ton\.(?:x|twitter)\.com/|(?:x|twitter)\.com/messages/media/"
)
_MEDIA_DISPLAY = ("pic.x.com/", "pic.twitter.com/")


@dataclass(frozen=True, slots=True)
class Mention:
    """An @mention as X found it; `start` counts characters of the text as delivered."""

    start: int
    user_id: str | None
    handle: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """A shortened address in a text, and where it leads; `media` when it only stands for a picture or video."""

    short: str
    expanded: str
    media: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """A post that this one quotes, with its author as far as the delivery tells."""

    post_id: str
    author_id: str | None = None
    author_handle: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A public post. `first_id` names its first version; `raw` is the text as delivered.

    `hidden` is the length of the @mentions in front that X put there and does not show; `mentions` is None when the
    delivery does not list them.
    """

    id: str
    first_id: str
    author: Author
    raw: str
    hidden: int
    mentions: Sequence[Mention] | None
    links: Sequence[Link]
    attachments: int
    conversation_id: str
    in_reply_to: str | None
    in_reply_to_user: str | None
    quotes: Sequence[Quote]
    repost: bool
    sent_at: datetime | None

    @property
    def text(self) -> str:
        """What its author wrote: without hidden @mentions, with addresses as they were typed, without media links."""
        quoted = {quote.post_id for quote in self.quotes}
        return readable(self.raw[self.hidden :], self.links, quoted)


def readable(raw: str, links: Sequence[Link], quoted: Collection[str] = ()) -> str:
    """The text with X's escapes undone and its short addresses replaced by where they lead."""
    text = _ENTITY.sub(lambda found: _CHARACTERS[found[1]], raw)
    for link in links:
        address = _ADDRESS.search(link.expanded)
        gone = link.media or (address is not None and address[2] in quoted)
        text = text.replace(link.short, "" if gone else link.expanded)
    return text.strip()


def post_v2(payload: Part, includes: Part | None) -> Post:
    """A post as the v2 API describes it; raises MalformedDelivery."""
    people, others = _people(includes), _authors_of_posts(includes)
    long_text = payload.part_or_none("note_tweet") or payload.part_or_none("note_post")
    worded = long_text if long_text is not None and long_text.has("text") else payload
    entities = worded.part_or_none("entities") or payload.part_or_none("entities")
    links = _links(entities)
    references = payload.parts("referenced_tweets") or payload.parts("referenced_posts")
    replied = next((each.id("id") for each in references if each.label("type") == "replied_to"), None)
    post_id, author_id, raw = payload.id("id"), payload.id("author_id"), worded.text("text")
    in_reply_to = payload.id_or_none("in_reply_to_tweet_id", "in_reply_to_post_id") or replied
    history = payload.items("edit_history_tweet_ids") or payload.items("edit_history_post_ids")
    media = payload.part_or_none("attachments")
    return Post(
        id=post_id,
        first_id=_first(history, post_id),
        author=people.get(author_id, Author(author_id)),
        raw=raw,
        hidden=_hidden(raw, _display_start(payload), in_reply_to is not None),
        mentions=_mentions(entities, "mentions"),
        links=links,
        attachments=max(len(media.items("media_keys")) if media else 0, _media_links(links)),
        conversation_id=payload.id_or_none("conversation_id") or in_reply_to or post_id,
        in_reply_to=in_reply_to,
        in_reply_to_user=payload.id_or_none("in_reply_to_user_id"),
        quotes=[
            _quote(each.id("id"), others, links) for each in references if each.label("type") == "quoted"
        ],
        repost=any(each.label("type") == "retweeted" for each in references),
        sent_at=payload.time_or_none("created_at") or _time_in(post_id),
    )


def post_legacy(status: Part) -> Post:
    """A post as the Account Activity API describes it; raises MalformedDelivery."""
    extended = status.part_or_none("extended_tweet")
    worded = extended if extended is not None and extended.has("full_text") else status
    raw = worded.text("full_text") or worded.text("text")
    entities = worded.part_or_none("entities")
    attached = worded.part_or_none("extended_entities") or entities
    links = _links(entities)
    post_id = status.id("id_str", "id")
    in_reply_to = status.id_or_none("in_reply_to_status_id_str", "in_reply_to_status_id")
    return Post(
        id=post_id,
        first_id=post_id,
        author=author(status.part("user")),
        raw=raw,
        hidden=_hidden(raw, _display_start(worded), in_reply_to is not None),
        mentions=_mentions(entities, "user_mentions"),
        links=links,
        attachments=max(len(attached.items("media")) if attached else 0, _media_links(links)),
        conversation_id=status.id_or_none("conversation_id_str", "conversation_id") or in_reply_to or post_id,
        in_reply_to=in_reply_to,
        in_reply_to_user=status.id_or_none("in_reply_to_user_id_str", "in_reply_to_user_id"),
        quotes=_legacy_quotes(status, links),
        repost=status.has("retweeted_status"),
        sent_at=status.time_or_none("timestamp_ms") or _time_in(post_id),
    )


def author(user: Part) -> Author:
    """Who somebody is: a user of the v2 or older shape, also wrapped in `data`; raises MalformedDelivery."""
    inner = user.part("data") if user.has("data") else user
    affiliation = inner.value.get("affiliation")
    described = affiliation.get("description") if isinstance(affiliation, dict) else affiliation
    return Author(
        external_id=inner.id("id_str", "id"),
        handle=inner.label("username") or inner.label("screen_name"),
        name=inner.label("name"),
        automated=isinstance(described, str) and described.strip().casefold() == "automated",
    )


def dm_wording(data: Part) -> tuple[str, int]:
    """(text, number of attachments) of a direct message's `message_data`."""
    attachment, attachments = data.part_or_none("attachment"), data.part_or_none("attachments")
    links = list(_links(data.part_or_none("entities")))
    count = len(attachments.items("media_keys")) if attachments else 0
    if attachment is not None:
        count = max(count, 1)
        media = attachment.part_or_none("media")
        short = media.label("url") if media else None
        if short:
            links.append(Link(short, short, media=True))
    return readable(data.text("text"), links), max(count, _media_links(links))


def named_visibly(post: Post, user_id: str, handles: set[str]) -> bool:
    """Whether the part that readers see @mentions the account."""
    if post.mentions is not None:
        return any(_is(each, user_id, handles) for each in post.mentions if each.start >= post.hidden)
    visible = post.raw[post.hidden :]
    return any(
        found.lower() in handles for found in re.findall(r"(?<![A-Za-z0-9_!#$%&*@])@([A-Za-z0-9_]+)", visible)
    )


def named_invisibly(post: Post, user_id: str, handles: set[str]) -> bool:
    """Whether X itself put the account's @mention before the text."""
    if post.mentions is not None and any(
        _is(each, user_id, handles) for each in post.mentions if each.start < post.hidden
    ):
        return True
    return any(each.removeprefix("@").lower() in handles for each in post.raw[: post.hidden].split())


def _is(mention: Mention, user_id: str, handles: set[str]) -> bool:
    return mention.user_id == user_id or (mention.handle or "").lower() in handles


def _hidden(raw: str, display_start: int | None, reply: bool) -> int:
    """The length of the @mentions in front that begin before the shown range.

    X's own samples give a start one character too far, so whole mentions are counted, never characters. Without a range
    every mention in front of a reply is taken for X's own: that way the bot stays silent, and staff see the post.
    """
    if display_start is None:
        display_start = len(raw) if reply else 0
    end = 0
    while (found := _LEADING.match(raw, end)) and found.start(1) < display_start:
        end = found.end()
    return end


def _display_start(part: Part) -> int | None:
    shown = part.items("display_text_range")
    start = shown[0] if shown else None
    return start if isinstance(start, int) and not isinstance(start, bool) else None


def _mentions(entities: Part | None, name: str) -> list[Mention] | None:
    if entities is None:
        return None
    return [
        Mention(
            _start(each), each.id_or_none("id", "id_str"), each.label("username") or each.label("screen_name")
        )
        for each in entities.parts(name)
    ]


def _start(entity: Part) -> int:
    indices = entity.items("indices")
    start = indices[0] if indices else entity.value.get("start")
    return start if isinstance(start, int) else 0


def _links(entities: Part | None) -> list[Link]:
    if entities is None:
        return []
    return [
        *(_link(each, media=False) for each in entities.parts("urls")),
        *(_link(each, media=True) for each in entities.parts("media")),
    ]


def _link(entity: Part, *, media: bool) -> Link:
    short = entity.label("url") or "\x00"
    expanded = entity.label("expanded_url") or short
    shown = (entity.label("display_url") or "").startswith(_MEDIA_DISPLAY)
    return Link(
        short, expanded, media or shown or bool(_MEDIA_ADDRESS.search(expanded)) or entity.has("media_key")
    )


def _media_links(links: Sequence[Link]) -> int:
    return len({(each.short, each.expanded) for each in links if each.media})


def _quote(post_id: str, authors: dict[str, str], links: Sequence[Link]) -> Quote:
    return Quote(post_id, authors.get(post_id), _handle_in(links, post_id))


def _legacy_quotes(status: Part, links: Sequence[Link]) -> list[Quote]:
    quoted_id = status.id_or_none("quoted_status_id_str", "quoted_status_id")
    if quoted_id is None:
        return []
    quoted = status.part_or_none("quoted_status")
    user = quoted.part_or_none("user") if quoted else None
    return [Quote(quoted_id, user.id_or_none("id_str", "id") if user else None, _handle_in(links, quoted_id))]


def _handle_in(links: Sequence[Link], post_id: str) -> str | None:
    """Whose post it is, by the address that X puts at the end of a quoting text."""
    found = (_ADDRESS.search(each.expanded) for each in links)
    return next(
        (each[1].lower() for each in found if each and each[2] == post_id and each[1].lower() != "i"), None
    )


def _people(includes: Part | None) -> dict[str, Author]:
    described = [author(each) for each in includes.parts("users")] if includes else []
    return {each.external_id: each for each in described}


def _authors_of_posts(includes: Part | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in (includes.parts("tweets") or includes.parts("posts")) if includes else []:
        post = each.part("data") if each.has("data") else each
        post_id, author_id = post.id_or_none("id"), post.id_or_none("author_id")
        if post_id and author_id:
            found[post_id] = author_id
    return found


def _first(history: list[object], post_id: str) -> str:
    """The id of the first version: later ones are the same post."""
    first = history[0] if history else None
    return (
        first
        if isinstance(first, str) and first.isdecimal() and first.isascii() and post_id in history
        else post_id
    )


def _time_in(post_id: str) -> datetime | None:
    if not (post_id.isdecimal() and len(post_id) <= 19):
        return None
    return datetime.fromtimestamp(((int(post_id) >> 22) + _SNOWFLAKE_EPOCH_MS) / 1000, UTC)
