"""council.yml: what it must hold, and what is said about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.council import Council, load_council
from bot.yamlfile import ConfigError

ROOT = Path(__file__).parents[2]
GOOD = (ROOT / "council.yml").read_text(encoding="utf-8")


@pytest.fixture
def council() -> Council:
    return load_council(ROOT / "council.yml")


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


def refused(tmp_path: Path, text: str) -> ConfigError:
    path = tmp_path / "council.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_council(path)
    return caught.value


def test_should_be_a_fictional_council_that_nobody_can_mistake_for_a_real_one(council: Council) -> None:
    assert council.domain.endswith(".example")
    assert council.email is not None and council.email.endswith(council.domain)
    assert council.reporting_tool.url.split("/")[2].endswith(council.domain)
    numbers = [
        council.phone.main,
        council.phone.out_of_hours,
        *(each.phone for each in council.partners.values()),
    ]
    assert all(number.startswith("01632 960") for number in numbers)
    assert all(code.startswith("MR") for code in council.postcodes)


def test_should_name_wards_and_areas(council: Council) -> None:
    assert len(council.wards) == 20
    assert len(council.areas) == 20
    assert council.area_name == "Marlstow"


@pytest.mark.parametrize(
    ("there", "instead", "fragment", "message"),
    [
        ("region: England", "region: Englandshire", "region:", "region: Input should be"),
        (
            "time_zone: Europe/London",
            "time_zone: Europe/Marlstow",
            "time_zone:",
            "time_zone: is no time zone",
        ),
        ("main: 01632 960100", "main: 01632-960100", "main:", "phone: main: must be a phone number"),
        ("main: 01632 960100", "main: 1234 5678", "main:", "phone: main: is not a UK phone number"),
        ("x: MarlstowCouncil", 'x: "@MarlstowCouncil"', "  x:", "handles: x: must be an X handle"),
        ("website: https://", "website: http://", "website:", "website: must be an https address"),
        (
            'monday: ["09:00", "17:00"]',
            'monday: ["17:00", "09:00"]',
            "office_hours:",
            "monday must open before",
        ),
        ("  monday:", "  montag:", "montag:", "office_hours: montag"),
        ("postcodes: [MR1,", "postcodes: [MR1, MR1,", "postcodes:", "postcodes: names 'MR1' twice"),
        ("  - Abbey\n", "  - Abbey\n  - abbey\n", "wards:", "wards: names 'abbey' twice"),
        ("short_name:", "shortname:", "shortname:", "shortname: is not a name that is known here"),
        ('code_example: "1234567"', 'code_example: "12a"', "reporting_tool:", "code_example does not match"),
        ('code_pattern: "[0-9]{5,9}"', 'code_pattern: "[0-9"', "code_pattern:", "is no regular expression"),
        ("email: contact@", "email: contact at ", "email:", "email: String should match"),
    ],
)
def test_should_name_the_line_of_what_is_wrong(
    tmp_path: Path, there: str, instead: str, fragment: str, message: str
) -> None:
    assert there in GOOD
    text = GOOD.replace(there, instead)
    error = refused(tmp_path, text)
    assert message in error.message
    assert error.line == line_of(text, fragment)
    assert str(error) == f"{tmp_path / 'council.yml'}:{error.line}: {error.message}"


def test_should_name_a_missing_value(tmp_path: Path) -> None:
    error = refused(tmp_path, GOOD.replace("address: City Hall, Market Square, Marlstow, MR1 1AA", ""))
    assert error.message == "address: is missing"


def test_should_refuse_a_name_that_stands_twice(tmp_path: Path) -> None:
    text = GOOD + "\nname: Another Council\n"
    error = refused(tmp_path, text)
    assert "duplicate key" in error.message
    assert error.line == len(text.splitlines())


@pytest.mark.parametrize(
    ("text", "message"), [("a: [", "while parsing"), ("- a", "must hold names"), ("", "must hold names")]
)
def test_should_refuse_what_is_no_mapping(tmp_path: Path, text: str, message: str) -> None:
    error = refused(tmp_path, text)
    assert error.line >= 1
    assert message in error.message or "expected" in error.message


def test_should_refuse_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yml:1: cannot be read"):
        load_council(tmp_path / "nowhere.yml")


def test_should_refuse_what_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "council.yml").write_bytes(b"name: \xff")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_council(tmp_path / "council.yml")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1234567", True),
        ("12345", True),
        ("1234", False),
        ("12345a", False),
        ("../../etc", False),
        ("1" * 60, False),
    ],
)
def test_should_know_a_tracking_code(council: Council, value: str, expected: bool) -> None:
    assert council.reporting_tool.is_code(value) is expected
