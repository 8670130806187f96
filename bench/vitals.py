"""How a page feels on a slow phone: LCP, CLS and the longest answer to a key, on slow 4G with a CPU slowed four times.

Run it with the environment of `make test`: `.venv/bin/python -m bench.vitals`. It serves the site itself, with a
database of its own, and prints one line for each page: the median of three visits with an empty cache.
"""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.site import chromium, serve

PASSWORD = "a long bench password"
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
VISITS = 3
PAGES = {"home": "/", "part 3": "/guide/are-you-ready/", "whole guide": "/guide/all/", "check": "/check/"}
WRITING = "/journal/2/"
PHONE = {"width": 390, "height": 844}
# INP leaves out the longest of every 50 interactions.
WATCH = """
  window.vitals = {lcp: 0, cls: 0};
  const took = {};
  window.inp = () => Object.values(took).sort((a, b) => b - a)[Math.floor(performance.interactionCount / 50)] || 0;
  const watch = (type, each, more) => new PerformanceObserver(list => list.getEntries().forEach(each))
    .observe({type, buffered: true, ...more});
  watch('largest-contentful-paint', entry => { vitals.lcp = entry.startTime; });
  watch('layout-shift', entry => { if (!entry.hadRecentInput) vitals.cls += entry.value; });
  watch('event', entry => {
    const id = entry.interactionId;
    if (id) took[id] = Math.max(took[id] || 0, entry.duration);
  }, {durationThreshold: 16});
"""


def slow_down(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def visit(browser: Browser, url: str, path: str, state: Path | None) -> dict[str, float]:
    """Open a page with an empty cache, use it, and return what the browser measured."""
    context = browser.new_context(base_url=url, viewport=PHONE, storage_state=state)
    context.add_init_script(WATCH)
    page = context.new_page()
    slow_down(page)
    page.goto(path, wait_until="networkidle")
    loaded: dict[str, float] = page.evaluate("({...vitals})")
    if path == WRITING:
        box = page.locator("#id_text")
        box.evaluate("box => { box.value = 'A line of what was written before. '.repeat(580).slice(0, 20000) }")
        box.press_sequentially("x" * 200, delay=50)  # as fast as fingers; keys that pile up measure the pile
    else:
        page.mouse.click(200, 400)
        page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    late: float = page.evaluate("inp()")
    context.close()
    return {**loaded, "inp": late}


def sign_up(browser: Browser, url: str, state: Path) -> None:
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto("/join/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Create journal").click()
    page.locator("#key").wait_for()
    context.storage_state(path=state)
    context.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as site, sync_playwright() as playwright:
        url = site.url
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        state = Path(folder) / "state.json"
        sign_up(browser, url, state)
        print("page          LCP ms     CLS  INP ms")
        for name, path in {**PAGES, "writing": WRITING}.items():
            visits = [visit(browser, url, path, state if path == WRITING else None) for _ in range(VISITS)]
            lcp, cls, inp = (statistics.median(v[key] for v in visits) for key in ("lcp", "cls", "inp"))
            print(f"{name:12} {lcp:7.0f} {cls:7.3f} {inp:7.0f}")
        browser.close()


if __name__ == "__main__":
    main()
