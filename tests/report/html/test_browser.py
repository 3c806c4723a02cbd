"""The page in a real browser: without a network, by keyboard, narrow, dark and on paper."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.comparison import Compared
from harness.report.html.page import html

CONTRAST = """() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return [m[0], m[1], m[2], m[3] ?? 1]; };
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const layers = [];
    for (let each = node; each; each = each.parentElement) {
      layers.push(parse(getComputedStyle(each).backgroundColor));
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const weak = [];
  const all = 'p, li, td, th, dt, dd, a, span, summary, caption, h1, h2, h3, h4, text, button, select';
  for (const node of document.querySelectorAll(all)) {
    const own = [...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
    if (!own || node.closest('.anchor, .skip, .unseen')) continue;
    const style = getComputedStyle(node);
    const [text, paper] = [parse(node.tagName === 'text' ? style.fill : style.color), behind(node)];
    const [a, b] = [light(over(text, paper)), light(paper)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const told = `${node.tagName}.${node.getAttribute('class')} ${node.textContent.slice(0, 40)}`;
    if (ratio < 4.5) weak.push(`${told} ${ratio.toFixed(2)}`);
  }
  return [...new Set(weak)];
}"""


def chromium() -> str:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if found is None:
        told = "no chromium, chromium-browser or google-chrome on the PATH"
        if os.environ.get("HARNESS_BROWSER_REQUIRED") == "1":
            pytest.fail(f"{told}, and HARNESS_BROWSER_REQUIRED is 1")
        pytest.skip(told)
    return found


class Visit:
    """An open page, and what it complained of or asked the network for."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", self._dismiss)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)
        self.address = address

    def _dismiss(self, dialog: Any) -> None:
        self.said.append(f"a dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = chromium()
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def report(compared: Compared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html(compared), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser: Any, report: Path) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def go(**options: Any) -> Visit:
        visits.append(Visit(browser, report.as_uri(), **options))
        return visits[-1]

    yield go
    for each in visits:
        assert [] == each.said
        assert [each.address] == each.asked
        each.context.close()


def test_a_click_on_a_head_sorts_the_table_and_says_so(visit: Callable[..., Visit]) -> None:
    page = visit().page
    table = page.locator("#t1-strategies ~ .scroll table").first
    head = table.locator("th[scope=col]").nth(1)

    def values() -> list[float]:
        return [float(v.split()[0]) for v in table.locator("tbody td:nth-child(2)").all_inner_texts()]

    head.locator("button").click()
    assert "ascending" == head.get_attribute("aria-sort")
    assert sorted(values()) == values()
    head.locator("button").press("Enter")
    assert "descending" == head.get_attribute("aria-sort")
    assert sorted(values(), reverse=True) == values()
    assert "Sorted by accuracy, falling." == page.locator("[aria-live]").last.inner_text()


def test_folds_open_by_keyboard(visit: Callable[..., Visit]) -> None:
    page = visit().page
    fold = page.locator("details").filter(has_text="Every two strategies").first
    assert not fold.locator("table").is_visible()
    fold.locator("summary").press("Enter")
    assert fold.locator("table").is_visible()


def test_rows_are_filtered_by_who_is_wrong_and_by_words(visit: Callable[..., Visit]) -> None:
    page = visit().page
    rows = page.locator(".example:visible")
    everything = rows.count()
    page.get_by_label("wrong or failed:").select_option(label="features")
    assert 0 < rows.count() < everything
    for given in rows.locator(".given > li.right").all():
        assert "features" not in given.inner_text()
    page.get_by_label("wrong or failed:").select_option(label="any strategy")
    page.get_by_label("contains:").fill("Row 12")
    assert 0 < rows.count() < everything
    assert f"{rows.count()} of {everything} rows" == page.locator(".filter output").inner_text()


def test_the_first_stop_of_the_keyboard_skips_to_the_recommendation(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.keyboard.press("Tab")
    assert "Skip to the recommendation" == page.evaluate("document.activeElement.textContent")
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert "main" == page.evaluate("document.activeElement.id")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_to_be_read(visit: Callable[..., Visit], scheme: str) -> None:
    page = visit(color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert [] == page.evaluate(CONTRAST)


def test_dark_is_dark(visit: Callable[..., Visit]) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    assert visit(color_scheme="dark").page.evaluate(paper) != visit(color_scheme="light").page.evaluate(paper)


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_the_page_never_scrolls_sideways(visit: Callable[..., Visit], width: int) -> None:
    page = visit(viewport={"width": width, "height": 740}).page
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert width >= page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("width", [390, 1400])
def test_every_chart_is_seen_whole_with_the_recommended_strategy_in_it(
    visit: Callable[..., Visit], width: int
) -> None:
    page = visit(viewport={"width": width, "height": 900}).page
    ends = page.evaluate("""() => {
      const seen = [...document.querySelectorAll("svg.chart")].filter((each) => each.checkVisibility());
      return seen.map((each) => ({
        right: each.getBoundingClientRect().right,
        text: Math.min(...[...each.querySelectorAll("text")].map((t) => t.getBoundingClientRect().height)),
        star: each.querySelector(".star") !== null,
      }));
    }""")
    assert ends
    assert all(each["right"] <= width for each in ends)
    assert all(each["text"] >= 9 for each in ends)
    assert any(each["star"] for each in ends)


def test_the_contents_are_folded_where_they_would_push_the_verdict_off_the_screen(
    visit: Callable[..., Visit],
) -> None:
    narrow = visit(viewport={"width": 390, "height": 740}).page
    assert not narrow.locator("nav.contents ol").first.is_visible()
    narrow.locator("nav.contents summary").click()
    assert narrow.locator("nav.contents ol").first.is_visible()
    assert visit(viewport={"width": 1400, "height": 740}).page.locator("nav.contents ol").first.is_visible()


def test_a_table_wider_than_its_place_says_that_it_scrolls(visit: Callable[..., Visit]) -> None:
    page = visit(viewport={"width": 390, "height": 740}).page
    table = page.locator("#t1-strategies ~ .scroll").first
    assert "over" in (table.get_attribute("class") or "")
    assert "scrolls" in table.evaluate("(it) => getComputedStyle(it.querySelector('caption'), '::before').content")


def test_on_paper_all_folds_are_open_and_the_contents_are_gone(visit: Callable[..., Visit]) -> None:
    page = visit(viewport={"width": 690, "height": 1000}).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert 0 == page.locator("details:not([open])").count()
    assert not page.locator("nav.contents").is_visible()
    assert 690 >= page.evaluate("document.documentElement.scrollWidth")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert 0 < page.locator("details:not([open])").count()
    assert page.pdf().startswith(b"%PDF")


def test_without_scripts_the_page_is_whole(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False).page
    assert page.locator(".verdict .sentence").is_visible()
    assert page.locator(".example").first.is_visible()
    assert 0 == page.locator("button").count()
