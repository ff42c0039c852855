"""Messages about another council's matter are told from ours by the place that they name, and from nothing else."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from ruamel.yaml import YAML

from bot.nlu.classifier import BESIDE, CHOICES, PURPOSES
from bot.nlu.elsewhere import ElsewhereFinder
from bot.nlu.elsewhere_component import SignpostElsewhere
from bot.nlu.elsewhere_names import load_elsewhere, load_own
from bot.nlu.gazetteer import GazetteerBroken
from bot.nlu.importer import SignpostImporter
from bot.nlu.language_component import LANGUAGE

ROOT = Path(__file__).parents[2]
PLACES = ROOT / "data" / "places"
NAMES = PLACES / "elsewhere.yml"
COUNCIL = ROOT / "council.yml"
NOT_OURS_AT_MOST = 0.001  # of our own examples that are sent away
FOUND_AT_LEAST = 150  # of the examples that are out of scope, of which some 190 are another council's


def finder(council: Path = COUNCIL, near: tuple[str, ...] = ()) -> ElsewhereFinder:
    return ElsewhereFinder(load_elsewhere(NAMES), load_own(council, PLACES, near))


FINDER = finder()

THEIRS = """
    Leeds City Council haven't emptied my bins
    when will Sheffield council fix the potholes on my road
    Camden library card, how do I renew it
    got a Westminster parking fine, how do I appeal
    is the Sheffield tip open on Sunday
    how do I pay for Newcastle garden waste
    Islington residents permit cost?
    leeds bins not been emptied for three weeks
    what day are the bins in leeds
    bin day in coventry please
    blue badge renewal in Cardiff
    I live in Bristol, when is my bin day
    council tax in Nottingham is too high, how do I pay
    Hi Birmingham, when are my bins being emptied
    @LeedsCouncil bins overflowing in Headingley
    @leedscc my bin has been missed
    @BristolCouncil potholes on Gloucester Road
    @CamdenCouncil my recycling was missed
    #Leeds bins overflowing again in Hyde Park
    #LeedsBins not emptied
    potholes everywhere #Sheffield
    Harrowdale District Council missed my bin
    Ashcombe Borough Council, how do I pay my council tax
    Thornbeck District Council planning portal is down
    I'm with Wealden DC and my bin is broken
    Essex County Council potholes on the A-road by Billericay
    Kent County Council blue badge number please
    Staffordshire County Council, street light out in Leek
    the London Borough of Hackney housing list
    Royal Borough of Greenwich parking permit
    the council in Hastings won't mend my lamp
    City of Edinburgh Council bins
    Tower Hamlets won't rehouse me
    Wigan council tax number
    who do I call about rats in Salford
    Is there a public toilet in Whitby
    playground in Harrogate has a broken swing
    street light out on Grey Street in Newcastle
    There's a dead fox on London Road in Reading
    My bins in Bath haven't been collected
    my flat in Croydon is full of damp and Croydon council won't help
    parking ticket in Oxford city centre
    a parking fine from Manchester City Council
    got a letter from Wirral council about my council tax
    do you cover Barnsley
    is this Bolton council
    sorry wrong council, I'm in Derby
    I think you're the wrong council, I live in Luton and my bins are full
    need to speak to Portsmouth about housing benefit
    where is the register office in Preston
    swimming pool in Stockport opening times
    library in Exeter open today?
    Glasgow city council bulky uplift
    Stoke council bus pass
    Hull City Council - my bin has been stolen
    I moved to Leeds last week, which bin goes out there
    moving to Glasgow, how much is the council tax there
    I've moved to York, how do I register for council tax there
    Liverpool city council fined me for a bus lane
    Tameside bins
    Doncaster council tax bands
    Milton Keynes recycling sacks, where do I get them
    Milton Keynes Council blue bin
    Southampton bin strike, when does it end
    Plymouth council potholes
    Dorset Council garden waste
    Cornwall council second home tax
    South Gloucestershire Council planning application
    Bath council clean air zone
    Bury Council bins
    Sale library opening hours, Trafford council
    My nan's care home in Blackpool is filthy
    Norwich city council housing repairs
    my bin in Wakefield was not emptied today
    Can someone from Rotherham council ring me
    why has Kirklees council not gritted my road
    is Calderdale council closed on Monday
    fly tipping in Tottenham, Haringey council do nothing
    Dumfries and Galloway council schools closed?
    Are schools closed in Aberdeenshire today
    Swansea council potholes
    Newport City Council bin day
    Belfast City Council black bin
    Cheshire East council
    Brighton & Hove council parking permits
    Brighton and Hove bins
    shame on you Bradford, the litter on Leeds Road is shocking
    Bradford litter is a disgrace
    Leicester, sort your roads out
    Derby City Council housing
    we're in Peterborough, missed bin again
    it's in Slough, the pothole I mean
    I rent in Hounslow, the damp is awful, who inspects it
    my street in Southend hasn't had its bins done
    Bournemouth beach toilets are shut
    The roads round Telford are awful
    allotment in Cheltenham, how do I get one
    school admissions for Hertfordshire
    apply for a school place in Surrey
    councillor for Moseley in Birmingham
    wheelie bin for Salford please
    council tax band for a house in Gateshead
    registry office in Chelmsford
    what time does the tip in Telford shut
    taxi licence in Wolverhampton how long does it take
    pavement broken outside Boots in Huddersfield
    There are rats in the alley behind my house in Oldham
    my neighbour in Ealing has built an extension without permission
    Any chance someone will empty the bins on my nan's street in Rotherham
    How much is a garden waste subscription in Stockport
    What time does Ipswich tip close
    Hello is this Swindon Borough Council
    Where do I report a pothole in Walsall
    I want to complain about Southwark council, they've ignored my repair for a year
    how do I apply for a school place in Bromley
    Wandsworth resident here, my bulky waste was not collected
    I'm a council tenant in Lewisham and the lift has been out a month
    planning application for a loft in Enfield, how do I object
    noise complaint, neighbour in Wolverhampton, every night till 3
    missed brown bin, Darlington
    council tax refund Sunderland
    @EalingCouncil fly tipping on Uxbridge Road again
    @KentCC when will you fix the potholes on the A28
    #Bradford council tax gone up again, roads still a joke
    Nottingham: my housing benefit has stopped
    DONCASTER COUNCIL BINS NOT EMPTIED
    leicester city council phone number
    can i get a new recycling box in gloucester
    Fenwick District Council haven't answered about my planning
    Vale of Ashmoor Borough Council - tree down on my road
    Somerset Council pothole claim
    Who's in charge of the trees in Sutton Coldfield? One's about to fall on our path
    The playground in Clacton is a disgrace
    the public toilets at Weston-super-Mare are filthy
    we've just moved to Exeter, when do they collect recycling there
    got the keys to a flat in Salford, how do I register for council tax there
    I live in Redbridge and want a parking permit for my street
    Can you tell me the bin day for Harlow please
    Torbay Council won't give me a blue badge
    homeless in Bournemouth, where do I go tonight
    Wrexham library opening times
    Derbyshire County Council gritting routes
    Leeds parking services are useless
    Southend pier closed again, why
    Hounslow has sent me three PCNs for the same bus lane
    my road in Bexhill has no street lights
    dog poo bins in Chorley
    council house swap list in Cardiff
    Gateshead council bereavement services
    is there a skip permit needed in Reading
