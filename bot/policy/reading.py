"""A message as the checks read it: folded to plain letters, and every span of that led back to what was written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import repeat

# Letters of Cyrillic, Greek and Armenian that common fonts draw as Latin ones (Unicode's UTS 39; m, k, t, u by custom).
_FROM = "аеорсухіјѕһԁԛԝӏвкмтнοαειικνρτυχωημսոհց"
_TO = "aeopcyxijshdqwlbkmthoaeiikvptuxwnuunhg"
_LOOK_ALIKES = dict(zip(_FROM, _TO, strict=True))
# These stand for Latin letters wherever they are: small capitals, phonetic letters, and letters with a stroke, which
# Unicode does not take apart.
_ALWAYS_LATIN = dict(
    zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢɑɡɩɐɔıłøđħŧƒȼɨʉ", "abcdefghijklmnopqrstuvwyzagiacilodhtfciu", strict=True)
) | {"æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
_PUNCTUATION = {
    **dict.fromkeys("’‘‚‛`´ʼʹ′＇ˈ", "'"),
    **dict.fromkeys("“”„‟«»″＂", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    "⁄": "/",
    "∕": "/",
    "\u2028": "\n",
    "\u2029": "\n",
}
_OTHER_ALPHABET = re.compile(r"[\u0370-\u058f]")
_LATIN = re.compile(r"[a-z]")
_RUN_OF_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# All that one to one lower case does not settle in a text of ASCII alone: control characters but for the line's end.
_NOT_PLAIN_ASCII = re.compile(r"[\x00-\x09\x0b-\x1f\x7f`]")


@dataclass(frozen=True)
class Reading:
    """A message and its plain form.

    Attributes:
        text: as it was written.
        plain: in small letters without accents, with look-alike letters put right, invisible characters and combining
            marks dropped, quotes and dashes straightened, every white space but the line's end a space.
    """

    text: str
    plain: str
    _origins: tuple[int, ...] | None = field(default=None, repr=False, compare=False)

    def at(self, start: int, end: int) -> tuple[int, int]:
        """Where in `text` a span of `plain` stands, with the marks on its last letter.

        Raises:
            ValueError: the span is not one of `plain`.
        """
        if not 0 <= start <= end <= len(self.plain):
            raise ValueError(f"{start} to {end} is no span of {len(self.plain)} characters")
        if self._origins is None:
            return start, end
        if start == end:
            place = self._origins[start] if start < len(self._origins) else len(self.text)
            return place, place
        finish = self._origins[end - 1] + 1
        while finish < len(self.text) and unicodedata.category(self.text[finish])[0] == "M":
            finish += 1
        return self._origins[start], finish

    @cached_property
    def words(self) -> tuple[tuple[str, int, int], ...]:
        """The words, each with its start and end in `plain`; `don't` is one, `bin-lorry` two."""
        return tuple((found[0], *found.span()) for found in _WORD.finditer(self.plain))


def read(text: str) -> Reading:
    """Read a message. Never raises; its time grows with the length of the text only."""
    if text.isascii() and not _NOT_PLAIN_ASCII.search(text):
        return Reading(text, text.lower())
    folded = [_folded(character) for character in text]
    plain = "".join(folded)
    origins = tuple(place for index, each in enumerate(folded) for place in repeat(index, len(each)))
    return Reading(text, _in_latin_letters(plain), origins)


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """What one character becomes: nothing, itself, or several."""
    if (straight := _PUNCTUATION.get(character)) is not None:
        return straight
    if character.isspace():
        return "\n" if character == "\n" else " "
    if "\U0001f150" <= character <= "\U0001f189" and (offset := (ord(character) - 0x1F150) % 32) < 26:
        return chr(ord("a") + offset)  # white letters on black, which Unicode calls no letters
    for _ in range(2):  # the small form of a few letters can be taken apart once more
        parts = unicodedata.normalize("NFKD", character)
        kept = "".join(part for part in parts if unicodedata.category(part) not in _DROPPED)
        character = unicodedata.normalize("NFKC", kept).casefold()
    return "".join(_PUNCTUATION.get(part, _ALWAYS_LATIN.get(part, part)) for part in character)


# Marks on letters, and what nobody sees: control and format characters, halves of pairs. What is not assigned stays.
_DROPPED = frozenset({"Mn", "Me", "Cc", "Cf", "Cs"})


def _in_latin_letters(plain: str) -> str:
    """Put Latin letters for look-alikes, one for one, where Latin is meant.

    That is in a word all of whose other letters are look-alikes, if it holds a Latin letter too or most of the text is
    Latin; so Greek, Russian and Ukrainian stay what they are.
    """
    others = len(_OTHER_ALPHABET.findall(plain))
    if not others:
        return plain
    mostly_latin = len(_LATIN.findall(plain)) > others

    def mend(found: re.Match[str]) -> str:
        word = found[0]
        if not _OTHER_ALPHABET.search(word) or not (mostly_latin or _LATIN.search(word)):
            return word
        mended = "".join(_LOOK_ALIKES.get(letter, letter) for letter in word)
        return word if _OTHER_ALPHABET.search(mended) else mended

    return _RUN_OF_LETTERS.sub(mend, plain)
