"""Where somebody lives: addresses and postcodes that are a person's, and not the place of a reported problem.

A street with a house number is a place when a problem is reported there ("pothole outside 12 Mill Lane"). It is
somebody's home when the words say so ("I live at", "my address is", "the man at"), when it stands with a named person,
or when it comes with its postcode and the message asks for what one asks for at home (a missed bin, a permit). A bare
house number with a postcode is one too; a postcode by itself where the words say so, beside other personal data, or
in a question such as which day the bins go out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.policy.contacts import PublicContacts
from bot.policy.identifiers import Piece

AREAS = frozenset(
    """
    AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX
    FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP
    NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA
    WC WD WF WN WR WS WV YO ZE
    """.split()  # noqa: SIM905  (a list of codes, to be read as one)
)
"""Royal Mail's postcode areas."""
_ENDINGS = (
    r"street|str|st|road|rd|lane|ln|avenue|ave|av|crescent|cres|terrace|terr|gardens|gdns|mews|grove|gr|close|cl|"
    r"drive|dr|"
    r"way|court|ct|place|pl|hill|row|square|sq|walk|parade|rise|view|yard|wharf|gate|green|buildings|house|heights|"
    r"tower|"
    r"towers|lodge|mansions|villas|cottages|cottage|park|vale|croft|path|passage|quay|fold|bank|end|field|fields|"
    r"mount|"
    r"circus|crest|chase|common|estate|meadow|meadows|approach|boulevard|alley|wynd|brae|glen|mead|leys?|dene|bridge|"
    r"market|corner|nook|garth|embankment|broadway|paddock|orchard|reach|copse|spinney|heath|edge|side|point|"
    r"parkway|link|links"
)
_NUMBER = r"(?:(?:house\s)?(?:no\.?\s?|number\s|num\s)|#)?\d{1,4}\s?(?:[a-h](?![^\W_]))?(?:\s?[-/&]\s?\d{1,4}[a-h]?)?"
_NAME_WORD = r"[^\W\d_]+(?:['-][^\W\d_]+)*"
_NO_NAME = (
    r"(?!(?:the|my|our|your|his|her|their|this|that|these|those|a|an|any|every|each|some|no|same|other|another|"
    r"main|in|on|at|of|by|to|from|for|"
    r"with|near|off|up|down|along|across|over|and|or|is|are|was|were|been|has|have|had|people|bins?|bags?|cars?|"
    r"vans?|years?|months?|weeks?|"
    r"days?|hours?|hrs?|mins?|minutes?|times?|miles?|metres?|meters?|pm|am|big|small|dead|parked|parking|full|more|"
    r"of|others|feet|foot|ft|kids|"
    r"way|storey|bed|door|lane|star|car|seater|tone|ton|children|million|pounds|quid|per|percent|it|they|he|she|we|"
    r"i|you|there|here|who|which|what|when|since|because|so|but)\b)"
)
_STREET_NAME = rf"(?:{_NO_NAME}(?:st\.\s)?{_NAME_WORD}\s+){{1,3}}?(?:{_ENDINGS})(?![^\W_])"
_FLAT = (
    r"(?:(?:ground|first|second|third|top|upper|lower|1st|2nd|3rd|garden)[\s-](?:floor\s)?flat|basement\sflat|basement|"
    r"(?:flat|apartment|apt|unit|bedsit|room|plot|maisonette)\s?(?:no\.?\s?|number\s)?"
    r"(?:\d{1,4}\s?[a-h]?|[a-h]))(?![^\W_])"
)
_JOIN = r"[\s,]{1,3}"
_HOUSE_NAME = (
    rf"(?:{_NO_NAME}{_NAME_WORD}\s+){{1,3}}?"
    r"(?:house|court|heights|tower|towers|lodge|mansions|buildings|point)(?![^\W_])"
)
_ADDRESS = re.compile(
    rf"(?<![\w£$€.,/:#-])(?:"
    rf"(?P<flat>{_FLAT})(?:{_JOIN}(?:(?:of|at|in|"
    rf"on)\s)?(?P<in>(?:{_HOUSE_NAME}{_JOIN})?(?:{_NUMBER}{_JOIN})?(?:{_STREET_NAME}|{_HOUSE_NAME})))?"
    rf"|(?P<numbered>{_NUMBER}(?:{_JOIN}|\s(?:in|on|of)\s){_STREET_NAME}))",
    re.IGNORECASE,
)
_KNOWN_STREET = r"(?<![\w£$€.,/:#-]){number}{join}(?:{names})(?![^\W_])"
_BARE_NUMBER = re.compile(
    r"(?<![^\W_])(?:(?:house\s)?(?:number|no\.?|num)\s?|#)?\d{1,4}[a-h]?(?![\w/:.]|\s?(?:pm|am|%|years|months|"
    r"weeks))",
    re.IGNORECASE,
)
# Royal Mail's form. A letter O for the zero is a common slip, and so are last letters that are never given out.
_POSTCODE = re.compile(
    r"(?<![^\W_])(?P<out>[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Z][0-9][ABEHMNPRVWXY]?))"
    r"(?P<gap>[ \t.-]{0,3}|\n)(?P<in>[0-9O][A-Z]{2})(?![^\W_])",
    re.IGNORECASE,
)
_WHOSE = r"(?:my|our|his|her|their|the|your)"
_LIVING = (
    r"(?:liv(?:e|es|ed|ing)|resid(?:e|es|ed|ing)|stay(?:s|ed|ing)?|lodg(?:e|es|ing)|rent(?:s|ed|ing)?|moved|moving|"
    r"resident|residents|tenants?|occupiers?|householders?)"
)
_KIN = (
    r"(?:mum|mam|mom|mother|dad|father|parents|son|daughter|wife|husband|partner|nan|nana|gran|grandma|granny|"
    r"grandad|grandfather|grandmother|"
    r"sister|brother|aunt|auntie|aunty|uncle|cousin|friend|mate|ex|girlfriend|boyfriend|landlord|landlady|"
    r"neighbours?|tenants?|"
    r"family|lodger|carer|in-laws|client)"
)
_THING = (
    r"(?:house|home|flat|place|property|address|garden|drive|driveway|"
    r"bungalow|maisonette|front\sdoor|door|bins?|recycling|rent|tenancy|gaff)"
)
_AT_HOME = re.compile(
    rf"(?<![^\W_])(?:{_LIVING}\s(?:(?:here|there|alone|currently|now|up|down|over|in|with\s\w+(?:\s\w+)?)\s)?(?:at|"
    rf"in|on|of|to|into|from|opposite\sat)?|"
    rf"{_LIVING}(?:\s(?:a|an|the|my|our)\s(?:\w+\s)?(?:flat|house|room|place|bungalow|maisonette|studio|"
    rf"property)(?:\s(?:at|in|on))?)?|"
    r"(?:i|we|he|she|they)\s(?:own|owns|owned|bought|inherited|sold)|(?:i'm|im|i\sam|we're|we\sare|he's|she's)|"
    rf"home\sis|house\sis|(?:my|our)\s(?:\w+\s)?(?:\w+\s)?(?:step|doorstep|steps|gate|porch|letterbox|windows?|"
    rf"door)|(?:moved|moving|change\sof\saddress[^.!?]{{0,40}})\s(?:out\sof|into|from|to)|into|"
    rf"{_WHOSE}\s(?:\w+\s)?(?:home\s)?add?r+es+(?:es)?(?:\sis|'s|\swas|\sat)?|(?:home|postal|full|current|new|old|"
    rf"delivery|billing)\saddress(?:\sis)?|(?:address|addr)\s?[:=-]|"
    rf"(?:my|our|his|her|their)\s(?:\w+\s)?{_THING}(?:\s(?:\w+\s){{0,3}}?(?:is|are|at|of|for|from|"
    rf"number))?(?:\s(?:at|in|of|number))?|"
    rf"(?:my|our|his|her|their)\s(?:\w+\s)?{_KIN}(?:'s)?(?:\s(?:\w+\s){{0,2}}?(?:at|in|of|from|on|is\sat|lives?|"
    rf"house|home|place|flat))?|"
    rf"{_KIN}'s(?:\s(?:house|flat|home|place|address|bungalow))?(?:\s(?:at|is|in|of))?|"
    r"(?:i'm|im|i\sam|we're|we\sare|he's|she's|they're|he\sis|she\sis|they\sare|who's|who\sis)\s(?:\w+\s)?(?:at|of|"
    r"from)|"
    r"(?:the|that|this|a|an|some|those|these|them)\s(?:[\w'-]+\s){0,3}?(?:man|woman|bloke|guy|lad|lads|lady|couple|"
    r"family|people|lot|person|neighbours?|tenants?|owner|owners|occupier|"
    r"resident|student|students|druggie|dealer|dealers|girl|boy|kid|kids|chap|fella|idiot|idiots|scum|old\sboy|"
    r"old\slady|pensioner|landlord|alcoholic|drunk|paedo|paedophile|nonce)\s(?:(?:who|that)\s\w+\s)?(?:at|in|from|"
    r"of|on)|"
    r"(?:send|post|deliver|sent|posted|delivered|come|visit|pop|collect)\s(?:\w+\s){0,3}?(?:to|at|round\sto|from)|"
    r"write\sto\s(?:me|us|him|her|them)\sat|"
    r"(?:yours|regards|sincerely|thanks)\W{1,3}[^\W\d_]+(?:\s[^\W\d_]+)?|house\s(?:no|number)(?:\sis)?)"
    r"\W{1,3}(?:(?:at|in|is|on|the|number|a)\s){0,2}$",
    re.IGNORECASE,
)
_IS_HOME_AFTER = re.compile(
    r"\W{1,4}(?:[^\W\d_]+\W{1,3}){0,3}?(?:is\s(?:where\s(?:i|we|he|she|they)\sliv|(?:my|our|his|her|"
    r"their)\s(?:[^\W\d_]+\s)?(?:home|house|address|flat|place|[^\W\d_]+'s)(?![^\W_]))|(?:that's|thats|is)\s(?:me|"
    r"us|my\s(?:house|home|address))|(?:where\s)?(?:i|we|he|she|they|(?:my|our|his|her|"
    r"their)\s\w+(?:\s\w+)?)\slives?(?:\s(?:there|here))?(?![^\W_]))",
    re.IGNORECASE,
)
_ONLY_NEAR = re.compile(
    r"(?<![^\W_])(?:outside|opposite|opp|near|nr|next\s(?:door\s)?to|in\sfront\sof|behind|beside|between|"
    r"across\sfrom|along\sfrom|adjacent\sto|close\sto|"
    r"by|past|alongside|rear\sof|back\sof|side\sof|corner\sof|junction\sof|adj|o/s|nearest\s(?:\w+\s)?(?:address|"
    r"property|house|postcode)|location|bus\sstop)"
    r"(?:\s(?:of|to|is))?\W{1,3}(?:(?:the|no|number|house|flats?|property|address|is|of|at|gate|drive(?:way)?|"
    r"entrance)\W{1,3}){0,3}$",
    re.IGNORECASE,
)
_BUSINESS = re.compile(
    r"(?<![^\W_])(?:shop|pub|cafe|café|restaurant|takeaway|kebab|office|offices|store|supermarket|church|mosque|"
    r"school|library|surgery|clinic|"
    r"pharmacy|garage|hotel|salon|barbers?|bakery|branch|centre|center|hall|nursery|business|company|ltd|"
    r"solicitors|warehouse|unit)"
    r"\s(?:\w+\s){0,2}?(?:at|in|on|of|is)\s(?:the\s)?$",
    re.IGNORECASE,
)
_POSTCODE_IS_HOME = re.compile(
    r"(?<![^\W_])(?:(?:my|our|his|her|their)\s(?:\w+\s)?(?:post\s?code(?:'?s)?|postal\scode|pc)|i'm|i\sam|we're|"
    r"we\sare|live|lives|living|lived|"
    r"post\s?code\s(?:for\s)?(?:me|us|mine)|(?:home|house|flat)\sis|post\s?code\sof\s(?:the|my|our)\s(?:house|home|"
    r"flat|property)|(?:new|old|home|billing|current)\spost\s?code|s?he's|shes|hes|"
    r"(?:home|house)\s?(?:address|post\s?code)|(?:my|our|his|her|their)\s(?:\w+\s){0,2}(?:address|house|home|flat|"
    r"place))"
    r"(?:\s(?:is|at|in|on|for|here|to|of|\w+ly|area|the))*\W{0,3}$",
    re.IGNORECASE,
)
_TO_POSTCODE = re.compile(
    r"[\s,.;:-]{0,4}(?:(?!(?:and|or|near|opposite|outside|"
    r"at)\b)[^\W\d_]+(?:['\s-][^\W\d_]+){0,3}[\s,.;:-]{1,4}){0,3}(?:(?:post\s?code|pc)(?:\sis)?[\s:,-]{0,3})?",
    re.IGNORECASE,
)
_NUMBER_BEFORE_POSTCODE = re.compile(
    r"(?<![\w£$€.,/:#-])(?P<number>(?:flat|apartment|apt|house|number|no\.?|num)?\s?(?:number|"
    r"no\.?)?\s?\d{1,4}[a-h]?)[\s,]{1,3}(?:(?:and\s)?(?:my\s|the\s)?post\s?code\s?(?:is)?[\s:]{0,2})?$",
    re.IGNORECASE,
)


