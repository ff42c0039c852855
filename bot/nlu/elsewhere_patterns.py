"""What stands beside the name of a place when a message is about that place's council, and what when it is not.

`…_BEFORE` are sought in the words of the same sentence before the name, `…_AFTER` are matched right behind it; the
others are sought in the whole message. All but `NAMED_COUNCIL` and its kind disregard case.
"""

from __future__ import annotations

import re

_SPACED = re.VERBOSE | re.IGNORECASE


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, _SPACED)


# --- what councils do -------------------------------------------------------------------------------------------------

# Of a council wherever it stands: "Salford council tax", "the Swindon tip".
_SERVICE = r"""
    (?:bins?|(?:green|brown|blue|black|grey|garden|wheelie|food)\s(?:bins?|waste|box\w*)|bin\s(?:day
    |collections?|lorr\w+|men|strike)|recycling(?:\s(?:centre|boxe?s?|bins?))?|refuse|rubbish
    |(?:household\s)?waste|tip|fly.?tipping|litter|pot\s?holes?|roads|road\s?works|road\sclosures?|streets
    |pavements|gritt(?:ers?|ing)|street\s?(?:lights?|lamps?|lighting|cleaning|sweep\w+)|clean\sair|glass
    |cardboard|ring\sroad|(?:(?:on|off)[-\s]?street\s)?parking(?:\s(?:fines?|tickets?|permits?|charges?
    |wardens?|enforcement|services|zone|restrictions))?|(?:resident'?s?'?|visitor'?s?'?
    |controlled)\s(?:permits?|parking|zone)|permits?|pcns?|fines?|penalty\scharge\w*
    |bus\slanes?(?:\s(?:fines?|pcns?|cameras?))?|clean\sair\szone|(?:school\sstreets?|traffic\swardens?
    |civil\senforcement)|traffic\slights|council\stax|(?:second\shome|business)\s(?:tax|rates)
    |housing(?:\s(?:list|register|benefit|office|team|options|applications?|department))?|homeless\w*
    |planning(?:\s\w+)?|building\scontrol|social\s(?:services|work\w*|care|housing)|care\sassessments?
    |library(?:\s(?:cards?|books?))?|libraries|register\soffice|registr(?:y|ars?)(?:\soffice)?|crematorium
    |cemeter(?:y|ies)|councillors?|cllrs?|mayor|elections?\soffice|electoral\s\w+|polling\s\w+
    |blue\sbadges?|bus\spass(?:es)?|school\s(?:admissions?|places?|catchments?)|schools|admissions
    |environmental\shealth|trading\sstandards|licensing|taxi\slicen\w+|allotments?|public\s(?:toilets
    |loos)|town\shall|civic\scentre|customer\s(?:services?|centre)|call\scentre|website|pest\scontrol
    |dog\swardens?|benefits?(?:\s\w+)?|christmas\s(?:lights|market)|market\s(?:stall|pitch|traders?))
"""
# Sure enough to follow a name that is also a word: "Bath clean air zone", "Bury council tax".
_SURE_SERVICE = r"""
    (?:bin\s(?:day|collections?)|clean\sair\szone|bus\slane\w*|parking\s(?:fines?|tickets?|permits?)
    |resident'?s?'?\s(?:permits?|parking)|council\stax|library\scards?|garden\swaste|housing\s(?:list
    |register|benefit)|recycling\scentre|register\soffice|town\shall|social\sservices
    |planning\s(?:department|office|applications?|permission)|environmental\shealth)
"""
# Of a council if the place is: "the prom at Southend", "on Grey Street in Newcastle", "my flat in Croydon".
_THING = rf"""
    (?:{_SERVICE}|dump|skips?|holes?|crater|road|street|lane|avenue|close|pavement|kerb|path|alley|verge
    |lights?|lamps?|zebra\scrossings?|bollards?|tickets?|charges?|summons|licen[cs]es?|permission
    |application|appeals?|registration|certificates?|wedding|grave|vote|pass|badge|card|benefits|school
    |primary|nursery|college|flat|house|estate|block|tower|street|trees?|hedges?|weeds|grass|park
    |playground|playing\sfields?|swings|promenade|prom|seafront|beach|pier|market|toilets?|loos|baths
    |swimming|leisure\scentre|museum|town\scentre|city\scentre|high\sstreet|car\s?park|neighbours?|rats?
    |mice|bottles|fountain|potholes?|pests?|wasps|noise|mess|poo|fouling|graffiti|mattress\w*|sofas?
    |fridges?|rubble|bags|needles|damp|mould|council|fair|festival|fireworks|lights|care\shome|carers?
    |drains?|flooding|works|scaffold\w*|notice|busk\w*|landlord|environmental\shealth|library|tip|tram)
"""
_ANOTHER_CLAUSE = r"""
    (?:i|i['’]?m|we|he|she|they|who|than|from|lives?|living|lived|works?|working|moved?|moving|am|was|were
    |and|but|or|because|so|if|while)\b
"""
_S = r"(?:['’]s?)?"

