"""Places that are named instead of an address: "outside the Co-op", "between the church and the chip shop"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.nlu.codes import Piece

# Things that staff can find once they know the street. "?": the letter may be missing; "_": the space may.
_THINGS = """
church, chapel, cathedral, mosque, temple, gurdwara, synagogue, vicarage, school, primary, nursery,
playgroup, college, university, academy, library, museum, gallery, hospital, infirmary, clinic, surgery,
doctors, dentists?, pharmacy, chemists?, health centre, medical centre, leisure centre, community centre,
sports centre, shopping centre, garden centre, day centre, job centre, arts centre, recycling centre, family
centre, childrens centre, children's centre, youth centre, centre, village hall, town hall, church hall,
scout hall, memorial hall, parish hall, sports hall, bingo hall, city hall, community hall, hall, scout hut,
guide hut, war memorial, memorial, cenotaph, monument, statue, clock tower, train station, bus station,
railway station, tube station, tram station, fire station, police station, petrol station, coach station,
station, garage, multi-storey car_park, multi storey car_park, car_park, multi-storey, multi_storey, bus
stop, bus shelter, tram stop, taxi rank, bridge, foot_bridge, railway bridge, underpass, subway, flyover,
viaduct, roundabout, zebra crossing, pedestrian crossing, level crossing, pelican crossing, crossing,
traffic lights, crossroads, canal, river, brook, stream, canal towpath, tow_path, lock, weir,
pond, lake, harbour, quay, pier, slipway, marina, beach, park gates?, park entrance, school gates?, school
entrance, park, playground, play_area, play_park, skate_park, rec, recreation ground, playing fields?,
allotments?, cemetery, graveyard, churchyard, crematorium, golf course, golf club, cricket club, cricket
ground, cricket pitch, rugby club, rugby ground, football club, football ground, football pitch, bowls club,
bowling green, tennis club, tennis courts?, social club, sailing club, rowing club, working men's club,
youth club, stadium, swimming pool, swimming baths, leisure pool, pool, gym, pub, inn, hotel, hostel,
caf[eé], restaurant, take_away, chip shop, chippy, chippie, kebab shop, kebab place, corner shop, charity
shop, betting shop, vape shop, flower shop, paper shop, sweet shop, barber shop, shops?, supermarket, off
licence, off-licence, offie, post office, bank, cash_machine, cash_point, bookies, barbers?, hairdressers?,
nail bar, bakers, bakery, butchers?, florists?, launderette, newsagents?, market, arcade, retail park,
industrial estate, trading estate, housing estate, business park, cinema, theatre, fountain, bandstand,
phone box, post_box, care home, nursing home, depot, tip, farm, mill, tower, castle, court house, boat_yard,
dock, woods, nature reserve
"""
_THING = (
    "(?:"
    + "|".join(
        re.sub(r"\s+", r"\\s+", each).replace("_", r"\s?") for each in re.split(r",\s*", _THINGS.strip())
    )
    + ")"
)
# Behind these a thing need not have an article; behind the weak ones it must.
_STRONG = (
    r"(?:outside|near(?:\s+to|by|est\s+to)?|nr|opposite|opp\.?|behind|beside|next\s+(?:door\s+)?to|in\s+front\s+of"
    r"|across\s+(?:the\s+road\s+)?from|over\s+from|(?:back|rear|side|front|top|bottom|end|entrance|corner|edge|foot)\s+(?:of|to)"
    r"|adjacent\s+to|close\s+to)"
)
_WEAK = r"(?:by|past|at|under(?:neath)?|inside|along(?:side)?|towards?|on|round|around)"
_IN = r"(?:in|into|from|through|leaving|between|and)"
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
# No part of the name of a thing: they point at a person, at another thing, or begin another sentence.
_NOT_WITHIN = (
    r"(?!(?:my|our|your|his|her|their|its|this|that|these|those|another|any|every|each|some|no|and|or|but|with|when|where"
    r"|which|who|is|are|was|were|has|have|had|can|could|will|would|do|does|did|us|me|you|we|they|he|she|i|so|because|if|it|there|here|then|also|please|the|a|an|of|to|in|on|at|for|from"
    r"|by|near|outside|behind|opposite|beside|just|still|not|where'?s|street|road|lane|avenue|close|drive|rd|st|ave)\b)"
)
_THING_AFTER = rf"((?:{_NOT_WITHIN}{_WORD}\s+){{0,2}}?(?:{_THING}\s+){{0,2}}{_THING})(?![\w'’-])"
_BEHIND_STRONG = re.compile(
    rf"(?<!\w){_STRONG}\s+(?:(?:the|a|an|old|new|local)\s+){{0,2}}{_THING_AFTER}", re.IGNORECASE
)
_BEHIND_WEAK = re.compile(rf"(?<!\w){_WEAK}\s+the\s+{_THING_AFTER}", re.IGNORECASE)
_BETWEEN = re.compile(
    rf"(?<!\w)between\s+(?:the\s+)?{_THING_AFTER}\s+(?:and|&)\s+(?:the\s+)?{_THING_AFTER}", re.IGNORECASE
)

_CAPITAL = r"[A-Z][\w’']*(?:[-&][\w’']+)*"
_NAME = rf"({_CAPITAL}(?:\s+(?:(?:and|&|of|the|on|in)\s+(?:the\s+)?)?{_CAPITAL}){{0,3}})"
_NAMED_BEHIND = re.compile(rf"(?<!\w)(?i:{_STRONG}\s+(?:the\s+)?){_NAME}(?![\w'’-])")
_NAMED_THING = re.compile(
    rf"(?<![\w'’-])((?:{_CAPITAL}\s+){{1,3}}(?i:{_THING}|estate|house|flats|buildings?|lodge))(?![\w'’-])"
)
_PUB = re.compile(
    rf"(?<![\w'’-])(?:(?i:the)\s+)((?:{_CAPITAL}\s+(?:(?:and|&)\s+)?){{1,2}}"
    r"(?:Arms|Head|Inn|Tavern|Lion|Hart|Horse|Duck|Crown|Bell|Plough|Fox|Anchor|Oak|Swan|Dog|Bull|Ship|Star|Hotel))(?!\w)"
)
_ROAD_NUMBER = re.compile(r"(?<![\w£$€#/-])(?:A\d{2,4}|B\d{3,4}|M\d{1,2})(?:\s?\(M\))?(?![\w-])")
_ELSEWHERE = re.compile(
    r"(?<!\w)(?i:(?:live|lives|living|moved?|moving|comes?|came|coming|visiting|drives?|driving|travel\w*|relocat\w+)"
    rf"\s+(?:\w+\s+)?(?:in|from|to|over\s+from|up\s+from|down\s+from)\s+)({_CAPITAL}(?:\s+{_CAPITAL})?)(?![\w'’-])"
)
_NO_NAMES = frozenset(
    """
    no's no’s i i'm i’m i've i’ve my our your his her their its it it's the a an this that these those there here
    we you he she they monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december christmas easter please thanks thank hi hello dear no yes
    not and but or so if when what why who how where is are was has have can could will would do does did just
    very mr mrs ms miss dr council sir madam bin bins
    """.split()  # noqa: SIM905  (a list of words, to be read as one)
)
_SHOUTED = 0.6


def find_landmarks(text: str) -> list[Piece]:
    """Things and names behind a word that says where, without that word and the article; names that end as those of
    public places do; numbered roads and towns elsewhere. All are `named_place`: for staff to see, but too vague for a
    link. In order; the longest where several overlap.
    """
    kept: list[Piece] = []
    for piece in sorted(_pieces(text), key=lambda piece: (piece.start - piece.end, piece.start)):
        if not any(piece.start < other.end and other.start < piece.end for other in kept):
            kept.append(piece)
    return sorted(kept, key=lambda piece: piece.start)


def _pieces(text: str) -> Iterator[Piece]:
    for pattern in (_BETWEEN, _BEHIND_STRONG, _BEHIND_WEAK):
        for match in pattern.finditer(text):
            for group in range(1, (match.lastindex or 0) + 1):
                yield _piece(text, *match.span(group))
    for match in _ROAD_NUMBER.finditer(text):
        yield _piece(text, *match.span())
    if shouted(text):
        return
    for pattern in (_NAMED_THING, _PUB, _NAMED_BEHIND, _ELSEWHERE):
        for match in pattern.finditer(text):
            start = _name_begins(text, *match.span(1))
            if start is not None and not (
                pattern is _NAMED_THING and _may_begin_a_sentence(text, start, match.end(1))
            ):
                yield _piece(text, start, match.end(1))


def says_where(text: str, start: int) -> bool:
    """Whether a word that says where stands right before `text[start]`, but for an article."""
    return _SAYS_WHERE.search(text[max(0, start - 40) : start]) is not None


_SAYS_WHERE = re.compile(rf"(?<!\w)(?:{_STRONG}|{_WEAK}|{_IN})\s+(?:(?:the|a)\s+)?$", re.IGNORECASE)


def _piece(text: str, start: int, end: int) -> Piece:
    return Piece("named_place", re.sub(r"\s+", " ", text[start:end]), start, end)


def shouted(text: str) -> bool:
    """Whether most letters are capitals, so that a capital says nothing."""
    letters = [letter for letter in text if letter.isalpha()]
    return sum(letter.isupper() for letter in letters) > _SHOUTED * len(letters)


def _name_begins(text: str, start: int, end: int) -> int | None:
    """Past the words at its head that are no names; None if no word is left."""
    for word in re.finditer(r"\S+", text[start:end]):
        if word[0].casefold() not in _NO_NAMES:
            return start + word.start()
    return None


def _may_begin_a_sentence(text: str, start: int, end: int) -> bool:
    """Whether the capital may be that of any first word: "Dirty park"."""
    before = text[:start].rstrip()
    first, *others = text[start:end].split()
    alone = not any(word[:1].isupper() for word in others)
    return (not before or before[-1] in ".!?\n") and alone and not first.endswith(("'s", "’s"))