class Homes:
    """Finds homes. `public.streets` are names that need no ending to be known, `public.districts` the council's own."""

    def __init__(self, public: PublicContacts) -> None:
        self._public = public
        self._known: re.Pattern[str] | None = None
        if public.streets:
            names = "|".join(
                re.escape(name).replace(r"\ ", r"\s+")
                for name in sorted(public.streets, key=len, reverse=True)
            )
            self._known = re.compile(
                _KNOWN_STREET.format(number=_NUMBER, join=_JOIN, names=names), re.IGNORECASE
            )

    def find(self, text: str, names: list[tuple[int, int]], data: Sequence[Piece] = ()) -> Iterator[Piece]:
        """Homes in a text of plain letters with their capitals.

        `names` is where persons are named in it, `data` what else was found: a postcode beside these is somebody's. An
        address takes in the postcode that ends it.
        """
        postcodes = list(self._postcodes(text))
        homes: list[tuple[int, int]] = []
        for start, end, flat in [*self._addresses(text), *_named_homes(text)]:
            postcode = _following(text, end, postcodes)
            if _is_home(text, start, end, flat, with_postcode=postcode is not None, names=names):
                end = postcode[1] if postcode is not None else end
                homes.append((start, end))
                yield Piece(start, end, "address", 0.8)
        for start, end in postcodes:
            if not any(home_start <= start < home_end for home_start, home_end in homes) and _is_somebodys(
                text, start, end, names, data
            ):
                yield Piece(start, end, "postcode", 0.7)

    def _addresses(self, text: str) -> Iterator[tuple[int, int, bool]]:
        """House numbers with streets, and flats; whether it is a flat."""
        taken: list[tuple[int, int]] = []
        for pattern in (_ADDRESS, self._known):
            for found in pattern.finditer(text) if pattern is not None else ():
                if any(start < found.end() and found.start() < end for start, end in taken):
                    continue
                taken.append(found.span())
                flat = pattern is _ADDRESS and found["flat"] is not None
                yield found.start(), found.end(), flat
        for found in _BARE_NUMBER.finditer(text):
            if not any(
                start < found.end() and found.start() < end for start, end in taken
            ) and _LIVES_AT.search(text, max(0, found.start() - 30), found.start()):
                yield found.start(), found.end(), False

    def _postcodes(self, text: str) -> Iterator[tuple[int, int]]:
        for found in _POSTCODE.finditer(text):
            outward, inward = found["out"].upper(), found["in"].upper()
            whole = outward + inward
            area = re.sub(r"\d.*", "", outward)
            known = outward in self._public.districts or area in AREAS
            apart = (
                found["gap"] not in {"", " "}
                or inward[0] == "O"
                or whole[-2:] in {"PM", "AM", "TH", "ND", "RD", "ST"}
            )
            if whole in self._public.postcodes or (apart and not known):
                continue
            if re.search("[CIKMOV]", inward[1:]) and not (
                outward in self._public.districts or found[0].isupper()
            ):
                continue
            yield found.span()