MATTER = re.compile(rf"(?<!\w){_THING}(?!\w)", _SPACED)
TAG_MATTER = re.compile(rf"(?:(?<!\w)|(?-i:(?<=[a-z])(?=[A-Z]))){_THING}(?!\w)", _SPACED)
SERVICE_AFTER = re.compile(
    rf"""
    {_S}\s+(?:(?:city|town|borough|district|county|central|main)\s+)?{_SERVICE}(?![\w-])
    """,
    _SPACED,
)
SURE_SERVICE_AFTER = re.compile(rf"{_S}\s+{_SURE_SERVICE}(?![\w-])", _SPACED)
# "the tip in Stockport", "a whopping great pothole on Ecclesall Road in Sheffield"
THING_BEFORE = re.compile(
    rf"""
    (?<!\w){_THING}(?:['’]?s)?(?![\w-])(?:,?\s+(?!{_ANOTHER_CLAUSE})[\w'’£-]+){{0,6}}?\s+(?:in|at
    |a?round)\s+$
    """,
    _SPACED,
)
SERVICE_FOR_BEFORE = re.compile(
    rf"""
    (?<!\w)(?:{_SERVICE}|card|number|form)(?:\W+[\w'’]+){{0,2}}?\W+for\s+$
    """,
    _SPACED,
)
SURE_SERVICE_FOR_BEFORE = _any_case(rf"(?<!\w){_SURE_SERVICE}\s+for\s+$")
# "bin not collected Middlesbrough", and no more
ENDS_BEFORE = _any_case(
    rf"""
    ^(?=.*(?<!\w){_SERVICE}(?!\w))(?!.*\b(?:to|from|like|than|and|beat|for|with|near|via|by|the|of|in|at|not|a|mr|is)\W+$)
    (?:[\w'’£&-]+\W+){{1,6}}$
    """
)
END_AFTER = _any_case(r"(?:\s+[a-z]{1,2}\d{1,2}[a-z]?)?\W*$")
# "Grey Street, Newcastle"
STREET_BEFORE = _any_case(
    r"""
    \b(?:street|st|road|rd|lane|avenue|ave|close|drive|crescent|terrace|gardens|grove|way|court|place
    |square|hill),\s*$
    """
)
PAPER_FROM_BEFORE = _any_case(
    r"""
    \b(?:fine|ticket|pcn|summons|bill|letter|charge|demand|reminder|certificate)s?\s+(?:is\s+|was\s+
    |came\s+)?from\s+$
    """
)

# --- who is meant -----------------------------------------------------------------------------------------------------

