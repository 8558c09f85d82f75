"""The mapper with large trees: what a frame costs while a person scrolls, drags and types.

``python -m tests.benchmarks.bench_mapper`` draws 500 lines between two trees of 2,000 fields;
``--lines 50 --groups 20`` makes it a map of the usual size, with 400 fields.
Frames are counted as the browser shows them, with the time between them. On a busy machine the main
thread's processor time per frame says more: at under 16.7 ms there are 60 frames a second on one
that has a core to spare.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from tests.kit import browser as chromium
from tests.kit.product import start_product
from tests.stories.flows import flow, hand, node, wire
from tests.stories.mapping import open_mapper
from tests.stories.office import Desk, Doors, middle

FIELDS = 20  # of each group
STEPS = 60
LATE_MS = 20
FRAMES = """
() => { window.frames_at = [];
  const count = at => { window.frames_at.push(at); requestAnimationFrame(count); };
  requestAnimationFrame(count); }
"""
SHOWN = """
text => { window.shown_after = new Promise(resolve => {
  const lines = document.querySelector('[data-part="lines"]');
  let start = 0;
  addEventListener('keydown', event => { start = event.timeStamp; }, { capture: true, once: true });
  const look = new MutationObserver(() => {
    if (!lines.textContent.includes(text)) return;
    look.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - start)); });
  look.observe(lines, { subtree: true, childList: true, characterData: true }); }); }
"""


def large_flow(groups: int, lines: int) -> dict[str, Any]:
    """A flow whose map step has groups of 20 fields on both sides, and so many rules."""
    names = [(f"group{g}", f"field{f}") for g in range(groups) for f in range(FIELDS)]
    sample = {f"group{g}": {f"field{f}": f"{g}.{f}" for f in range(FIELDS)} for g in range(groups)}
    schema = {
        "type": "object",
        "properties": {
            f"group{g}": {
                "type": "object",
                "properties": {f"field{f}": {"type": "string"} for f in range(FIELDS)},
            }
            for g in range(groups)
        },
    }
    rules = [
        {
            "id": f"r{number}",
            "target": f"{names[number * 4 % len(names)][0]}.{names[number * 4 % len(names)][1]}",
            "expr": {"op": "field", "path": f"trigger.{group}.{field}"},
        }
        for number, (group, field) in enumerate(names[:lines])
    ]
    # The line whose value is changed: what its source gives, and a text after it.
    typed = {"op": "const", "value": "typed"}
    rules[0]["expr"] = {"op": "concat", "args": [rules[0]["expr"], typed], "separator": " "}
    step = node(
        "large", "map", "Large", 1, target={"schema": schema}, mapping={"schema": 1, "rules": rules}
    )
    return flow([hand(**sample), step], wire("hand", "large"))


def busy_s(cdp: CDPSession) -> float:
    """Processor time that the page's main thread has spent on tasks."""
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


class Watch:
    """Frames and processor time between two moments."""

    def __init__(self, page: Page, cdp: CDPSession) -> None:
        self.page, self.cdp = page, cdp
        page.evaluate("window.frames_at = []")
        self.busy = busy_s(cdp)

    def report(self, what: str) -> None:
        """One line: frames, processor time per frame."""
        at = self.page.evaluate("window.frames_at")
        busy = 1000 * (busy_s(self.cdp) - self.busy) / max(len(at), 1)
        gaps = sorted(after - before for before, after in itertools.pairwise(at))
        seconds = (at[-1] - at[0]) / 1000
        late = sum(gap > LATE_MS for gap in gaps)
        print(
            f"{what:<34} {len(gaps) / seconds:5.1f} frames/s, {late} of {len(gaps)} late, "
            f"95 of 100 within {gaps[len(gaps) * 95 // 100]:.1f} ms, "
            f"{busy:.2f} ms of processor time each"
        )


def expand_all(page: Page, tree: str) -> None:
    """Open every group, as the star key of trees does elsewhere: by a search that fits all."""
    page.get_by_role("textbox", name=f"Search {tree}").fill("field")
    page.wait_for_timeout(600)


def measure(desk: Desk, groups: int, lines: int) -> None:
    """Scroll, drag and change, each watched."""
    page = desk.page
    # As most people have it: with motion, wheels that scroll smoothly, and changes that fade.
    page.emulate_media(reduced_motion="no-preference")
    flow_id = desk.make_flow("Large mapping", large_flow(groups, lines))
    mapper = open_mapper(desk, flow_id, "Large")
    mapper.source("trigger").wait_for()
    expand_all(page, "sources")
    expand_all(page, "target")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(FRAMES)
    page.wait_for_timeout(500)

    for name, tree in (("sources", mapper.sources), ("target", mapper.targets)):
        page.mouse.move(*middle(tree.get_by_role("treeitem").nth(6)))
        watch = Watch(page, cdp)
        for _ in range(STEPS):
            page.mouse.wheel(0, 240)
            page.wait_for_timeout(16)
        watch.report(f"scrolling the {name}")

    page.mouse.move(*middle(mapper.sources.get_by_role("treeitem").nth(12)))
    page.mouse.down()
    watch = Watch(page, cdp)
    x, y = middle(mapper.targets.get_by_role("treeitem").nth(14))
    for step in range(STEPS):
        page.mouse.move(x, y - 200 + 6 * step)
        page.wait_for_timeout(16)
    watch.report("dragging over the target")
    page.keyboard.press("Escape")
    page.mouse.up()

    page.get_by_role("textbox", name="Search target").fill("group0.field0")
    mapper.target("group0.field0").click(position={"x": 110, "y": 12})
    took = [change(page, mapper, number) for number in range(9)]
    print(f"{'a key pressed, the value in its line':<34} {statistics.median(took):5.0f} ms")


def change(page: Page, mapper: Any, number: int) -> float:
    """Milliseconds from Enter in a box of a rule until its line shows what came of it."""
    box = mapper.details.get_by_role("textbox", name="Fixed value: 2", exact=True)
    box.fill(f"typed {number}")
    page.evaluate(SHOWN, f"typed {number}")
    box.press("Enter")
    return float(page.evaluate("window.shown_after"))


def main() -> None:
    """On a fresh product."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=100, help="of 20 fields, in both trees")
    parser.add_argument("--lines", type=int, default=500)
    size = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium.launch() as browser:
        product = start_product(Path(folder) / "data")
        try:
            doors = Doors(browser, product)
            measure(doors.desk("demo"), size.groups, size.lines)
            for failure in doors.close():
                print(failure)
        finally:
            product.stop()


if __name__ == "__main__":
    main()