_LIVES_AT = re.compile(
    r"(?<![^\W_])(?:(?:liv(?:e|es|ed|ing)|stay(?:s|ing))\s(?:(?:next\sdoor|opposite|upstairs|"
    r"across\sthe\sroad)\s)?(?:at|in)|address\sis|(?:up|down|over|next\sdoor)\sat\s(?:number|no\.?))\s?$",
    re.IGNORECASE,
)


def _is_somebodys(
    text: str, start: int, end: int, names: list[tuple[int, int]], data: Sequence[Piece]
) -> bool:
    """Whether a postcode by itself is where somebody lives."""
    lead = max(0, start - 60)
    if _ONLY_NEAR.search(text, lead, start):
        return False
    numbered = _NUMBER_BEFORE_POSTCODE.search(text, max(0, start - 40), start)
    if numbered and not _ONLY_NEAR.search(text, max(0, numbered.start() - 40), numbered.start("number")):
        return True
    if _POSTCODE_IS_HOME.search(text, lead, start) or _said_after(text, end):
        return True
    announced = _POSTCODE_SAID.search(text, lead, start) is not None
    if not _STREET_BEFORE.search(text, lead, start) and (
        _OWN_QUESTION.search(text, max(0, start - 300), end + 300)
        or (announced and _OWN_AFFAIR.search(text, max(0, start - 300), end + 300))
    ):
        return True
    if any(0 <= start - name_end < 30 and "\n\n" not in text[name_end:start] for _, name_end in names):
        return True
    return any(
        piece.kind != "vehicle_plate" and (0 <= start - piece.end < 80 or 0 <= piece.start - end < 80)
        for piece in data
    )