_KIND = r"(?:city|borough|county|district|metropolitan|metro|town|unitary|islands?|london)"
COUNCIL_AFTER = _any_case(
    rf"""
    {_S}\s+(?:{_KIND}\s+(?:(?:and|&)\s+{_KIND}\s+)?){{0,3}}council\b(?!\s+(?:of|vans?|lorr\w+|vehicles?
    |trucks?|workers?|workmen|drivers?|staff|employees?|jobs?)\b)
    """
)
SHORT_AFTER = re.compile(r"\s+(?:DC|BC|MBC|MDC|LBC|CBC|CC(?!\s+(?:[Mm]atch|[Gg]round|[Pp]itch)))\b")
OF_BEFORE = _any_case(r"\b(?:borough|county|district|council|city|ward)\s+(?:of|in|for|at)\s+$")
HAS_AFTER = re.compile(rf"['’]s\s+(?:[\w'’]+\s+)?{_THING}(?![\w-])", _SPACED)
PART_AFTER = _any_case(
    r"""
    \s+(?:city\s+centre|town\s+centre|quayside|seafront|prom|promenade|high\s+street|beach|pier|market)\b
    """
)
PATCH_AFTER = _any_case(rf"{_S}\s+patch\b")
GREETING_BEFORE = _any_case(
    r"""
    ^\W*(?:@\w+\s+)*(?:hi|hiya|hello|hey|hullo|dear|morning|good\s+\w+|afternoon|evening|oi|wake\s+up
    |come\s+on|yo|hi\s+there)\W+$
    """
)
BLAME_BEFORE = _any_case(
    r"""
    \b(?:shame\s+on(?:\s+you)?,?|disgrace,?|sort\s+(?:it|your\s+\w+)\s+out,?|nice\s+one,?|cheers,?
    |thanks,?|well\s+done,?|(?:speak|talk|through)\s+to)\s+$
    """
)
ASKED_BEFORE = _any_case(
    r"""
    \b(?:do\s+you\s+(?:cover|do|deal\s+with|look\s+after|serve|run)|(?:(?:^|[,;:]\s*|(?:hi|hello|sorry
    |@\w+)\W+)is\s+(?:this|that|it)|are\s+you|am\s+i\s+(?:through|talking)\s+to)(?:\s+the\s+people\s+(?:in
    |of))?|(?:i\s+)?(?:wanted|want|meant|looking\s+for|i['’]?m\s+after|trying\s+to\s+(?:reach|get))|someone\s+at
    |somebody\s+at|anyone\s+at|you'?re\s+not)\s+$
    """
)
DOES_AFTER = _any_case(
    r"""
    \s+(?:have|has|had|is|are|want|wants|won'?t|wont|wouldn'?t|keeps?|still|never|charge[sd]?|sent|sends?
    |refus\w+|left|lost|fined|took|takes?|did|does|do|don'?t|doesn'?t|sorted|run|runs|ignor\w+|owes?|put
    |gave|billed|will|run|offer|charge|collect|empty|finish|double|cut|cuts|closed|switched|doubled
    |felling|traffic)\b
    """
)
STOP_AFTER = re.compile(r"\s?(?:\.|!|\u2026|:|\s[-–—]\s)")
COMMA_AFTER = re.compile(r",\s")
SORT = _any_case(
    r"""
    \bsort\s+(?:it|this|them|your|yourselves)\b|\byour\s+(?:roads?|bins?|streets?|potholes?|pavements?
    |parks?|lights?)\b
    """
)
IN_BEFORE = _any_case(r"\b(?:in|at|for|to|from|by)\s+$")
NOT_YOU = _any_case(
    r"""
    \b(?:wrong\s+(?:council|lot|town|city)|not\s+(?:even\s+)?(?:my|our|your|the\s+right)\s+council
    |different\s+council|another\s+council|other\s+council|which\s+council|know\s+you(?:'?re|\s+are)\s+not
    |you'?re\s+not\s+(?:them|the)|their\s+(?:page|twitter|facebook|account|line|phone)\s+(?:doesn'?t
    |does\s+not|won'?t))\b
    """
)
ITS_IN_BEFORE = _any_case(
    r"""
    (?:^|[^\w'’])(?:it['’]?s|it\s+is|this\s+is|that['’]?s|this\s+one['’]?s)\s+(?:over\s+|up\s+
    |down\s+)?(?:in|at)\s+$
    """
)
WHEN_BEFORE = _any_case(
    r"""
    \b(?:when|why|how\s+long|if|whether|what|which\s+day)\s+(?:(?:will|is|are|does|do|has|have|can
    |did)\s+)?$|^\W*(?:does|do|did|will|would|has|have|can|could|should|is|are)\s+$
    """
)
I_AM_IN_BEFORE = _any_case(
    r"""
    (?:^|[^\w'’])(?:i['’]?m|i\s+am|we['’]?re|we\s+are|i\s+live|we\s+live|i\s+rent|we\s+rent|(?:i['’]?m
    |we['’]?re)\s+(?:living|renting))\s+(?:now\s+|only\s+|actually\s+|all\s+)?(?:over|up|down|out|here
    |across)?\s*(?:in|at)\s+$
    """
)
LAD_AFTER = _any_case(
    r"""
    \s+(?:lad|lass|man|woman|resident|residents|tenant|homeowner|local)\s+(?:here|and)\b
    """
)
TO_BEFORE = _any_case(
    r"""
    \b(?:moved?|moving|move|relocat\w+|off)\s+(?:\w+\s+){0,3}?(?:to|into|in)\s+$|\bout\s+of\s+\w+\s+to\s+$
    """
)
THERE = _any_case(r"\b(?:(?:over|up|down)\s+there|there|their|theirs|they|them)\b")
HOME = _any_case(
    r"""
    \b(?:my|our|the|round)\s+(?:\w+\s+)?(?:bins?|street|road|estate|house|flat|home|council\s+tax
    |neighbours?|renewal|application|block|recycling|rubbish|lamp|light|school)|\b(?:round\s+here|there
    |missed\s+bin|bin\s+day|damp|mould)\b|\bnot\s+\w+\s*$
    """
)

