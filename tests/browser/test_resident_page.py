"""The sandbox's pages in a real browser: a resident writes, sees the answer arrive, follows the link, gets a code."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bot.council import load_council
from bot.directory import load_directory
from tests.running import ROOT, Running
from tests.unclear import question_asked

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ARRIVES_WITHIN_MS = 15_000


@pytest.fixture(scope="module", params=[(1180, 900), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in Debian's Chromium; errors of its scripts fail the test that meets them."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "install Debian's chromium: the pages are tested in a real browser"
    width, height = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        opened = browser.new_page(viewport={"width": width, "height": height})
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        browser.close()
        assert errors == []


def write(page: Page, text: str) -> None:
    page.locator("textarea").first.fill(text)
    page.get_by_role("button", name="Send").click()


def test_should_show_a_resident_the_answer_and_lead_to_the_form_with_the_place_filled_in(
    page: Page, by_day: Running
) -> None:
    page.goto(by_day.sandbox)
    page.get_by_role("button", name="Be somebody new").first.dispatch_event("click")
    write(page, "someone has dumped a mattress in the alley behind our flats, MR1 2AB")
    link = page.get_by_role("link", name=re.compile("filter_category=Fly-tipping"))
    expect(link.first).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    page.goto(str(link.first.get_attribute("href")))
    expect(page.locator("input[type=text]").first).to_have_value("MR1 2AB")


def test_should_give_a_tracking_code_that_the_bot_knows(page: Page, by_day: Running) -> None:
    page.goto(f"{by_day.sandbox}/report/around?pc=MR1+2AB&filter_category=Fly-tipping")
    page.locator("input[type=text]").last.fill("Mattress in the alley")
    page.locator("textarea").first.fill("A double mattress, <b>wet</b>.")
    page.get_by_role("button", name="Send the report").click()
    shown = re.search(r"\b\d{7}\b", page.inner_text("body"))
    assert shown is not None
    assert page.locator("b", has_text="wet").count() == 0
    answer = by_day.ask("x", "private", f"how is my report {shown[0]} getting on?")
    assert shown[0] in answer and "fly-tipping" in answer.casefold()


def test_should_show_markup_in_a_message_as_text(page: Page, by_day: Running) -> None:
    page.goto(by_day.sandbox)
    write(page, "<img src=x onerror=alert(1)> pothole on Mill Lane")
    expect(page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    assert page.locator("img[src=x]").count() == 0


def test_should_let_a_resident_tap_which_of_several_things_is_meant(page: Page, by_day: Running) -> None:
    directory = load_directory(
        load_council(ROOT / "council.yml"), ROOT / "data" / "directory.yml", ROOT / "domain.yml"
    )
    question = question_asked(by_day, directory)
    page.goto(by_day.sandbox)
    page.get_by_role("button", name="Be somebody new").first.dispatch_event("click")
    page.locator("input[name=platform][value=facebook]").dispatch_event("click")
    write(page, question.said)
    tap = page.get_by_role("button", name=directory.choices[question.intents[1]].label, exact=True)
    expect(tap).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    expect(page.get_by_role("button", name="None of these", exact=True)).to_be_visible()
    tap.click()
    expect(tap).to_be_hidden(timeout=ARRIVES_WITHIN_MS)
    leads_to = (directory.page(question.intents[1]) or "").rpartition("?")[2]
    expect(page.locator(f'#thread a[href*="{leads_to}"]').last).to_be_visible(timeout=ARRIVES_WITHIN_MS)
