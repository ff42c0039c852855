"""Emoji that residents use in place of words, and the letters that are drawn as emoji."""

from __future__ import annotations

import re

# Those that carry the meaning of a message; all others, faces above all, are dropped.
EMOJI_WORDS = {
    # answers
    "👍": "yes thumbs up", "👎": "no thumbs down", "👌": "ok", "🆗": "ok", "✅": "yes", "✔": "yes", "☑": "yes",
    "❌": "no", "✖": "no", "❎": "no", "🙏": "thank you", "❓": "?", "❔": "?", "❗": "!", "❕": "!", "👋": "hello",
    # danger
    "🔥": "fire", "🚒": "fire engine", "🧯": "fire extinguisher", "🚨": "emergency", "🆘": "help emergency",
    "🚑": "ambulance", "🚓": "police", "🚔": "police", "👮": "police", "🔪": "knife", "🔫": "gun", "💣": "bomb",
    "💥": "crash explosion", "🩸": "blood", "⚠": "warning", "☠": "poison", "☣": "hazardous waste",
    # animals
    "🐀": "rat", "🐁": "mouse", "🐭": "mouse", "🪳": "cockroach", "🐝": "wasps", "🐜": "ants", "🪰": "flies",
    "🕷": "spider", "🐍": "snake", "🐕": "dog", "🐶": "dog", "🐩": "dog", "🦮": "dog", "🐈": "cat", "🐱": "cat",
    "🦊": "fox", "🦡": "badger", "🦔": "hedgehog", "🐿": "squirrel", "🦇": "bats", "🦢": "swan", "🦆": "duck",
    "🐦": "bird", "🕊": "pigeon", "🐴": "horse", "🐎": "horse", "🐄": "cow", "🐑": "sheep", "🐟": "fish",
    # waste
    "💩": "poo", "🗑": "bin", "🚮": "litter bin", "♻": "recycling", "🛋": "sofa", "🛏": "bed", "🪑": "chair",
    "🚪": "door", "🪟": "window", "📺": "television", "🖥": "computer", "🔋": "battery", "📦": "cardboard box",
    "🥫": "tin", "🍾": "bottle", "🛒": "shopping trolley", "💉": "syringe needle", "💊": "drugs", "🚬": "cigarette",
    "🤮": "vomit", "🧻": "toilet paper", "🎄": "christmas tree", "🧹": "sweeping", "📰": "newspaper",
    # streets
    "🚗": "car", "🚙": "car", "🚘": "car", "🏎": "car", "🚐": "van", "🚚": "lorry", "🚛": "lorry", "🚜": "tractor",
    "🏍": "motorbike", "🛵": "moped", "🚲": "bike", "🚴": "cyclist", "🛴": "scooter", "🛹": "skateboard",
    "🚌": "bus", "🚍": "bus", "🚏": "bus stop", "🚋": "tram", "🚕": "taxi", "🚖": "taxi", "🚆": "train",
    "🚉": "station", "🚦": "traffic lights", "🚥": "traffic lights", "🚧": "roadworks", "🛑": "stop",
    "⛔": "no entry", "🅿": "parking", "🚸": "school crossing", "🕳": "hole", "💡": "light", "🛣": "road",
    "🌉": "bridge", "🪧": "sign", "🚶": "pedestrian", "♿": "wheelchair", "🦽": "wheelchair", "🦼": "wheelchair",
    # nature and weather
    "🌳": "tree", "🌲": "tree", "🌴": "tree", "🪵": "log", "🌿": "weeds", "🍂": "leaves", "🍁": "leaves",
    "🌊": "flood", "💧": "water", "💦": "water", "🌧": "rain", "⛈": "storm", "🌩": "storm", "❄": "snow", "⛄": "snow",
    "☃": "snow", "🌨": "snow", "🧊": "ice", "⚡": "electricity", "🔌": "electricity",
    # homes and services
    "🏠": "house", "🏡": "house", "🏚": "derelict house", "🏢": "building", "🏗": "building work", "🔨": "repair",
    "🔧": "repair", "🛠": "repair", "🔑": "key", "🚽": "toilet", "🚻": "public toilet", "🛁": "bath", "🚿": "shower",
    "🚰": "tap water", "🏫": "school", "🏥": "hospital", "📚": "library books", "📖": "book", "🏊": "swimming",
    "🏋": "gym", "⚽": "football", "🎾": "tennis", "🛝": "playground", "🎠": "playground", "🏞": "park",
    "👶": "baby", "🚼": "baby", "🧒": "child", "💍": "wedding", "⚰": "funeral", "🪦": "grave", "🗳": "vote",
    "💷": "money", "💰": "money", "💳": "pay by card", "🧾": "bill", "📅": "date", "📆": "date", "📞": "phone",
    "☎": "phone", "📱": "phone", "📧": "email", "✉": "letter", "🎆": "fireworks", "🎇": "fireworks", "🧨": "fireworks",
    "🔊": "loud noise", "📢": "loud noise", "🎵": "music", "🎶": "music", "🎉": "party",
    "🍺": "drinking", "🍻": "drinking",
}  # fmt: skip

# ISO 3166-1: two regional indicators next to each other are a flag only if they name one of these.
_COUNTRIES = frozenset(
    """
    AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ
    FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM
    MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT
    PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL
    TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """.split()  # noqa: SIM905  (a list of codes, to be read as one)
)
_INDICATORS = re.compile(r"[\U0001f1e6-\U0001f1ff](?: ?[\U0001f1e6-\U0001f1ff])*")
_FIRST_INDICATOR = 0x1F1E6
# White letters on discs and squares. The blood groups and the sign for parking are among them.
_DISCS = re.compile(r"[\U0001f150-\U0001f169\U0001f170-\U0001f189]{2,}")
_FIRST_DISC, _FIRST_SQUARE = 0x1F150, 0x1F170


def letters_of_emoji(text: str) -> str:
    """Write out the words that are spelt in letters drawn as emoji; flags become a space."""
    return _DISCS.sub(_discs, _INDICATORS.sub(_indicators, text))


def _discs(found: re.Match[str]) -> str:
    return "".join(
        chr(ord("A") + ord(each) - (_FIRST_SQUARE if ord(each) >= _FIRST_SQUARE else _FIRST_DISC))
        for each in found[0]
    )


def _indicators(found: re.Match[str]) -> str:
    words = []
    for word in [found[0].replace(" ", "")] if _spaced(found[0]) else found[0].split(" "):
        letters = "".join(chr(ord("A") + ord(each) - _FIRST_INDICATOR) for each in word)
        flags = len(letters) % 2 == 0 and all(
            letters[at : at + 2] in _COUNTRIES for at in range(0, len(letters), 2)
        )
        words.append("" if flags or len(letters) == 1 else letters)
    return " " + " ".join(words) + " "


def _spaced(written: str) -> bool:
    """Whether single letters stand apart, as they must on some platforms lest they join to flags."""
    return " " in written and all(len(letter) == 1 for letter in written.split(" "))