# --- when the name is no place, or not the place of the matter --------------------------------------------------------

NO_PLACE_BEFORE = re.compile(
    r"""
    (?:[@/.\w][-–]|\b(?i:new|little|old|mr|mrs|ms|miss|dr|sir|lady|lord|cllr|councillor|uncle|aunt|auntie
    |pc|sgt|red|double|duke\s+of|earl\s+of|prince\s+of|the\s+old)\s+)$
    """,
    re.VERBOSE,
)
_STREETS = r"""
    road|rd|street|st|lane|ln|avenue|ave|close|cl|drive|dr|crescent|cres|terrace|gardens|gdns|mews|grove
    |way|court|ct|place|hill|row|square|sq|walk|parade|rise|view|yard|wharf|gate|green|buildings|bank
    |house|villas|lodge|cottages?|towers?|point|heights|park|bridge|common|fields?|wood|woods|mill|mills
    |quay|dock|roundabout|estate
"""
_TEAMS = r"""
    united|utd|rovers|wanderers|albion|athletic|villa|hotspur|rhinos|warriors|tigers|bulls|saints|giants
    |wolves|city\s+(?:fc|won|lost|match|fans?|game|ground|till)|town\s+(?:fc|won|lost|match|fans?)
    |county\s+(?:fc|won|lost|match|fans?|cricket|ground)|fc|rfc|afc|rlfc|ccc|forest|argyle|orient|palace
    |north\s+end|alexandra|stanley|marathon|festivals?|derby|won|lost|fans?|match|game|supporters?
"""
_FIRMS = r"""
    arms|inn|head|tavern|hotel|bar|pub|club|rugby|cricket|football|building\s+society|bank|university|uni
    |college|academy|hospital|infirmary|airport|station|coach|railway|train|line|services|stands?|sauce
    |biscuits?|sausages?|stone|ham|pasty|pasties|pudding|cheese|cakes?|tarts?|buns?|sole|angus|cream
    |bomber|terrier|tea|water|crossing|carriages?|cabs?|hackney|van|tub|bath|driver|plates?|list|group
    |room|scheme|challenge|glasses|material|week|end|government|politicians|mps?|parliament|bubble|bridge
    |weather|accent|lights\s+on|based|bound
"""
NO_PLACE_AFTER = _any_case(
    rf"""
    [’']?s?\s+(?:{_STREETS}|{_TEAMS}|{_FIRMS})(?![\w'’-])|[-–/]\w|\.(?:gov|com|org|co|uk)|\s+(?:and
    |&)\s+(?:sons?|co)\b
    """
)
# A capital letter behind it makes another name of it, but for these.
NAME_GOES_ON_AFTER = re.compile(
    r"""
    \s+(?!(?:City|Borough|County|District|Metropolitan|Council|Town|North|South|East|West|Central|Tip
    |Library|I|I['’]\w+|DC|BC|CC|MBC|MDC|LBC|CBC|PCN|Is|When|Where|What|How|My|The)\b)[A-Z]
    """,
    re.VERBOSE,
)

