"""E-mail addresses as they are written, and as they are written to be read by people only: "name at host dot com"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.policy.contacts import PublicContacts
from bot.policy.identifiers import Piece

_TOP = (
    r"(?:com|co\W{0,2}\suk|uk|org|net|gov|info|biz|me|io|ac|eu|ie|fr|de|es|it|pl|ro|in|pk|us|ca|au|nz|tv|app|dev|"
    r"online|email|cymru|wales|scot|"
    r"london|example|test|invalid)"
)
_WEBMAIL = (
    r"(?:gmail|googlemail|hotmail|outlook|live|yahoo|ymail|rocketmail|icloud|me|mac|aol|btinternet|btopenworld|bt|"
    r"sky|virginmedia|virgin|talktalk|"
    r"ntlworld|blueyonder|tiscali|protonmail|proton|gmx|mail|msn|fastmail|tutanota|zoho|o2|orange|plusnet|ee|wp|"
    r"interia|onet)"
)
_AT = r"(?:\s?[\[({<*]\s?(?:at|@)\s?[\])}>*]\s?|\s(?:at|@)\s|@)"
_DOT = r"(?:\s?[\[({<*]\s?(?:dot|\.|point)\s?[\])}>*]\s?|\s(?:dot|point|full\sstop)\s|\.)"
_WITHIN = rf"(?:{_DOT}|\s?[\[({{<*]?\s?(?:underscore|dash|hyphen|plus)\s?[\])}}>*]?\s?|[-+_])"
_PLAIN = re.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,5}[a-z]{2,18}(?![a-z0-9-])"
)
_HIDDEN = re.compile(
    rf"(?<![\w.+%-])(?P<local>[a-z0-9](?:[a-z0-9'%]{{0,40}})(?:{_WITHIN}[a-z0-9]{{1,40}}){{0,4}})(?P<at>{_AT})"
    rf"(?P<host>[a-z0-9][a-z0-9-]{{0,40}}(?:{_DOT}[a-z0-9-]{{1,40}}){{0,3}}?)"
    rf"(?P<dot>{_DOT})(?P<top>{_TOP}(?:{_DOT}(?:uk|au|nz|in))?)(?![a-z0-9-])"
)
_SPLIT = re.compile(
    rf"(?<![\w.+%-])(?P<local>[\w.+%-]{{1,64}})\s{{0,2}}@\s{{0,2}}(?P<host>{_WEBMAIL})\s{{0,2}}(?:\.|"
    rf"dot)\s{{0,2}}(?P<top>com|co\s?\.?\s?uk|net|org)(?![a-z0-9-])"
)
_SIGN_BY_SIGN = re.compile(
    rf"(?<![\w.+%-])(?P<local>[a-z0-9](?:[ .][a-z0-9]){{2,40}})\s?@\s?"
    rf"(?P<host>[a-z0-9](?:\s?[a-z0-9-]){{1,40}})(?P<dot>\s?\.\s?)(?P<top>{_TOP})(?![a-z0-9-])"
)
_NO_LOCAL_PART = frozenset(
    """
    look looking looked is it its it's page site website info information details us me here live found find see visit
    go apply online report read available up form now check council register booked them him her you we everything more
    out was are be not just only that this all work working based stay stop staff bins
    """.split()  # noqa: SIM905  (a list of words, to be read as one)
)
_SHARED_MAILBOX = re.compile(
    r"(?:contact|info|enquir(?:y|ies)|hello|help|helpdesk|support|office|admin|customer[\w.-]*|council[\w.-]*|"
    r"housing[\w.-]*|planning[\w.-]*|"
    r"press|media|complaints?|feedback|foi|elections?|parking[\w.-]*|benefits?|revenues?|council\.?tax|"
    r"environment[\w.-]*|waste[\w.-]*|"
    r"recycling|highways?[\w.-]*|streets?[\w.-]*|noreply|no-reply|reception|mail|team[\w.-]*|safeguarding[\w.-]*|"
    r"democratic[\w.-]*)"
)


def find_emails(plain: str, public: PublicContacts) -> Iterator[Piece]:
    """E-mail addresses of persons in a text of plain small letters; shared mailboxes of public bodies are none."""
    if "@" not in plain and "at" not in plain:
        return
    for found in _PLAIN.finditer(plain) if "@" in plain else ():
        address = found[0].strip(".'")
        if not _is_public(address, public):
            start = found.start() + found[0].index(address)
            yield Piece(start, start + len(address), "email", 1.0)
    for pattern in (_HIDDEN, _SPLIT, _SIGN_BY_SIGN):
        for found in pattern.finditer(plain):
            if not _is_public(_written_plainly(found), public) and _is_meant(
                found, hidden=pattern is _HIDDEN
            ):
                yield Piece(*found.span(), "email", 0.9)


def _written_plainly(found: re.Match[str]) -> str:
    def plainly(part: str) -> str:
        for word, sign in (
            ("dot", "."),
            ("point", "."),
            ("underscore", "_"),
            ("dash", "-"),
            ("hyphen", "-"),
            ("plus", "+"),
        ):
            part = re.sub(rf"\s?[\[({{<*]?\s?\b{word}\b\s?[\])}}>*]?\s?", sign, part)
        return re.sub(r"\s", "", part)

    return f"{plainly(found['local'])}@{plainly(found['host'])}.{plainly(found['top'])}"


def _is_meant(found: re.Match[str], *, hidden: bool) -> bool:
    """Whether a bare "at" is an address's: a name is before it, and its dot is a word or its host one of mail."""
    if not hidden:
        return True
    local = found["local"]
    if found["at"].strip() == "@":
        return (
            found["at"] == "@" or re.fullmatch(_WEBMAIL, found["host"]) is not None or "dot" in found["dot"]
        )
    if found["at"].strip() != "at":
        return True
    mail = re.fullmatch(_WEBMAIL, found["host"]) is not None
    if local in _NO_LOCAL_PART and not mail:
        return False
    return "dot" in found["dot"] or "point" in found["dot"] or (mail and local not in _NO_LOCAL_PART)


def _is_public(address: str, public: PublicContacts) -> bool:
    local, _, host = address.rpartition("@")
    if address in public.emails:
        return True
    shared = any(host == domain or host.endswith(f".{domain}") for domain in public.domains)
    return shared and _SHARED_MAILBOX.fullmatch(local) is not None