def _is_home(
    text: str, start: int, end: int, flat: bool, *, with_postcode: bool, names: list[tuple[int, int]]
) -> bool:
    lead = max(0, start - 70)
    if _BUSINESS.search(text, lead, start):
        return False
    if _IS_HOME_AFTER.match(text, end):
        return True
    if _ONLY_NEAR.search(text, lead, start):
        return False
    if _AT_HOME.search(text, lead, start) or _beside_a_name(text, start, end, names):
        return True
    if flat and _SOMEBODY_IN_A_FLAT.search(text, lead, start):
        return True
    return with_postcode and _OWN_AFFAIR.search(text, max(0, start - 300), end + 300) is not None


_CAPITAL = r"[A-Z][^\W\d_]*(?:['-][^\W\d_]+)*"
_HOME_NAME = (
    rf"(?:The\s)?(?:{_CAPITAL}\s){{1,3}}?"
    r"(?:Cottage|House|Lodge|Farm|Farmhouse|Barn|Forge|Mill|Villa|Bungalow|Rectory|Vicarage|Manor|Grange|Stables|Oast|Croft|Cottages|"
    r"Gatehouse)"
)
_NAMED_HOME = re.compile(
    rf"(?<![^\W_])(?P<name>(?:{_HOME_NAME}|"
    rf"The\s[A-Z][^\W\d_]+)(?:,\s(?:The\s)?{_CAPITAL}(?:\s{_CAPITAL}){{0,2}})?"
    rf"|{_NUMBER}[,\s]{{1,2}}(?:The\s)?[A-Z][^\W\d_]{{2,}}(?:['-][^\W\d_]+)*(?:\s[A-Z][^\W\d_]+){{0,2}})(?![^\W_])",
)