""".strip().splitlines()

OURS = """
    there's a hole in Leeds Road you could lose a bus in
    Brighton Terrace has no street lights on
    the bins behind the Nottingham Arms are overflowing
    Litter all along Bath Street
    my bath won't drain and I'm a council tenant
    reading the council tax bill and can't make sense of it
    furniture for sale dumped on the verge
    is it a big deal to get a parking permit
    the rugby club leave their bins on the pavement
    the wells on the common are full of rubbish
    where can I bury my dog
    Bolton Wanderers fans left rubbish all over the park
    a bottle of Worcester sauce smashed all over the pavement
    a trail of lincoln biscuits and rubbish in the park
    someone nicked the York stone from our pavement
    Chester from number 4 keeps putting his bins in the road
    Kent next door has a bonfire every night
    in Leeds they collect the bins weekly, why not here
    moved here from Leeds, how do I register for council tax
    my old council in Derby did free garden waste, do you
    visiting from Cardiff, where can I park
    my sister in Leeds says her council takes glass, do you
    a lorry from Hull has tipped rubble on Castle Street
    My cousin is visiting from Manchester, can she have a visitor permit
    My mum is coming from Birmingham with a blue badge, can she park on yellow lines
    I've moved from Camden, do I need a new library card
    We are moving to Marlstow from Sheffield, how do school admissions work
    moving from Bristol in June, want to get on the housing list
    I live in Leeds but work in Marlstow, can I get a season ticket for the car park
    My tenant left for London and owes council tax, what do I do
    the landlord lives in London and won't fix the damp
    landlord is based in Birmingham, flat full of mould, who inspects it
    management company in Croydon ignores the rats in our block
    the estate agent in Reading put up signs all over our street
    I was born in Sheffield but need a birth certificate, do I ask you?
    got married in York, do I need to tell you for council tax
    my son goes to school in Leeds, can he get a bus pass from you
    my daughter is at uni in Nottingham, do we still get the council tax discount
    she's a student in Manchester, does she count for council tax
    My husband works in London all week, can we get single person discount
    lost my bus pass in Leeds, how do I get a new one
    my blue badge was stolen in Birmingham, need a replacement
    does my bus pass work in Leeds
    is my blue badge valid in Scotland and Edinburgh
    can I use your library card in Leeds
    Can I use my library card in Sheffield
    the train to Leeds was late and there's litter at the station
    bus to York never came, the shelter is smashed
    road to Bradford is full of potholes near the ring road
    potholes on the Sheffield road
    Potholes on the old Derby Road by the garage
    the Leeds train line embankment is covered in rubbish
    Fly tipping on Lincoln Close
    dog mess on Durham Avenue again
    Harrow Rise bins not collected
    graffiti on the Leeds Building Society
    outside the Halifax there's a man sleeping rough
    bench outside the Coventry Building Society is broken
    Street light out by the Sheffield Arms
    A Luton van has dumped a mattress
    someone in a luton dumped fridges
    big white luton parked across my drive
    hackney carriage licence renewal
    my hackney plate has expired
    Dudley at number 9 is playing loud music
    Councillor Preston never answers
    can I have Councillor Bolton's email
    Cllr Chester said he'd sort the pothole
    Mr Lincoln from planning told me to write
    Mrs Durham across the road has fallen bins
    wrote to Mr Derby about my planning application
    Westminster government cut your money, so when will potholes be filled
    Leicester Square style lights would be nice in the park
    the red leicester cheese is all over the pavement
    Cornish pasty wrappers and litter by the school
    There's a Yorkshire terrier loose on our street
    Yorkshire Water dug up the road and left it
    A Dundee cake stall needs a street trading licence
    Aberdeen Angus cattle loose on the road
    a Lancaster bomber flypast will close roads?
    is the Leeds festival bus stopping here
    Sheffield stands by the library are full of old bikes
    Bath tub dumped in the lane
    Dover sole van parked on double yellows
    the Newcastle match made the town a mess, bottles everywhere
    After the Leeds United game the pavement was covered in glass
    Derby day road closures, which roads?
    the derby is on Saturday, are roads closed
    Manchester United fans urinating on our street
    Bradford City coach is blocking the bus lane
    unlike Leeds you never empty the bins
    Your parking is worse than London
    roads are as bad as Bradford's
    better recycling than Sheffield, well done
    Birmingham-style bin strike coming?
    are we going to have a bin strike like Birmingham
    Is there going to be a clean air zone like in Bristol
    why can't we have trams like Manchester
    Sheffield has a food waste bin, why don't we
    Leeds council does it every week, why can't you
    Kirklees council say the pothole is yours
    Leeds City Council told me it's your road
    Wakefield council said to contact you about my blue badge
    I was told by Bradford council that you hold my records
    My EHCP was issued by Leeds council, we moved here
    transferring from Leeds City Council housing list
    I used to work for Leeds City Council, any jobs?
    I work for Kent County Council and need a reference checked
    I work at Leeds Council, how do I transfer my pension
    Leeds City Council van has hit the bollard on Castle Street
    the planning inspectorate in Bristol turned me down, what now
    DVLA in Swansea says you reported my car
    HMRC in Newcastle says my council tax support counts
    passport office in Durham wants a birth certificate
    I'm in Aberdeen and my nan's carer hasn't come
    I live in Devon and my mum's bins in Abbots Green haven't been done
    I live in Leeds, my mother lives in Beacon Heath and needs a carer
    my dad lives in Marlstow, I live in Leeds, who do I ring about meals on wheels
    I'm in Manchester this week, can I vote by post
    I'm in Glasgow until Friday, can you put my bins back
    On holiday in Cornwall, forgot to put my bin out, can you collect
    away in Devon, can somebody check my bins
    staying in Brighton when the parking fine came to my house, can I still pay
    I was in Leeds when I got your parking ticket letter
    My car was in Birmingham on the day of your parking fine
    my car was in a garage in Leeds when you say I was in the bus lane
    the car was sold to someone in Bradford before the parking fine
    the fine has my old address in Leeds on it
    new address in Leeds, please close my council tax account
    We're leaving for Leeds, stop the garden waste
    moving to Leeds, cancel my garden bin
    moving to Leeds next month, do I get a council tax refund
    I'm moving to Manchester, what do I do about my council tax
    moving out to Devon, how do I close the council tax
    I've moved to Leeds and you still send me council tax bills
    moved to Hull last year and you keep charging me council tax
    I moved to Hull, can I still be on the housing register there and with you
    Can I swap my council house with someone in Hull
    mutual exchange with a woman in Sheffield
    how do I transfer my library books from Leeds
    my planning agent is in London, can he upload
    my solicitor in Leeds needs a land charges search
    Registered to vote in Leeds and here, is that ok
    I own a flat in Leeds and one in Marlstow, which is my main home
    second home in Cornwall, do I pay double tax on my house on Anvil Street
    my parents in Derby want to move into sheltered housing near me
    gran in Sheffield needs to move into a care home near us in Greenbank
    my brother in Leeds is coming to scatter dad's ashes, where can we
    My ex took the kids to Liverpool, what school do they go to
    wife's in Leeds, who counts for council tax
    can people from Leeds use the tip
    can I bring rubbish from my mum's house in Leeds to your tip
    The tip in Quarry Bank, not the Leeds one
    traffic to Leeds is awful because of your roadworks
    diversions for Leeds traffic clog our road
    Sign for Bradford points the wrong way
    the road sign to Leeds is hidden by a tree
    the signpost says Leeds 12 miles and has been knocked over
    direction sign for York on the ring road is bent
    HGVs heading for Hull use our street as a rat run
    lorries from Sheffield come down our lane
    coach from Bristol parked on the zig zags
    Students from Leicester have left bags everywhere
    A man from Derby selling stuff without a licence
    street traders from London on the market
    is the Manchester bee bus coming here
    Bath mats and a carpet dumped
    interested in Reading Group at the library
    Reading week activities at the library?
    the Reading Challenge starts when
    Sale signs all over the lamp posts
    Battle of the bands in the park is too noisy
    black eye from falling on the pavement
    Wells Lane bin not emptied
    York Place needs sweeping
    Lincoln House lift broken
    Durham Court has rats
    Bristol Gardens playground swing broken
    Norwich Avenue streetlight
    rats at Preston Mill flats
    Leeds and Liverpool canal towpath is overgrown
    the Manchester ship canal is dirty
    the Oxford Arms plays loud music
    Kings Head in Chester Street is noisy
    Canterbury Tales event at the library
    Gloucester Old Spot pigs loose on the road
    the Edinburgh Woollen Mill shop has rats
    London Plane tree on my street is dying
    London planes on the avenue need pruning
    London Marathon club want a road closure
    London Road needs resurfacing
    what's the London living wage, do you pay it
    Is the ULEZ only in London
    Devon heifer standing on the lane
    Newport Pagnell services no
    Kendal mint cake spilt
    Hull fans broke the bus shelter
    I ordered a bin from Sheffield Bins Ltd
    Leeds Commercial hire skip left on the road
    a skip from Bradford Skips is blocking the path
    Wolverhampton taxis parked in our street
    taxis licensed in Wolverhampton are working our rank
    a taxi driver with a Wolverhampton plate drove badly
    got a private hire licence with Wolverhampton, can I work in Marlstow
    does a Leeds taxi badge let me work in your area
    Blackpool style lights on my neighbour's house, too bright
    neighbour's Christmas lights are like Blackpool
    like Piccadilly Circus here
    it's like Bradford city centre down our street with the drug dealers
    The Birmingham to Marlstow road is blocked
    A tree in Durham Road
    school places, we come from Leicester
    my child has a place at a school in Leeds but we want one here
    we live over in Leeds now but kids still at Kingsmead Academy
    my late father's grave, I live in Exeter now, who tends it
    I live in Essex. My aunt is in one of your care homes
    I live in Surrey, how do I get a copy of my grandfather's death certificate from Marlstow
    Living in Kent now, want my marriage certificate from your register office
    I'm in Leeds. You sent me a parking fine. I have never been to Marlstow
    I got a PCN from you but I live in Leeds and have never been
    live in Sheffield, got a fine from you for bus lane
    I'm from Leeds and got a parking ticket from you on Saturday
    I live in York and you've fined me for driving in a bus lane
    I'm over from Cardiff and can't find a public toilet
    @LeedsCC_News do it better @MarlstowCouncil
    @MarlstowCouncil take a leaf out of @LeedsCouncil's book and collect glass
    why does @CamdenCouncil get weekly bins and we don't
    cheers @MarlstowCouncil and @SheffieldCouncil for the twin town stall in the park
    Marlstow Council should copy Leeds Council and fix the potholes
    Marlsow council bins not emptied
    Marlstowe District Council when is bin day
    Malstow Borough Council potholes
    Marlstow City Council are useless
    Dear Council my bin was missed
    Hello Borough Council my bin was missed
    Parish Council sent me to you about the verge
    Larkfield Parish Council noticeboard is broken
    Youth Council meeting when?
    St Aldhelm's Parochial Church Council want to close the road
    The Arts Council gave us a grant, can we close the street for an event
    the General Medical Council
    Labour Council ruined the roads
    Westbury Park Council flats have rats
    Beacon Heath Council estate lift is broken
    Broadmead District nurse didn't come
    Old Town District heating is off
    Castle District shops
    the Peak District coach trip blocks the road
    Lake District trip for carers?
    my AC/DC tribute band wants to busk
    I paid council tax in Leeds until March, do I get a refund from you
    already pay council tax in Derby, do I have to pay for the flat on Corn Street
    I have a house in Derby, is my flat here a second home
    The bus from Sheffield drops us at a stop with no shelter
    is there a coach to London
    A relative in Norwich died, who do I tell
    my mate in Liverpool got a free bin, can I have one
    my friend in Bristol pays less council tax than me, why
    friends in Oxford have food waste bins
    colleague in Leeds reckons you have to pay for a second bin
    people in Bradford get free parking
    my nephew in Essex wants to adopt
    foster carers in Leeds get more money than yours
    In Cardiff we had bags for food waste. Do you do that
    In Scotland it's free. Is it here
    when I lived in Bristol the recycling was weekly
    back in Manchester we had a brown bin
    we had four bins in Stockport. how many do you have
    got used to three bins in Leeds, how does it work
    lived in Plymouth before, not sure which bin glass goes in
    coming from Leicester on Saturday, which car park is best for the market
    Our coach from Bradford needs somewhere to park
    driving up from London for a funeral at Hollins Crematorium, where do we park
    we have just bought a house on Anvil Street and are moving up from Brighton on the 3rd, how do I get bins
    my tenant moved out and gave a forwarding address in Wolverhampton, who closes his council tax
    Been trying to appeal a parking fine I got on Corn Street, I live down in Bournemouth and only visited for the day
    I've got a blue badge from Leeds, where can I park in the city centre
    My blue badge is from Kirklees, does it count here
    Blue badge was issued by Bradford council and I've since moved to MR3
    we are a Leeds company and want to trade on Market Square
    I run a food van registered with Leeds council, do I need to register with you
    Food business registered in Manchester, coming to your market on Saturday
    How do you compare with Leeds for recycling
    Is your recycling rate higher than Sheffield
    Sheffield Hallam student, need council tax exemption
    I'm at Leeds Beckett uni, do I pay council tax
    my kid's on the Leeds United academy, can you authorise school absence
    can I get to Leeds with my pass
    could you put the Sheffield road signs back up
    the A61 Sheffield turn off needs a light
    A1 to Newcastle sign is down
    M1 to Leeds has a dead deer on it
    When will the Leeds to Manchester trains be fixed
    a Leeds bound bus hit the bollard
    The No 7 bus to Bradford does not stop any more
    Has the Bradford man who dumped rubbish been fined
    news said a man from Bradford was fined for fly-tipping at Quarry Bank
    Gang from Liverpool selling drugs in Oakhurst
    County lines lads from London are using my neighbour's flat
    cuckooing by a gang from Manchester at 4 Fern Close
    my dad is lost, he left his care home in Harbourside and said he was going to Leeds
    my husband is in prison in Leeds and I'm behind with the rent
    my daughter is in hospital in Sheffield and I need carers when she's home
    discharged from Leeds General and needs a bed at home
    my brother died in Cardiff, do I register the death with you or them
    I'm registering a birth, baby was born in Leeds but we live on Mill End
    baby born in Leeds General, can I register here
    marrying in Leeds but living in Marlstow, where do I give notice
    want a copy of my birth certificate, born at Marlstow General, now in Norwich
    I have Power of attorney for mum who's in a home in Southport. Her house on Bark Street is empty - council tax?
    House is empty as mum's in a care home in Southport, do we still pay council tax
    empty house, owner in a nursing home in Harrogate, council tax discount?
    my wife is in a care home in Wigan now, can I get the single person discount
    I look after mum in Leeds four days a week, is there a carers grant
    I foster for Leeds council but want to switch
    I'm an ex councillor in Barnsley, who do I talk to about standing here
    standing for election, do I have to live in the ward, I'm in Leeds
    Postal vote while I'm working in Aberdeen
    I'm offshore from Aberdeen until the 12th, proxy vote?
    can I vote in Marlstow if I'm at uni in Exeter
    Still on the electoral roll in Leeds, how do I register
    registered to vote in Bristol before, need to change to my new place
    my polling card went to my old house in Bristol
    School place: we move from Swindon at Easter
    transfer my son from a primary in Derby to one near Greenbank
    his old school in Derby had a teaching assistant
    last school was in Hounslow, what forms
    EHCP from Camden, moving to you in September
    my child's social worker was in Camden, can you take over
    the court in Leeds ordered contact, need a supervised centre
    my housing application in Leeds got me priority, will it transfer
    I was homeless in Manchester and came back home
    fled Birmingham with my kids, nowhere to sleep tonight
    council in London want to move me to Marlstow, is there housing
    Newham council have placed us in a flat on Tannery Row and it has damp
    Placed here by Camden council, who does repairs
    Camden council moved us to temporary accommodation in Marlstow, school places?
    can you tell Leeds I have moved
    can you let Leeds council know I've moved so they stop the council tax
    I need proof of council tax for Leeds council
    Leeds council want proof I paid council tax with you
    Leeds council are asking for a letter from you about my benefit
    Wakefield council need a reference for my taxi licence
    DBS from Rotherham council not accepted by your licensing lot
    Rotherham plated taxi touting at the station
    taxi from Bradford refused my guide dog outside the Guildhall
    Uber with a Wolverhampton badge ran over my foot
    cheap council houses in Stoke for a pound, do you do that
    heard Liverpool sold houses for £1, any here
    Like Manchester, could we have bee network bus passes
    Manchester has a clean air zone, are we getting one
    Oxford style LTNs are coming to Fernhill aren't they
    15 minute cities like Oxford no thanks
    Is it true the Birmingham situation could happen to us
    will you go bankrupt like Birmingham
    Nottingham went bust, are you next
    Are you hiring like Leeds City Council
    Leeds council pays more for gritters
    saw on the news Sheffield trees got cut down, don't do it on my road
    Don't want a Sheffield tree scandal on our street
    got two bins, my auntie in Walsall has four
    Northampton shoes left on the wall
    Stockport viaduct print for sale outside the library
    Kettering based firm did my drop kerb wrongly
    Is Kettering Ltd an approved contractor for dropped kerbs
    the contractor's office is in Reading and they don't reply about the roadworks
    the parking firm in Brighton that runs your car park won't answer
    Who owns the verge? the developer is based in Peterborough
    the owner of the derelict pub lives in Guildford
    the freeholder is in Essex and won't fix the lift
    absentee landlord in Surrey, garden full of rats
    landlord in Manchester won't do repairs on my house in Weavers
    My landlord's agent in Leeds says the mould is my fault
    letting agents in Leeds put a board up in our street
    flytipping with letters from an address in Rotherham in it
    found a letter with a Doncaster address in the dumped bags
    dumped rubbish has Barnsley addresses on it
    black bags with mail addressed to someone in Halifax
    van with Cardiff plates dumping rubble
    white van, sign says Sheffield Plumbing, parked on the pavement
    skip says Leeds Skip Hire, no lights on it at night
    scaffold by Stockport Scaffolding blocking the path
    hoarding for the Leeds developer's flats blocks the pavement
    the roadworks by a Preston contractor have been left
    Leeds to Marlstow cycle route has a pothole
    cycle path towards York is full of glass
    canal path to Leeds has needles
    footpath to Skipton is overgrown
    the Dales way to Harrogate stile broken
    the Harrogate line bridge drips
    bins out the back of the Cambridge pub
    Oxford House flats lift broken
    Plymouth Grove pothole
    Warwick Gardens playground
    Lancaster Gate flats
    Windsor Close streetlight
    Balmoral Terrace and Sandringham Road potholes
    Winchester Way pavement
    Salisbury Cathedral trip bus
    Stafford bull terrier loose
    Staffordshire bull terrier loose in Jubilee Park
    staffy barking in the flat upstairs
    Derby hat lost on bus
    Cheshire cat mural graffiti
    Lincoln green fence panels dumped
    Preston from number 6 leaves his bike in the hall
    Dudley next door is drilling at midnight
    Ashford next door neighbour
    my cat Chester is missing
    my dog Kent is lost near the canal
    found a dog called Bolton
    Barry from the council never came
    Barry in the parking office was lovely
    Beverley at the library was so helpful
    Nelson in housing said he'd ring
    Harlow in your benefits team was rude
    Kendal from social services is great
    Angus in planning won't answer
    speak to Chester in planning please
    can I talk to Preston about my housing repair
    email for Kent in licensing
    thanks to Morley in the tip
    The lad Bradford in your bin crew was great
    can London the apprentice ring me back
    Sale of council land at Hayle Common
    the Deal with Veolia
    Reading the meter
    Bury the hatchet, fix the pothole
    Battle for the library, when is the meeting
    Wear is the tip
    our new neighbours from Coventry park across our drive every night
    I rent from a Birmingham landlord who never fixes the heating
    my mum's moving up from Portsmouth and needs a ground floor flat
    I was reading about the Wakefield tip closing, ours isn't is it
    a Tesco trolley from Barnsley ended up in our beck
    my carer comes from Huddersfield and can't find anywhere to park without a permit
    the Manchester Road bus stop bin is overflowing
    the house on the corner is let to students from Durham uni and the bins are a state
    is it right you charge more than Calderdale for a second garden bin
    my cousin, who lives in Cardiff, says you can get a free bulky collection
    just got back from two weeks in Cornwall and my bin has vanished
    came home from Glasgow to find my car towed, where is it
    Our football team from Bolton wants to hire a pitch on Sunday
    a group of lads from Sunderland are drinking in Jubilee Park
    the man who runs the stall has a Nottingham licence not one of yours
    Do the new bus passes let me travel to Liverpool before half nine
    I got a letter from you at my Bristol address about council tax, but I left there
    please send the bill to my daughter in Norwich
    forward my postal vote to 12 High Street, Southport please
    can I have my bulky collection receipt emailed, I'm in Plymouth looking after my dad
    My partner got a place at York university, does that change my council tax reduction
    We've a child at a special school in Wigan, who pays for the taxi
    SEN transport to a school in Stockport didn't turn up
    my foster daughter's school is in Salford and her bus pass hasn't come
    My son's EHCP names a school in Rochdale, can you confirm the transport
    our adoption social worker moved to Trafford council, who's the new one
    mum's social worker is off, she's in a home in Southport that you pay for
    you placed my brother in a home in Blackpool and nobody visits
    I pay you for my dad's care in Skegness and the invoice is wrong
    Who do I tell that my aunt in your Kingsmead home has moved to Ipswich
    the road to Sheffield is full of potholes just past the garden centre
    The verge on the A6 towards Stockport is covered in litter
    someone dumped a sofa by the Welcome to Lancashire sign
    why is the diversion sending everyone through Oldham
    is the festival of light coming after Blackpool
    the fair that was in Hull, is it coming to the park
    Is the Bristol balloon thing happening in Elm Park
    a Hull trawler anchor sculpture has been graffitied
    A bench dedicated to our Leeds cousins has been smashed
    Wolverhampton Wanderers sticker on the lamp post
    Somebody has sprayed LEEDS SCUM on the bridge
    LUFC and Leeds graffiti all over the underpass
    graffiti saying Millwall and West Ham on the skate park
    stickers for a Manchester club night on every lamp post
    posters for a Liverpool comedy show stuck to our bus shelter
    The circus from Preston has left its posters up
    A Bradford firm is fly posting all over town
    an ice cream van from Rotherham plays its chimes at 9pm
    someone is sleeping in a tent by the canal, he said he's from Newcastle
    there is a homeless lad from Stoke in the underpass
    a lady from Wigan fell on the loose slab outside the library
    tourist from London tripped on the kerb on Castle Street
    dog found, tag says Halifax, number doesn't work
    stray dog with a Barnsley phone number on its collar
    cat from Leeds lost near the canal basin
    my parking permit for my sister who stays from Cardiff has run out
    Blue badge holder from Wrexham wants to know where to park for the cathedral
    what's the Wi-Fi like in the library, Leeds had it free
    Is there a tip nearer than the one in Quarry Bank? Wakefield's is closer
    can I use the tip in Wakefield if I live in Marlstow
    is the nearest register office open on Saturday or must I go to Leeds
    Should I report it to you or Leeds
    is this for you or Kirklees council?
    not sure if this is you or North Yorkshire Council but there's a tree down