_PERSON = r"""
    (?:sister|brother|mum|mam|mom|mother|dad|father|nan|nana|gran|grandma|granny|grandad|son|daughter|lad
    |lass|kids?|cousin|aunt|auntie|uncle|friend|mate|pal|boyfriend|girlfriend|partner|husband|wife
    |parents?|family|relatives?|in-laws?|landlord|landlady|agents?|agency|owner|owners|freeholder|company
    |firm|head\s+office|solicitor|colleague|niece|nephew|people|person|ex|boss|carer|student|students
    |someone|somebody|anybody|anyone|who)
"""
PERSON_BEFORE = _any_case(
    rf"""
    \b{_PERSON}(?:['’]?s)?\s+(?:who\s+|that\s+)?(?:(?:is|are|was|'s|lives?|living|lived|based|works?
    |stays?|staying|moved|back|over|up|down|away|off|now|out|who|at|uni|university|college
    |also)\s+){{0,3}}in\s+$|\b{_PERSON}(?:['’]?s)?\s+(?:is\s+|was\s+|now\s+)*(?:in|at)\s+(?:a|the|her|his
    |their)\s+(?:care|nursing|residential|retirement)\s+home\s+in\s+$|\b(?:he|she|they)(?:['’]s
    |['’]re)?\s+(?:is|are|was|were|lives?|lived|works?|stays?)?\s*(?:now\s+|over\s+|up\s+|down\s+)*in\s+$
    |\b(?:born|raised|brought\s+up|grew\s+up|married|lived|worked|works?|working|stud\w+|job|uni
    |university|holiday|staying|stayed|based|registered|court|hospital|army|address|weekend|(?:few|two
    |three|four)\s+(?:days|weeks)|was|were|been|lived|living\s+(?:here\s+and|both)|head\s+office|used
    |drive|drove|only|even|also|shops?|firm|company|gig|concert|match|game|driving
    |prison)\s+(?:\w+\s+)?(?:over\s+|up\s+|down\s+|back\s+)?in\s+$
    """
)
COMPARED_BEFORE = _any_case(
    r"""
    \b(?:unlike|compared\s+(?:to|with)|than|as\s+(?:in|bad\s+as|good\s+as)|like(?:\s+(?:they|it)\s+\w+)?
    |(?:read|reading|heard|hear|saw|seen|news)\s+(?:about|of|from|that|in)?|same\s+as|rather\s+than|instead\s+of|similar\s+to|such\s+as)\s+(?:[\w'’]+\s+){0,4}$
    """
)
SOMEONE_BEFORE = _any_case(r"\b(?:someone|somebody|anyone|anybody)\s+from\s+$")
FROM_BEFORE = _any_case(r"\bfrom\s+$")
HAD_BEFORE = _any_case(
    r"""
    \b(?:work(?:s|ed|ing)?|jobs?|employed|foster\w*|contract\w*|consult\w*|stud\w+)\s+(?:for|at|with
    |by)\s+(?:the\s+)?$|\b(?:still|registered|proof|evidence|reference)\b[^.?!]{0,40}\b(?:in|for)\s+$
    |\blet\s+$|(?<!\bfor\s)\b(?:my|our|his|her|their)\s+(?:old|last|previous|former)\s+\w+\s+in\s+$
    |\b(?:pay|paid|paying|had|used|voted|already|got\s+used\s+to)\s+(?:[\w'’]+\s+){0,3}?in\s+$|\b(?:back
    |only|both)\s+in\s+$
    """
)
WENT_BEFORE = _any_case(
    r"""
    \b(?:train|bus|coach|flight|ferry|drive|driving|drove|travel\w*|commut\w+|trip|go|goes|going|went|get
    |getting|road|motorway|bound)\s+(?:\w+\s+){0,3}?(?:to|from|for|into)\s+$|\b(?:go|goes|going|went
    |at)\s+(?:to\s+)?(?:school|college|uni|university|nursery)\s+in\s+$
    """
)

