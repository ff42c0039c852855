"""The council's place names are found as residents write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.nlu.gazetteer import Gazetteer, GazetteerBroken, load_gazetteer, load_names


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer(Path(__file__).parents[2] / "data" / "places")


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("in beacon heath tonight", "area", "Beacon Heath"),
        ("BEACON HEATH", "area", "Beacon Heath"),
        ("near Becon Heath", "area", "Beacon Heath"),
        ("st. aldhelms", "area", "St Aldhelm's"),
        ("saint aldhelms", "area", "St Aldhelm's"),
        ("on weaver st", "street", "Weaver Street"),
        ("larkfield av", "street", "Larkfield Avenue"),
        ("Foundry Lane Estate", "area", "Foundry Lane Estate"),
        ("up at jubilee park", "place", "Jubilee Park"),
        ("Castle ward", "area", "Castle"),
    ],
)
def test_should_find_a_place(gazetteer: Gazetteer, text: str, kind: str, name: str) -> None:
    assert [(found.place.kind, found.place.name) for found in gazetteer.find(text)] == [(kind, name)]


@pytest.mark.parametrize(
    "text", ["a bouncy castle", "riverside path", "the weavers of cloth", "high streets", ""]
)
def test_should_not_find_a_place_in_ordinary_words(gazetteer: Gazetteer, text: str) -> None:
    assert list(gazetteer.find(text)) == []


def test_should_know_every_ward_and_area_of_the_council(gazetteer: Gazetteer) -> None:
    council = YAML(typ="safe").load((Path(__file__).parents[2] / "council.yml").read_text(encoding="utf-8"))
    for name in [*council["wards"], *council["areas"]]:
        assert [found.place.name for found in gazetteer.find(name)] == [name]


def test_should_find_other_names_as_they_are_spelt_only() -> None:
    chains = load_names(Path(__file__).parents[2] / "data" / "places" / "chains.yml", "named_place")
    assert [found.place.name for found in chains.find("by the coop or the Co-op or McDonalds")] == [
        "Co-op",
        "Co-op",
        "McDonald's",
    ]
    assert list(chains.find("Morisons and morrison")) == []
    organisations = load_names(
        Path(__file__).parents[2] / "data" / "places" / "organisations.yml", "organisation"
    )
    assert [found.place.name for found in organisations.find("royal mail and a lime tree")] == ["Royal Mail"]


def test_should_name_the_file_of_a_wrong_entry(tmp_path: Path) -> None:
    (tmp_path / "areas.yml").write_text("areas:\n  - {nam: Abbey}\n")
    with pytest.raises(GazetteerBroken, match=r"areas\.yml"):
        load_gazetteer(tmp_path)