""".strip().splitlines()


@pytest.mark.parametrize("text", [line.strip() for line in THEIRS])
def test_another_councils_matter_is_found(text: str) -> None:
    found = FINDER.find(text)
    assert found is not None
    assert text[found.start : found.end].strip() and found.name


@pytest.mark.parametrize("text", [line.strip() for line in OURS])
def test_our_own_matter_is_not_sent_away(text: str) -> None:
    assert FINDER.find(text) is None


@pytest.mark.parametrize(
    ("text", "name", "named"),
    [
        ("Leeds City Council haven't been", "Leeds", "Leeds City Council"),
        ("my bins in leeds are full", "Leeds", "leeds"),
        ("the  Sheffield   tip", "Sheffield", "Sheffield"),
        ("bins in King’s Lynn", "King's Lynn", "King’s Lynn"),
        ("bins in Kings Lynn", "King's Lynn", "Kings Lynn"),
        ("Brighton & Hove council bins", "Brighton and Hove", "Brighton & Hove council"),
        ("Stoke-on-Trent City Council", "Stoke-on-Trent", "Stoke-on-Trent City Council"),
        ("Bradford's bins stink", "Bradford", "Bradford"),
        ("my bin in Hull is missing", "Kingston upon Hull", "Hull"),
        ("@LeedsCouncil bins!", "Leeds", "@LeedsCouncil"),
        ("#LeedsBins not been done", "Leeds", "#LeedsBins"),
        (
            "Thanks for nothing, Upper  Brackley District Council",
            "Upper Brackley",
            "Upper  Brackley District Council",
        ),
        ("🚮🚮 potholes in Wakefield", "Wakefield", "Wakefield"),
        ("POTHOLES IN WAKEFIELD", "Wakefield", "WAKEFIELD"),
    ],
)
def test_the_place_is_marked_as_it_is_written(text: str, name: str, named: str) -> None:
    found = FINDER.find(text)
    assert found is not None
    assert (found.name, text[found.start : found.end]) == (name, named)


@pytest.mark.parametrize(
    "word", ["bath", "reading", "sale", "deal", "rugby", "bury", "wells", "hull", "sandwich", "eye"]
)
def test_a_name_that_is_also_a_word_needs_its_capital_letter(word: str) -> None:
    assert FINDER.find(f"there is a pothole in {word}") is None
    assert FINDER.find(f"there is a pothole in {word.title()}") is not None
    assert FINDER.find(f"{word.upper()} IS WHERE THE POTHOLE IS") is None


@pytest.mark.parametrize(
    "ending",
    ["Road", "St", "Lane", "Close", "Gardens", "Arms", "United", "Wanderers", "Building Society", "Railway"],
)
@pytest.mark.parametrize("name", ["Leeds", "Nottingham", "Bath", "York"])
def test_a_name_within_another_is_no_place(name: str, ending: str) -> None:
    assert FINDER.find(f"the bins in {name} {ending} are full") is None


@pytest.mark.parametrize(
    "where",
    [
        "in Beacon Heath",
        "on Anvil Street",
        "in Marlstow",
        "in MR2",
        "at MR3 4AB",
        "in Marlsow",
        "by Jubilee Park",
    ],
)
def test_it_is_ours_when_one_of_our_places_is_named_too(where: str) -> None:
    assert FINDER.find("Leeds City Council left my bins") is not None
    assert FINDER.find(f"Leeds City Council left bins {where}") is None


@pytest.mark.parametrize(
    "text",
    [
        "Hi Marlstow Council, my bins in Salford have not been done",
        "@MarlstowCouncil my bins in Salford have not been done",
        "my bins in Salford, not Marlstow, have not been done",
        "a parking ticket in Cardiff city centre",
        "a hole in Anvil Street in Cardiff",
        "Marlstow Council, potholes in Leeds",
    ],
)
def test_it_is_theirs_when_our_council_is_only_spoken_to(text: str) -> None:
    assert FINDER.find(text) is not None


def test_a_council_that_adopts_this_is_not_elsewhere(tmp_path: Path) -> None:
    content = YAML(typ="safe").load(COUNCIL.read_text(encoding="utf-8"))
    content |= {
        "name": "Leeds City Council",
        "short_name": "Leeds Council",
        "wards": ["Armley"],
        "areas": ["Morley"],
    }
    content["handles"] = {"x": "LeedsCouncil", "facebook": "LeedsCC"}
    council = tmp_path / "council.yml"
    YAML(typ="safe").dump(content, council)
    adopted = finder(council, near=("West Yorkshire", "Kirklees"))
    for text in (
        "Leeds City Council missed my bins",
        "bins in Leeds are full",
        "@LeedsCouncil bins are full",
        "potholes in Morley",
        "Leeds City Councl bins, Lees Council bins",
        "West Yorkshire County Council bins",
        "Kirklees Council bins",
        "bins in Bradford and Leeds",
    ):
        assert adopted.find(text) is None, text
    assert adopted.find("Bradford council missed my bins") is not None


def test_every_principal_council_is_known() -> None:
    # Office for National Statistics, Counts of local authorities in the United Kingdom, April 2025.
    councils = YAML(typ="safe").load(NAMES.read_text(encoding="utf-8"))["councils"]
    assert {kind: len(names) for kind, names in councils.items()} == {
        "london_boroughs": 33,
        "metropolitan": 36,
        "unitary": 63,
        "counties": 21,
        "districts": 164,
        "scottish": 32,
        "welsh": 22,
        "northern_irish": 11,
    }
    for names in councils.values():
        for name in names:
            found = FINDER.find(f"{name} Council, when is bin day")
            assert found is not None and found.name == name, name


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("councils: [", "is not YAML"),
        ("- Leeds", "should hold names and values"),
        ("councils: {}", "should hold also_called, councils, only_surely, towns"),
        ("{councils: {a: Leeds}, towns: [], also_called: {}, only_surely: []}", "councils should hold lists"),
        (
            "{councils: {a: [Leeds]}, towns: [1], also_called: {}, only_surely: []}",
            "towns should be a list of names",
        ),
        (
            "{councils: {a: [Leeds]}, towns: [], also_called: {Hull: [H]}, only_surely: []}",
            "Hull is no council",
        ),
        ("{councils: {a: [Leeds]}, towns: [], also_called: {}, only_surely: [Bath]}", "Bath is no council"),
    ],
)
def test_a_broken_file_of_names_is_named(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "elsewhere.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(GazetteerBroken, match=rf"elsewhere\.yml.*{told}"):
        load_elsewhere(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GazetteerBroken, match="cannot be read"):
        load_elsewhere(tmp_path / "elsewhere.yml")
    (tmp_path / "council.yml").write_text("name: Leeds", encoding="utf-8")
    with pytest.raises(GazetteerBroken, match="lacks 'short_name'"):
        load_own(tmp_path / "council.yml", PLACES)


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, str]]:
    """Text and intent of every training example."""
    files = sorted(map(str, (ROOT / "data" / "nlu").glob("*.yml")))
    importer = SignpostImporter(config_file=str(ROOT / "config.yml"), training_data_paths=files)
    return [(each.get(TEXT), each.get(INTENT)) for each in importer.get_nlu_data().intent_examples]


def test_of_our_own_examples_next_to_none_is_sent_away(examples: list[tuple[str, str]]) -> None:
    ours = [text for text, intent in examples if intent != "out_of_scope"]
    sent_away = [text for text in ours if FINDER.find(text)]
    assert len(ours) > 20_000
    assert len(sent_away) <= NOT_OURS_AT_MOST * len(ours), sent_away


def test_most_examples_of_another_councils_matters_are_found(examples: list[tuple[str, str]]) -> None:
    found = Counter(FINDER.find(text) is not None for text, intent in examples if intent == "out_of_scope")
    assert found[True] >= FOUND_AT_LEAST


def test_a_message_takes_a_fraction_of_a_millisecond(examples: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in examples[::50]]
    taken = []
    for text in texts:
        began = time.process_time()
        FINDER.find(text)
        taken.append(time.process_time() - began)
    assert mean(taken) < 0.001  # seconds; measured 0.00004


@pytest.mark.parametrize(
    "text",
    [
        "Leeds " * 400,
        "@LeedsCouncil " * 150,
        "Upper " * 300 + "District Council",
        "told " * 400 + "Leeds council",
        "'" * 5000,
    ],
)
def test_no_message_takes_long(text: str) -> None:
    began = time.process_time()
    FINDER.find(text)
    assert time.process_time() - began < 1.0


# --- the component ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def component() -> SignpostElsewhere:
    nothing: Any = None
    pipeline = YAML(typ="safe").load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    settings = next(each for each in pipeline if each["name"].endswith(".SignpostElsewhere"))
    return SignpostElsewhere.create(settings, nothing, nothing, nothing)


def understood(
    component: SignpostElsewhere, text: str, intent: str, purposes: tuple[str, ...] = (), language: str = ""
) -> Message:
    """The message behind the component, after a classifier that took it for `intent`."""
    message = Message({TEXT: text})
    message.set(INTENT, {"name": intent, "confidence": 0.9})
    message.set("intent_ranking", [{"name": intent, "confidence": 0.9}])
    message.set(PURPOSES, list(purposes or (intent,)))
    message.set(CHOICES, ["report_tree", "report_pothole"])
    message.set(BESIDE, ["report_tree"])
    message.set(LANGUAGE, language)
    message.set(ENTITIES, [{"entity": "street", "value": "Kirkgate", "start": 20, "end": 28}])
    component.process([message])
    return message


@pytest.mark.parametrize(
    "intent",
    [
        "report_missed_bin",
        "ask_council_tax",
        "make_complaint",
        "out_of_scope",
        "nlu_fallback",
        "bot_question",
    ],
)
def test_an_ordinary_or_unclear_message_becomes_out_of_scope(
    component: SignpostElsewhere, intent: str
) -> None:
    message = understood(component, "my bins in Leeds, on Kirkgate, were missed", intent)
    assert message.get(INTENT) == {"name": "out_of_scope", "confidence": 1.0}
    assert message.get(PURPOSES) == ["out_of_scope"]
    assert message.get(CHOICES) == message.get(BESIDE) == []
    assert message.get("intent_ranking") == [{"name": intent, "confidence": 0.9}]
    marked = [(each["entity"], each["value"], each["start"], each["end"]) for each in message.get(ENTITIES)]
    assert marked == [("elsewhere", "Leeds", 11, 16), ("street", "Kirkgate", 20, 28)]


@pytest.mark.parametrize(
    "intent",
    ["emergency_danger", "self_harm", "safeguarding", "abuse_of_staff", "advert_or_spam", "party_political", "greet",
     "affirm", "opt_out", "request_human", "partner_police", "partner_national_highways"],
)  # fmt: skip
def test_danger_policy_courtesy_and_partners_stay_what_they_are(
    component: SignpostElsewhere, intent: str
) -> None:
    message = understood(component, "my bins in Leeds, on Kirkgate, were missed", intent)
    assert message.get(INTENT) == {"name": intent, "confidence": 0.9}
    assert [each["entity"] for each in message.get(ENTITIES)] == ["street"]


def test_danger_as_a_second_purpose_and_another_language_are_left_too(component: SignpostElsewhere) -> None:
    text = "my bins in Leeds, on Kirkgate, were missed"
    message = understood(component, text, "report_missed_bin", purposes=("report_missed_bin", "safeguarding"))
    assert message.get(INTENT)["name"] == "report_missed_bin"
    assert (
        understood(component, text, "report_missed_bin", language="pl").get(INTENT)["name"]
        == "report_missed_bin"
    )


def test_a_message_of_ours_is_left_as_it_was(component: SignpostElsewhere) -> None:
    message = understood(component, "my bins in Leeds Road, on Kirkgate", "report_missed_bin")
    assert message.get(INTENT) == {"name": "report_missed_bin", "confidence": 0.9}
    assert message.get(CHOICES) and message.get(BESIDE)


def test_a_text_without_an_intent_is_left_as_it_was(component: SignpostElsewhere) -> None:
    message = Message({TEXT: "my bins in Leeds"})
    component.process([message])
    assert message.get(INTENT) is None and not message.get(ENTITIES)