def _named_homes(text: str) -> Iterator[tuple[int, int, bool]]:
    """Homes with a name instead of a number, or on a street whose name has no ending: the words before tell."""
    for found in _NAMED_HOME.finditer(text):
        if _AT_HOME.search(text, max(0, found.start() - 70), found.start()) and not _ONLY_NEAR.search(
            text, max(0, found.start() - 70), found.start()
        ):
            yield found.start(), found.end(), False


_SOMEBODY_IN_A_FLAT = re.compile(
    r"(?<![^\W_])(?:i|we|he|she|they|who|tenants?|neighbours?|man|woman|bloke|guy|lady|family|couple|people|lad|"
    r"someone|person)\b(?:\W+\w+){0,4}\W+(?:in|at|from|of)\s$",
    re.IGNORECASE,
)


# What one asks for at home.
_OWN_AFFAIR = re.compile(
    r"(?<![^\W_])(?:missed\s(?:\w+\s){0,3}?(?:bins?|collections?|recycling|caddy|caddies|waste|sacks?)|(?:bins?|"
    r"recycling|caddy|waste|food)\s(?:\w+\s){0,2}?missed|"
    r"change\sof\saddress|electoral\s(?:roll|register)|register(?:ed|ing)?\s(?:me|us|to|for|at)|application|"
    r"applying|council\stax|ctax|single\sperson|"
    r"my\s(?:\w+\s)?(?:permit|licence|blue\sbadge|benefit|claim|tenancy|rent|repair|boiler|landlord|flat|house|"
    r"home|garden\swaste|bins?|recycling|collection|caddy|name|account)|"
    r"(?:bulky|garden)\s(?:waste\s)?(?:collection|subscription|waste)|assisted\scollection|moved\s(?:in|out|house|"
    r"home)|new\s(?:bin|caddy|tenant)|sign\sme\sup|"
    r"(?:tenant|occupier|householder|resident)\sof)(?![^\W_])",
    re.IGNORECASE,
)
_POSTCODE_SAID = re.compile(r"(?<![^\W_])(?:post\s?code|pc)(?:\sis)?\W{0,3}$", re.IGNORECASE)
_STREET_BEFORE = re.compile(
    rf"(?<![^\W_])(?:{_ENDINGS}|entrance|side|junction)\W{{1,3}}(?:[^\W\d_]+\W{{1,2}})?$", re.IGNORECASE
)
_OWN_QUESTION = re.compile(
    r"(?<![^\W_])(?:(?:what|which|when|when's|whats|what's|whens|who|who's)\W(?:[^\W_]+\W{1,2}){0,5}?(?:bins?|"
    r"recycling|collections?|collected|polling|ward|catchment|councillors?|rubbish|caddy|"
    r"brown|green|garden\swaste|food\swaste)(?:\s(?:day|days|week|date|dates|station|area|school|night))?|"
    r"(?:bin|recycling|collection)\s(?:days?|week|calendar|dates?)\s(?:for|at|in|is))(?![^\W_])",
    re.IGNORECASE,
)


def _beside_a_name(text: str, start: int, end: int, names: list[tuple[int, int]]) -> bool:
    """A person is named right before the address or right after it, with nothing but small words between."""
    for name_start, name_end in names:
        between = (
            text[name_end:start] if name_end <= start else text[end:name_start] if end <= name_start else None
        )
        if (
            between is not None
            and re.fullmatch(r"\W{0,4}(?:\w+\W{1,3}){0,4}", between)
            and not re.search(r"[.!?]\s|\n\n", between)
        ):
            return not _BUSINESS.search(text, max(0, start - 40), start)
    return False


def _following(text: str, end: int, postcodes: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The postcode that ends the address, with at most the town between."""
    for start, finish in postcodes:
        if 0 <= start - end <= 60 and _TO_POSTCODE.fullmatch(text, end, start):
            return start, finish
    return None


def _said_after(text: str, end: int) -> bool:
    return (
        re.match(
            r"\W{1,3}(?:is|that'?s)\s(?:my|our|his|her|their)\s(?:home\s)?(?:post\s?code|address)",
            text[end:],
            re.IGNORECASE,
        )
        is not None
    )
