"""Letters that look like those of the Latin alphabet: from other scripts, small capitals, and stacked marks."""

from __future__ import annotations

import re

# Those letters of Cyrillic and Greek that common fonts draw as Latin ones (Unicode's UTS 39, and m, k, t by custom).
_FROM = "аеорсухіјѕһԁԛԝӏвкмтнАВЕКМНОРСТХУІЈЅҺԚԜοαειικνρτυχωηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_TO = "aeopcyxijshdqwlbkmthABEKMHOPCTXYIJSHQWoaeiikvptuxwnABEZHIKMNOPTYX"
_LOOK_ALIKES = str.maketrans(dict(zip(_FROM, _TO, strict=True)))
# Small capitals and letters of phonetic alphabets, which are always meant for Latin letters.
_LATIN_ALL_THE_SAME = str.maketrans(
    dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢɑɡɩ", "abcdefghijklmnopqrstuvwyzagi", strict=True))
)
_MARKS = re.compile(r"([A-Za-z])[\u0300-\u036f\u0483-\u0489\u20d0-\u20ff]+")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")
_OTHER = re.compile(r"[\u0370-\u052f]")


def latin_letters(text: str) -> str:
    """Put Latin letters in the place of those that only look like them.

    A word of Latin and other letters is mended if every other letter in it is a look-alike; a word of look-alikes only,
    if most of the text is Latin, so that Greek, Russian or Ukrainian stays what it is.
    """
    text = _MARKS.sub(r"\1", text.translate(_LATIN_ALL_THE_SAME))
    others = len(_OTHER.findall(text))
    if not others:
        return text
    mostly_latin = len(_LATIN.findall(text)) > others

    def mend(found: re.Match[str]) -> str:
        word = found[0]
        if not _OTHER.search(word) or not (mostly_latin or _LATIN.search(word)):
            return word
        mended = word.translate(_LOOK_ALIKES)
        return word if _OTHER.search(mended) else mended

    return _WORD.sub(mend, text)
