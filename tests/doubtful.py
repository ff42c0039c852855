"""Messages that lie between two purposes, so that of some of them any model is fairly but not wholly sure."""

from __future__ import annotations

BETWEEN_TWO = (
    "someone left a sofa next to the litter bin", "can I park on the grass with my blue badge",
    "is the tip open on bank holidays", "dead fox in the park", "there is poo on the slide in the play area",
    "mouse droppings in the takeaway", "a van has been outside mine for weeks", "a tree has come down on the road",
    "water is coming up through the pavement", "smoke from the takeaway every night",
    "next door is building something and nobody asked us", "the light at the crossing is out",
    "who do I pay for my garden bin", "my bin lid is broken", "they left my bags behind",
    "kids drinking in the playground every night", "music from the pub until three",
    "closing date for the survey about the park", "can my son get the bus to school for free",
    "what do I do with old paint", "we are moving out next week", "rats in my council flat", "mould in my flat",
    "glass all over the play area", "a skip on the pavement", "cars racing up and down at night",
    "how do I put up a stall", "the kerb has sunk into the road", "leaves have blocked the drain",
    "somebody sprayed the bus stop", "a mattress by the bottle bank", "a dog barks all night next door",
    "wheelchair cannot get past the bins", "who cuts the grass by the flats", "can I get help with the rent",
    "the toilets in the library are shut", "is the pool open at Christmas", "a horse is loose on the road",
    "sewage smell by the river", "cannot log in to pay my bill",
)  # fmt: skip