# With one of the next five anywhere the matter is ours, or no council's.
MOVED_HERE = _any_case(
    r"""
    \b(?:mov(?:ed?|ing)|relocat\w+|transferr?\w*|com(?:e|es|ing)|came|arriv\w+|left|leaving|brought
    |visit\w*|guests?|swap\w*|exchang\w+|switch\w*|originally|bring\w*)\s+(?:\w+\s+){0,4}?(?:from|with)\b
    |\b(?:we['’]?ve|we\s+have|i['’]?ve|i\s+have|just)\s+left\b|\bmov(?:ed?|ing)\s+(?:\w+\s+)?(?:here|back
    |in)\b|\b(?:new|newcomer)\s+(?:here|to\s+the\s+(?:city|area))\b|\b(?:used\s+to|previously|formerly)\b
    |\b(?:old|last|previous|former|ex)[-\s]+council\b|\bwhen\s+i\s+(?:lived|was)\b|\bback\s+in\b
    |\bi['’]?m\s+from\b|\bi\s+am\s+(?:\w+\s+){0,4}from\b|\bi(?:['’]ve|\s+have)?\s+moved\b(?!\s+to\b)
    |\bvisiting\b|\btransfer\b
    """
)
HERE = _any_case(r"\bhere\b")
# "here" that may be there: "Leicester lad here", "im over in Leeds, … round here".
HERE_IS_THERE = _any_case(
    r"""
    \b(?:up|round|around|out|over|down|lad|lass|man|woman|mum|resident|tenant|local|from)\s+here\b
    |\bhere\s+i\s+am\b|\bhere['’]?s\b|\bhere\s+(?:is|are|in)\b|\bout\s+here\b
    """
)
COMPARED = _any_case(
    r"""
    \bwhy\s+(?:not|can['’]?t|don['’]?t|do|are|is|aren['’]?t|isn['’]?t|won['’]?t|couldn['’]?t)\s+(?:we|you
    |us|it|ours?|yours?|this)\b|\b(?:do|will|would|could|can|should|have|did)\s+(?:you|we
    |yous)(?:\s+lot)?\s+(?:also\s+)?(?:do|have|offer|run|start|try|copy|got|accept|take|honou?r
    |recogni[sz]e)\s+(?:it|that|this|those|these|one|them|the\s+same|likewise|similar|anything|something
    |mine|my)\b|\b(?:is|are)\s+(?:yours|ours)\b|\b(?:are|do|will|can)\s+we\s+(?:get|getting|have|having
    |going\s+to\s+get)\b|\bpays?\s+(?:\w+\s+)?(?:more|less)\b|\bwish\s+(?:ours|you|we)\b
    |\b(?:take\s+(?:note|a\s+leaf)|do(?:es)?\s+it\s+(?:better|weekly|every|for\s+free))\b|\blearn\s+from\b
    |\b(?:one|some)\s+of\s+yours\b|\byour\s+own\b|\b(?:and|but)\s+(?:we|ours?|you
    |yours?)\s+(?:\w+\s+)?(?:don['’]?t|do\s+not|can['’]?t|cannot|get|gets|have\s+to|only|is|are|never)\b
    |\bours\s+(?:is|are|were|was)\b|\b(?:better|worse|cheaper|quicker)\s+than\s+(?:you|us|ours|yours|here
    |this)\b|\bon\s+our\s+bill\b|\b(?:our|my)\s+account\b|\byour\s+(?:system\w*|records|books|scheme|list
    |equivalent|version)\b|\bdoes\s+(?:it|that|this|mine|my\s+\w+(?:\s+\w+)?)\s+(?:still\s+)?(?:work|count
    |carry|transfer|cover)\b
    """
)
SENT_TO_YOU = _any_case(
    r"""
    \b(?:sa(?:y|ys|id|ying)|told|tells|reckons?|claims?|insists?|advised)\s+(?:[\w'’]+\s+){0,5}?(?:you
    |yours?|you['’]?re|yourselves)\b|\b(?:sent|sends?|referred|passed|pointed|directed)\s+(?:(?:me|us|him
    |her|it|this)\s+)?(?:on\s+|over\s+|back\s+)?to\s+you\b|\b(?:you|yourselves)\s+or\b
    |\bor\s+(?:is\s+it\s+)?you\b|\b(?:with|from)\s+you\b|\b(?:need|needs|wants?|asking\s+for|asked\s+for
    |require\w*)\s+(?:a\s+|my\s+|some\s+)?(?:reference|proof|letter|evidence|confirmation|statement)\b
    """
)
# Of the council that the child comes from, wherever the school is.
OF_A_CHILD = _any_case(
    r"\b(?:(?-i:SEND?)|ehcp|special\s+school|school\s+transport|foster\w*|adopt(?:ed|ion|ive))\b"
)
# Whatever the place, no council's: the nation's, a firm's, the NHS's, the police's.
NO_COUNCILS = _any_case(
    r"""
    \b(?:universal\s+credit|dvla|passports?|hmrc|pension|pip|dwp|job\s?cent(?:re|er)
    |driving\s+(?:licen[cs]e|test)|visa|home\s+office|trains?|flights?|airport|motorway|m\d{1,2}|gp
    |doctors?|dentist|hospital|a&e|nhs|police|crime\s+(?:ref|number)|openreach|broadband|wi-?fi|amazon
    |evri|dpd|royal\s+mail|gig|mutual\s+exchange|inspectorate|licensing\s+centre|log\s?book|v5c?)\b
    """
)
# These take the force from some of the above only.
LOST_OR_USED = _any_case(
    r"""
    \b(?:lost|lose|stolen|nicked|left\s+my|use|used|using|valid|accepted|expired)\b[^.?!]{0,40}\b(?:pass
    |badge|card|books?|permit)\b|\b(?:pass|badge|card|books?|permit)\b[^.?!]{0,40}\b(?:lost|stolen|nicked
    |use|used|using|valid|accepted|works?)\b
    """
)
ADDRESS = _any_case(r"\b(?:address\w*|forward\w*|post|posted|deliver\w*|send|invoice)\b")
AWAY = _any_case(
    r"""
    \b(?:this\s+week|today|at\s+the\s+moment|till|until|for\s+work|tonight|holiday|temporarily
    |currently)\b
    """
)
OF_A_RELATIVE = _any_case(
    r"""
    \b(?:my|our|his|her|their|the)\s+(?:\w+\s+)?(?:sister|brother|mum|mam|mom|mother|dad|father|nan|nana
    |gran|grandma|granny|grandad|son|daughter|cousin|aunt|auntie|uncle|friend|mate|parents?|niece
    |nephew)\b|\b(?:nan|mum|dad|mam|gran|grandad|executor)\b
    """
)
# Our own name or place is named, but not as where it is: "not Marlstow", "Hi Marlstow Council".
NOT_WHERE_BEFORE = _any_case(
    r"""
    (?:[@#]|\b(?:not(?:\s+in|\s+from)?|n['’]t|never|out\s+of|left|leaving|leave|wish\s+\w+\s+was)\s+)$
    """
)
ADDRESSED_BEFORE = _any_case(
    r"""
    ^\W*(?:@\w+\s+)*(?:(?:hi|hiya|hello|hey|dear|morning|good\s+\w+|thanks|thank\s+you|please|sorry
    |the)\W+)*$
    """
)
ADDRESSED_AFTER = _any_case(
    r"""
    (?:\s+(?:city\s+)?council)?\s*(?:[,.!:?]|[-–—]|$|\s(?:my|can|could|do|is|are|please|i|the|when|what
    |why|how|who)\b)
    """
)

