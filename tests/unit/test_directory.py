"""data/directory.yml: one destination for every purpose, checked, and links that land where they should."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.directory import Behaviour, Directory, Partner, Report, Service, load_directory, read_intents
from bot.yamlfile import ConfigError

ROOT = Path(__file__).parents[2]
COUNCIL = load_council(ROOT / "council.yml")
GOOD = (ROOT / "data" / "directory.yml").read_text(encoding="utf-8")
DIRECTORY = load_directory(COUNCIL, ROOT / "data" / "directory.yml", ROOT / "domain.yml")
REPORTS = [intent for intent, each in DIRECTORY.destinations.items() if isinstance(each, Report)]


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNPOST_REPORTING_URL", raising=False)


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


def refused(tmp_path: Path, text: str) -> ConfigError:
    path = tmp_path / "directory.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_directory(COUNCIL, path, ROOT / "domain.yml")
    return caught.value


def test_should_have_one_destination_for_each_of_the_95_intents() -> None:
    assert len(DIRECTORY.destinations) == 95
    assert set(DIRECTORY.destinations) == set(read_intents(ROOT / "domain.yml"))


def test_should_hold_the_real_numbers_of_partners() -> None:
    def facts(intent: str) -> str:
        return DIRECTORY[intent].model_dump_json()

    expected = {
        "partner_police": ["101", "999", "0800 555 111"],
        "partner_power": ["105"],
        "partner_health": ["111", "999"],
        "partner_national_highways": ["0300 123 5000"],
        "partner_environment_agency": ["0800 80 70 60", "0345 988 1188"],
        "partner_animal_welfare": ["0300 1234 999"],
        "partner_transport": ["03457 48 49 50"],
        "partner_national_government": ["0800 328 5644", "0300 222 0000", "0300 790 6801"],
        "report_rough_sleeper": ["https://thestreetlink.org.uk", "999"],
        "emergency_danger": ["999", "0800 111 999", "105", "https://999bsl.co.uk"],
        "self_harm": ["116 123", "999", "111", "85258", "0800 1111"],
        "safeguarding": ["999", "0808 2000 247", "0808 800 5000", "0800 1111"],
    }
    for intent, numbers in expected.items():
        for number in numbers:
            assert number in facts(intent), (intent, number)


def test_should_take_the_water_company_from_the_council() -> None:
    water = DIRECTORY["partner_water"]
    assert isinstance(water, Partner)
    assert (water.who, water.phone) == ("Marl Water", "01632 960300")


def test_should_write_pages_and_the_councils_numbers_out() -> None:
    service = DIRECTORY["ask_bin_day"]
    assert isinstance(service, Service)
    assert service.page == "https://www.marlstow.example/bins/collection-days"
    assert service.phone == COUNCIL.phone.main
    report = DIRECTORY["report_pothole"]
    assert isinstance(report, Report) and report.urgent_phone is not None
    assert report.urgent_phone.number == COUNCIL.phone.out_of_hours


def test_should_keep_the_councils_own_numbers_out_of_the_directory() -> None:
    assert "01632" not in GOOD


def test_should_say_where_every_fact_about_a_partner_comes_from() -> None:
    # A comment that names the source, inside the entry or just above it.
    for intent, destination in DIRECTORY.destinations.items():
        if isinstance(destination, Partner) and not destination.council_partner:
            entry = re.search(rf"(?ms)^  {intent}:\n(.*?)(?=^  \w|\Z)", GOOD)
            assert entry is not None and "# " in entry[1], intent


def test_should_link_to_the_place_and_the_category() -> None:
    link = DIRECTORY.report_link("report_fly_tipping", postcode="MR1 2AB")
    assert link == "https://report.marlstow.example/around?pc=MR1+2AB&filter_category=Fly-tipping"


def test_should_link_to_coordinates_before_a_postcode_before_a_place() -> None:
    link = DIRECTORY.report_link("report_tree", postcode="MR1 2AB", latlon=(51.5, -2.25), place="High Street")
    assert parse_qs(urlsplit(link).query) == {
        "latitude": ["51.500000"],
        "longitude": ["-2.250000"],
        "filter_category": ["Trees and hedges"],
    }
    assert "pc=MR1+2AB" in DIRECTORY.report_link("report_tree", postcode="MR1 2AB", place="High Street")
    assert "pc=High+Street" in DIRECTORY.report_link("report_tree", place="High Street")


def test_should_link_to_the_front_page_when_no_place_is_known() -> None:
    assert (
        DIRECTORY.report_link("report_pothole") == "https://report.marlstow.example/?filter_category=Potholes"
    )


def test_should_let_the_environment_say_where_the_reporting_tool_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNPOST_REPORTING_URL", "http://127.0.0.1:8081/report/")
    assert DIRECTORY.report_link("report_pothole") == "http://127.0.0.1:8081/report?filter_category=Potholes"
    around = DIRECTORY.report_link("report_pothole", postcode="MR1 2AB")
    assert around == "http://127.0.0.1:8081/report/around?pc=MR1+2AB&filter_category=Potholes"
    assert DIRECTORY.status_link("1234567") == "http://127.0.0.1:8081/report/report/1234567"


@given(place=st.text(min_size=1, max_size=80), intent=st.sampled_from(REPORTS))
def test_should_carry_any_place_unharmed_and_add_nothing_to_the_link(place: str, intent: str) -> None:
    link = DIRECTORY.report_link(intent, place=place)
    query = parse_qs(urlsplit(link).query, keep_blank_values=True, strict_parsing=True)
    assert query["pc"] == [place]
    assert set(query) <= {"pc", "filter_category", "filter_group"}
    assert link.isascii() and " " not in link


def test_should_quote_a_code_in_the_link_to_a_report() -> None:
    assert DIRECTORY.status_link("1/../x y") == "https://report.marlstow.example/report/1%2F..%2Fx%20y"


def test_should_have_no_report_link_for_what_is_no_report() -> None:
    with pytest.raises(KeyError):
        DIRECTORY.report_link("ask_bin_day")


def test_should_name_one_address_for_every_purpose_that_leads_somewhere() -> None:
    for intent, destination in DIRECTORY.destinations.items():
        page = DIRECTORY.page(intent)
        assert (page is None) == isinstance(destination, Behaviour)
        assert page is None or page.startswith("https://")


@pytest.mark.parametrize(
    ("there", "instead", "fragment", "message"),
    [
        ("    category: Potholes\n", "", "  report_pothole:", "report_pothole: category: is missing"),
        (
            "    category: Potholes\n",
            "    categorie: Potholes\n",
            "categorie",
            "report_pothole: categorie: is not a name",
        ),
        ('    phone: "105"', "    phone: 1O5", "phone: 1O5", "partner_power: phone: must be a phone number"),
        (
            '    phone: "105"',
            '    phone: "106"',
            'phone: "106"',
            "partner_power: phone: is not a UK phone number",
        ),
        (
            "    page: /libraries",
            "    page: http://www.marlstow.example/",
            "page: http:",
            "ask_library: page: ",
        ),
        (
            "    page: /libraries",
            "    page: https://bit.ly/x",
            "bit.ly",
            "ask_library: page: bit.ly is neither",
        ),
        (
            "    page: /libraries",
            "    page: https://evilgov.uk/",
            "evilgov",
            "ask_library: page: evilgov.uk is neither",
        ),
        (
            "    x: EnvAgency",
            '    x: "@EnvAgency"',
            "@EnvAgency",
            "partner_environment_agency: x: must be an X handle",
        ),
        (
            "    council_partner: water",
            "    council_partner: fire",
            "partner: fire",
            "council.yml has no partner 'fire'",
        ),
        (
            "kind: behaviour, behaviour: opt_out",
            "kind: behaviour, behaviour: sulk",
            "sulk",
            "opt_out: behaviour: ",
        ),
        (
            "  ask_library:\n    kind: service",
            "  ask_library:\n    kind: shop",
            "  ask_library:",
            "ask_library: ",
        ),
        (
            "number: out_of_hours}",
            "number: sometimes}",
            "number: sometimes",
            "is not a UK phone number: 'sometimes'",
        ),
        ("queue: person,", "", "  request_human:", "request_human: behaviour: hand_over must name a queue"),
        (
            "  ask_library:\n",
            "  ask_librarian:\n",
            "  ask_librarian:",
            "ask_librarian: is no intent of",
        ),
        ("label: Pothole,", "label: Pothole or other hole,", "or other hole", "report_pothole: label: "),
        (
            "label: Pothole,",
            "label: NOISE,",
            "label: Noise,",
            "report_noise: label: is the same as that of report_",
        ),
        ("label: Pothole,", "", "a hole or other damage", "report_pothole: label: is missing"),
        (
            "clause: a hole or other damage in a road",
            'clause: "a {hole}"',
            "a {hole}",
            "report_pothole: clause: ",
        ),
        (
            "  report_pothole: {label",
            "  greet: {label",
            "  greet: {label",
            "greet: is nothing that the bot asks about",
        ),
    ],
)
def test_should_name_the_line_of_what_is_wrong(
    tmp_path: Path, there: str, instead: str, fragment: str, message: str
) -> None:
    assert there in GOOD
    text = GOOD.replace(there, instead, 1)
    error = refused(tmp_path, text)
    assert message in error.message, error
    assert error.line == line_of(text, fragment)


def test_should_refuse_an_intent_without_a_destination(tmp_path: Path) -> None:
    error = refused(tmp_path, GOOD.replace("  greet: {kind: behaviour, behaviour: small_talk}\n", ""))
    assert "no destination for the intent greet" in error.message


def test_should_refuse_a_second_destination(tmp_path: Path) -> None:
    greeting = "  greet: {kind: behaviour, behaviour: small_talk}\n"
    error = refused(tmp_path, GOOD.replace(greeting, greeting * 2))
    assert "duplicate key" in error.message


def test_should_refuse_a_purpose_that_has_no_words_to_be_asked_about_with(tmp_path: Path) -> None:
    line = next(line for line in GOOD.splitlines(keepends=True) if line.startswith("  ask_jobs: {label"))
    error = refused(tmp_path, GOOD.replace(line, ""))
    assert error.message == "choices: has no words for ask_jobs"


def test_should_have_words_for_every_purpose_but_courtesies_and_what_nobody_is_asked() -> None:
    without = {intent for intent in DIRECTORY.destinations if intent not in DIRECTORY.choices}
    assert without == {
        "greet", "thank", "goodbye", "affirm", "deny", "opt_out", "out_of_scope",
        "abuse_of_staff", "advert_or_spam", "party_political",
    }  # fmt: skip


def test_should_refuse_a_domain_without_intents(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text("responses: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="must list the intents"):
        read_intents(tmp_path / "domain.yml")


def test_should_read_intents_that_carry_settings(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text(
        "intents:\n  - greet\n  - thank: {use_entities: []}\n  - nlu_fallback\n"
    )
    assert read_intents(tmp_path / "domain.yml") == ("greet", "thank")


def test_should_know_nothing_of_an_unknown_intent() -> None:
    assert DIRECTORY.get("nothing") is None
    assert "nothing" not in DIRECTORY
    assert isinstance(DIRECTORY, Directory)
