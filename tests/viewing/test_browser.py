"""A run clicked through in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.running.store import RunFolder

from .conftest import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

Serve = Callable[[Path], Serving]


def test_from_the_run_to_a_wrong_answer_and_back(ran: Path, serve: Serve, page: Page) -> None:
    from playwright.sync_api import expect

    page.goto(serve(ran).server.ticket())
    page.get_by_role("link", name="tiny").first.click()
    expect(page.get_by_role("heading", name="reviews")).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="All examples").click()
    expect(page.locator("#count")).to_have_text("30 of 30 rows")
    page.get_by_role("combobox", name="Strategy").select_option("asks")
    page.get_by_role("combobox", name="Result").select_option("wrong")
    expect(page.locator("#count")).not_to_have_text("30 of 30 rows")
    told = page.locator("#count").inner_text()
    assert page.url.endswith("?of=asks&state=wrong")
    page.locator("[data-open]").first.click()
    expect(page.get_by_role("heading", name="asks")).to_contain_text("wrong")
    page.get_by_role("button", name="Open all prompts").click()
    expect(page.get_by_text("Is this review positive or negative?").first).to_be_visible()
    page.go_back()
    expect(page.locator("#count")).to_have_text(told)
    expect(page.get_by_role("combobox", name="Result")).to_have_value("wrong")
    page.go_back()
    expect(page.locator("#count")).not_to_have_text(told)
    expect(page.get_by_role("combobox", name="Result")).to_have_value("")


def test_keys_search_move_and_open(made: RunFolder, serve: Serve, page: Page) -> None:
    from playwright.sync_api import expect

    page.goto(f"{serve(made.path.parent).url}run/made/task/t")
    page.keyboard.press("/")
    page.keyboard.type("great")
    expect(page.locator("#count")).to_have_text("2 of 4 rows")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("k")
    expect(page.get_by_text("1 of 2")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.locator("#count")).to_have_text("2 of 4 rows")
    expect(page.locator("#search")).to_have_value("great")


def test_a_script_in_an_answer_does_not_run_and_nothing_overflows_a_phone(
    made: RunFolder, serve: Serve, page: Page
) -> None:
    url = serve(made.path.parent).url
    page.set_viewport_size({"width": 400, "height": 800})
    for path in ("", "run/made", "run/made/task/t", "run/made/task/t/example?id=q2", "compare?a=made&b=made"):
        page.goto(url + path)
        assert "owned" != page.title()
        assert 400 == page.evaluate("document.documentElement.scrollWidth")