# --- councils that are named by their form ----------------------------------------------------------------------------

_CAPITAL = r"[A-Z][a-z'’]+(?:-[A-Za-z]+)*"
_NAME = rf"({_CAPITAL}(?:\s+(?:(?:and|of|with|upon|on)\s+)?{_CAPITAL}){{0,3}})"
NAMED_COUNCIL = re.compile(
    rf"""
    (?<![\w@#'’]){_NAME}\s+(?i:(?:city|borough|county|district|metropolitan
    |metropolitan\s+borough)\s+council)\b|(?<![\w@#'’]){_NAME}\s+(?:District|Borough|DC|BC
    |MBC)\b(?!\s+(?:[Ll]ine|[Nn]urse|[Mm]arket|[Cc]ourt|[Hh]eating|[Hh]all|[Pp]ark))
    """,
    re.VERBOSE,
)
NAMED_BARE_COUNCIL = re.compile(
    rf"""
    (?<![\w@#'’]){_NAME}\s+[Cc]ouncil\b(?!\s+(?:[Tt]ax|[Hh]ous|[Ee]stat|[Ff]lat))
    """,
    re.VERBOSE,
)
# How English places end, but for short endings that surnames and other words share as well.
SOUNDS_LIKE_A_PLACE = _any_case(
    r"""
    \w{2,}(?:borough|burgh|bury|by|combe|dale|field|ford|ham|hampton|head|holme|hurst|ley|mere|minster
    |moor|mouth|more|ness|pool|port|sea|shire|side|stead|stoke|stow|thorpe|ton|vale|wick|wich|worth|wood
    |chester)$
    """
)
NO_NAMES = frozenset(
    """
    the my our your their this that his her its a an no hi hello hey hiya dear thanks thank thankyou morning
    afternoon evening good please sorry why what when where who how which is are was has have can could will
    would do does did just and but so if because local city town parish community youth student school arts
    british labour tory conservative county district borough metropolitan bloody useless rubbish another other
    some any every each all wrong same different new old shame come well oh ok okay yes peak lake business
    shopping historic garden financial theatre postal health church security privy research general medical us
    we you they it i i'm i've national world european works tenants' residents' cabinet full whole entire area
    ward central ask tell told contact contacted call called email emailed not from in at to for with by of on
    near contrary dirty main
    """.split()  # noqa: SIM905  (a list of words, to be read as one)
)
FORM = re.compile(r"[Cc]ouncil|[Dd]istrict|[Bb]orough|\b(?:DC|BC|MBC)\b|COUNCIL")
JOINED_BEFORE = _any_case(r"\b(?:and|with|vs|like|than|to|by|copy|from)\s+$|&\s*$")
HANDLE = re.compile(r"(?<![\w@.])@(\w{3,40})")
HASHTAG = re.compile(r"#(\w{3,40})")
OFFICIAL_HANDLE = _any_case(
    r"""
    ^(?:my|visit|love|about|the)?(.+?)_?(?:(?:city|borough|county|district|mbc|bc|dc|cc|council|gov)(?:uk
    |_?news|online|live|help|tweets)?|cc_?news|council_?\w{0,8})$
    """
)
IN_HASHTAG = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
