"""The site of the stored notebooks: built offline, whole, and good to read in a browser.

Needs Chromium and playwright for the pages, axe-core for the check of accessibility:
`npm install --prefix build/browser axe-core@4.14.1`.
"""

import io
import socket
from contextlib import redirect_stderr
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import lxml.html
import nbclient
import pytest

from helpers import browser
from inspection.publishing import runner
from inspection.publishing.site import sources
from inspection.publishing.site.build import write_site

NOTEBOOKS = [path.stem for path in runner.find_notebooks()]
PAGES = [page.with_suffix(".html").as_posix() for page in sources.find_pages()]
PAGES += ["index.html", *(f"notebooks/{name}.html" for name in NOTEBOOKS)]
SEEN = ("index.html", f"notebooks/{NOTEBOOKS[2]}.html", "docs/results.html")
WINDOWS = {"desk": (1280, 800), "phone": (390, 844)}
needs_browser = pytest.mark.skipif(
    bool(browser.missing_browser()), reason=f"needs {browser.missing_browser()}"
)


def refuse(*_, **__):
    raise AssertionError("the site is built without network and kernels")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site; return its folder, what was warned of and {name: page}."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch, redirect_stderr(io.StringIO()) as says:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(nbclient.NotebookClient, "execute", refuse)
        index = write_site(folder)
    assert index == folder / "index.html"
    pages = {
        path.relative_to(folder).as_posix(): lxml.html.parse(path).getroot()
        for path in folder.rglob("*.html")
        if "_static" not in path.parts  # templates of the theme
    }
    return SimpleNamespace(folder=folder, says=says.getvalue(), pages=pages)


def test_nothing_is_warned_of_and_every_page_is_there(site):
    assert site.says == ""
    assert set(PAGES) <= set(site.pages)
    assert not list(site.folder.glob(".*")), "nothing of the work on it is left"


def test_what_a_page_needs_lies_in_the_folder(site):
    lost, asked = [], 0
    for name, page in site.pages.items():
        for element, attribute, link, _ in page.iterlinks():
            loads = attribute == "src" or element.tag == "link"
            parts = urlsplit(link)
            if parts.scheme and not (loads and parts.scheme != "data"):
                continue  # the reader may follow it or not
            asked += 1
            lost += [] if leads_somewhere(site, name, parts) else [(name, link)]
    assert lost == [] and asked > 1000


def leads_somewhere(site, name, parts):
    """Tell whether a link of a page leads to a file of the site, and a place in it."""
    if parts.scheme or parts.netloc:
        return False
    there = (site.folder / name).parent / unquote(parts.path) if parts.path else None
    there = there.resolve() if there else site.folder / name
    if not there.is_file():
        return False
    page = site.pages.get(there.relative_to(site.folder.resolve()).as_posix())
    fragment = unquote(parts.fragment)
    if not fragment or page is None:
        return True
    return bool(page.xpath("//*[@id=$id or @name=$id]", id=fragment))


def test_next_links_lead_through_all_pages(site):
    way, name = [], "index.html"
    while name:
        assert name not in way
        way.append(name)
        following = site.pages[name].xpath("//link[@rel='next']/@href")
        path = (site.folder / name).parent / following[0] if following else None
        name = path and path.resolve().relative_to(site.folder.resolve()).as_posix()
    assert sorted(way) == sorted(PAGES)
    assert way[1 : len(NOTEBOOKS) + 1] == [f"notebooks/{n}.html" for n in NOTEBOOKS]


def test_every_page_is_in_the_navigation_of_every_other(site):
    for name in PAGES:
        links = site.pages[name].xpath("//nav//a[contains(@class, 'internal')]/@href")
        files = {(site.folder / name).parent / urlsplit(x).path for x in links}
        there = {p.resolve() for p in files} | {(site.folder / name).resolve()}
        lost = [page for page in PAGES if (site.folder / page).resolve() not in there]
        assert lost == []


def test_the_front_page_has_a_card_with_picture_and_figures_for_each(site):
    cards = site.pages["index.html"].xpath("//article[contains(@class, 'card')]")
    assert [card.xpath(".//h2/a/@href")[0] for card in cards] == [
        f"notebooks/{name}.html" for name in NOTEBOOKS
    ]
    for card in cards:
        assert card.xpath(".//img/@src") and card.xpath(".//dd/text()")
        assert "minutes to read" in card.text_content()


def test_pictures_have_words_and_formulas_are_drawn(site):
    nameless = [
        (name, image.get("src"))
        for name in PAGES
        for image in site.pages[name].iter("img")
        if image.get("alt", "") in ("", image.get("src"))
    ]
    assert nameless == []
    drawn = [page for page in site.pages.values() if list(page.iter("math"))]
    assert drawn
    for name, page in site.pages.items():
        prose = page.xpath("//article//p[not(ancestor::pre)]")
        assert not [p for p in prose if "$$" in p.text_content()], name


def test_outputs_are_those_stored(site):
    (path, *_) = runner.find_notebooks(["01"])
    (page,) = site.pages[f"notebooks/{path.stem}.html"].xpath("//article")
    assert "Pictures kept byte by byte" in page.text_content()
    assert page.xpath(".//table[contains(@class, 'dataframe')]")
    assert "claims.hold" not in "".join(
        page.xpath(".//div[@class='highlight']//text()")
    )


@pytest.fixture(scope="module")
def chromium():
    with browser.open_browser() as opened:
        yield opened


@pytest.fixture
def open_page(chromium, site):
    """Return a function that opens a page of the folder; no error, nothing from outside."""
    opened = []

    def open_page(name, window="desk", scheme="light"):
        width, height = WINDOWS[window]
        size = {"width": width, "height": height}
        page = chromium.new_page(viewport=size, color_scheme=scheme)
        page.broken, page.outside = [], []
        page.on("pageerror", lambda error: page.broken.append(str(error)))
        page.on("request", lambda request: page.outside.append(request.url))
        page.goto((site.folder / name).as_uri(), wait_until="load")
        opened.append(page)
        return page

    yield open_page
    for page in opened:
        assert page.broken == []
        urls = [url for url in page.outside if not url.startswith(("file:", "data:"))]
        assert urls == []
        page.close()


@needs_browser
@pytest.mark.parametrize("window, scheme", [("desk", "light"), ("phone", "dark")])
@pytest.mark.parametrize("name", [*SEEN, "search.html"])
def test_pages_are_for_everybody(open_page, name, window, scheme):
    page = open_page(name, window, scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= WINDOWS[window][0]
    if not browser.AXE.is_file():
        pytest.skip("needs npm install --prefix build/browser axe-core@4.14.1")
    found = browser.axe_violations(page)
    assert [one for one in found if one[1] in ("serious", "critical")] == []


@needs_browser
@pytest.mark.parametrize(
    "words, name",
    [
        ("anchor", "notebooks/01b_detector_in_eighty_lines.html"),
        ("IoU", "notebooks/06_rust_segmentation.html"),
    ],
)
def test_the_search_finds(open_page, words, name):
    page = open_page("index.html")
    page.keyboard.press("Control+k")
    page.locator("input[type=search]:visible").fill(words)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results .search-summary:has-text('found')")
    found = page.eval_on_selector_all(
        "#search-results a", "all => all.map(a => a.href)"
    )
    assert any(urlsplit(link).path.endswith(name) for link in found)


@needs_browser
def test_the_colours_can_be_changed_and_stay(open_page):
    page = open_page("index.html")
    page.locator(".theme-switch-button:visible").first.click()
    page.locator(".theme-change-button[data-mode=dark]:visible").first.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
