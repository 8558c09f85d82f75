"""The office of the stories: people at their desks, and the vendors' own records as the judge."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import urllib3
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from ipaas.core import jsonio
from tests.kit.product import Product
from tests.kit.waiting import until

WORKSPACE = "demo"
FLOW_NAME = "Order to cash"
PASSWORD = "causeway"
SLOW_S = 3
_http = urllib3.PoolManager(retries=False, timeout=10)


class Vendors:
    """The sandboxes' control API: what the vendors really hold, and how they behave."""

    def __init__(self, sandbox_url: str) -> None:
        self.url = f"{sandbox_url}/_control/{WORKSPACE}"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's document; numbers are exact."""
        answer = _http.request(
            method,
            f"{self.url}/{path}".rstrip("/"),
            body=jsonio.dumps(body) if body is not None else None,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status < 300, answer.data
        return jsonio.loads(answer.data) if answer.data else None

    def records(self, vendor: str, entity: str) -> list[dict[str, Any]]:
        """Every record of one kind."""
        found: list[dict[str, Any]] = self.ask("GET", f"{vendor}/records/{entity}?limit=500")[
            "items"
        ]
        return found

    def order(self, number: str) -> dict[str, Any]:
        """The shop's order."""
        return next(o for o in self.records("magento", "order") if o["increment_id"] == number)

    def invoices(self, number: str) -> list[dict[str, Any]]:
        """The books' invoices for one order, wherever they carry its number."""
        return [i for i in self.records("quickbooks", "Invoice") if i.get("DocNumber") == number]

    def behave(self) -> None:
        """Switch every fault off, so that no story leaves a trap for the next."""
        for vendor in self.ask("GET", "")["vendors"]:
            for fault in vendor["faults"]:
                if fault["active"]:
                    self.ask("PUT", f"{vendor['slug']}/faults/{fault['name']}", {"active": False})
            self.ask("PUT", f"{vendor['slug']}/settings", {"slow_s": SLOW_S})


class Desk:
    """One person's browser window on the product."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def log_in(self, user: str) -> None:
        """By the form, as people do."""
        self.page.goto("/login")
        self.page.get_by_label("User name").fill(user)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("button", name="User menu")).to_be_visible()

    @property
    def main_navigation(self) -> Locator:
        """The bar at the left."""
        return self.page.get_by_role("navigation", name="Main")

    def open(self, path: str = "overview") -> None:
        """A screen by its address."""
        self.page.goto(f"/w/{WORKSPACE}/{path}")

    def go_to(self, name: str) -> None:
        """A screen by the bar at the left."""
        self.main_navigation.get_by_role("link", name=re.compile(f"^{name}")).click()
        expect(self.page.get_by_role("heading", level=1, name=name)).to_be_visible()

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers this person's browser: a Playwright response."""
        token = next(
            (c["value"] for c in self.page.context.cookies() if c.get("name") == "csrftoken"), ""
        )
        return self.page.request.fetch(
            f"/api/v1/w/{WORKSPACE}{path}",
            method=method,
            data=None if body is None else jsonio.dumps(body).decode(),
            headers={"X-CSRFToken": token, "Content-Type": "application/json"},
        )

    def read(self, path: str) -> Any:
        """A document of the API; numbers are exact."""
        answer = self.api("GET", path)
        assert answer.ok, f"{path}: {answer.status} {answer.text()[:300]}"
        return jsonio.loads(answer.text())

    def make_flow(self, name: str, document: dict[str, Any] | None = None) -> str:
        """Id of a new flow of this name."""
        answer = self.api("POST", "/flows", {"name": name, "document": document or EMPTY})
        assert answer.ok, answer.text()
        flow_id: str = answer.json()["id"]
        return flow_id

    # --- the designer

    @property
    def flow_tools(self) -> Locator:
        """The line above the canvas: name, save state, undo, test and publish."""
        return self.page.get_by_role("toolbar", name="Flow")

    @property
    def settings(self) -> Locator:
        """The settings of the chosen step."""
        return self.page.get_by_role("complementary", name="Settings of the step")

    def draft_is(self, state: str) -> None:
        """Wait until the designer says so of the draft."""
        expect(self.flow_tools.get_by_role("status")).to_have_text(state)

    def publish(self, note: str) -> None:
        """With a note, to the environment that is looked at."""
        self.flow_tools.get_by_role("button", name="Publish").click()
        dialog = self.page.get_by_role("dialog", name="Publish this flow")
        dialog.get_by_role("textbox", name="What changed").fill(note)
        dialog.get_by_role("button", name="Publish").click()
        # An earlier version's notice may still be there: the dialog tells of this one.
        expect(dialog).to_be_hidden()
        told = self.page.get_by_text(re.compile(r"Version \d+ is published"))
        expect(told.last).to_be_visible()

    # --- the sandbox screen

    def place_order(self, title: str) -> str:
        """Number of an order placed in the sandbox screen, chosen by the sample's title."""
        self.go_to("Sandbox")
        self.page.get_by_role("radio", name=re.compile(f"^{re.escape(title)}")).check()
        self.page.get_by_role("button", name="Place the order").click()
        return self.placed_number()

    def placed_number(self) -> str:
        """Number of the order that was just placed."""
        notice = self.page.get_by_text(re.compile(r"Order \d+ is placed"))
        found = re.search(r"\d+", notice.inner_text())
        assert found
        return found[0]

    def switch_fault_on(self, vendor: str, title: str, often: str | None = None) -> None:
        """In the sandbox screen; returns once the screen says that it is on."""
        self.go_to("Sandbox")
        self.page.get_by_role("tab", name="Faults").click()
        self.choose_vendor(vendor)
        fault = (
            self.page.get_by_role("region", name=f"{vendor}: ")
            .get_by_role("listitem")
            .filter(has=self.page.get_by_text(title, exact=True))
        )
        if often is not None:
            fault.get_by_role("combobox").click()
            self.page.get_by_role("option", name=often).click()
        fault.get_by_role("switch").click()
        expect(fault.get_by_role("status")).to_be_visible()

    def choose_vendor(self, name: str) -> None:
        """The vendor that a tab of the sandbox screen is about."""
        vendors = self.page.get_by_role("radiogroup", name="Vendor")
        vendors.locator("label").filter(has_text=name).click()

    # --- the run page

    def watch_run(self) -> None:
        """From the notice of the placed order to its run."""
        self.page.get_by_role("link", name="Watch the run").click()
        expect(self.canvas_of_run).to_be_visible()

    @property
    def canvas_of_run(self) -> Locator:
        """The flow with the state of each step."""
        return self.page.get_by_role("application", name="Flow with the state of each step")

    def node(self, name: str) -> Locator:
        """A step on the canvas, by its name."""
        return self.page.get_by_role("group", name=f"{name} node", exact=True)

    def run_is(self, number: str, status: str) -> None:
        """Wait until the run page says so, to the eye and to the ear."""
        said = self.page.get_by_role("status").filter(has_text=f"{number}: {status}")
        expect(said).to_be_attached(timeout=30_000)

    def runs_of(self, number: str) -> list[dict[str, Any]]:
        """Runs of one order, newest first."""
        found: list[dict[str, Any]] = self.read(f"/runs?environment=test&q={number}")["items"]
        return found

    def send_order(self, **wish: Any) -> str:
        """Number of an order sent without the screen, by ``sample``, ``random`` or ``order``."""
        answer = self.api("POST", "/sandboxes/magento/orders", wish)
        assert answer.ok, answer.text()
        number: str = answer.json()["order"]["increment_id"]
        return number

    def order_reaches(self, number: str, status: str) -> None:
        """Wait until the newest run of an order has this status."""
        until(
            lambda: [run["status"] for run in self.runs_of(number)][:1] == [status],
            what=f"the run of order {number} has {status}",
            deadline_s=30,
        )

    def order_becomes_invoice(self, vendors: Vendors, number: str) -> dict[str, Any]:
        """The one invoice of an order, once its run has succeeded."""
        self.order_reaches(number, "succeeded")
        (invoice,) = vendors.invoices(number)
        return invoice


EMPTY: dict[str, Any] = {"schema": 1, "nodes": [], "edges": []}


def cents(amount: Any) -> Decimal:
    """An amount, to the cent."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def money(amount: Any) -> str:
    """An amount of dollars as the screens show it."""
    return f"${cents(amount):,.2f}"


class Doors:
    """Opens browser windows on a product for its people, and collects what went wrong in them."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self.browser = browser
        self.product = product
        self.failures: list[str] = []
        self._contexts: list[BrowserContext] = []
        self._sessions: dict[str, Any] = {}

    def desk(self, user: str | None = "demo", *, fresh: bool = False, **options: Any) -> Desk:
        """A window in which ``user`` is logged in; ``fresh`` gives it a session of its own."""
        state = None
        if user is not None and not fresh:
            state = self._sessions.get(user)
        context = self.browser.new_context(
            base_url=self.product.base_url,
            viewport=options.pop("viewport", {"width": 1440, "height": 900}),
            storage_state=state,
            reduced_motion="reduce",
            locale="en-US",
            timezone_id="UTC",
            **options,
        )
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.failures.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._note(page, line))
        desk = Desk(page)
        if user is not None and state is None:
            desk.log_in(user)
            if not fresh:
                self._sessions[user] = context.storage_state()
        return desk

    def photograph(self, folder: Path, name: str) -> None:
        """Keep what every window shows."""
        folder.mkdir(exist_ok=True)
        for number, context in enumerate(self._contexts, 1):
            for page in context.pages:
                page.screenshot(path=folder / f"{re.sub(r'[^a-z_0-9]+', '-', name)}-{number}.png")

    def close(self) -> list[str]:
        """Close every window; what their consoles complained of."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()
        found, self.failures = self.failures, []
        return found

    def _note(self, page: Page, line: Any) -> None:
        # The browser itself reports what is refused or cannot be reached; a story may be about it.
        network = line.text.startswith(("Failed to load resource", "WebSocket connection to"))
        if line.type == "error" and not network:
            self.failures.append(f"{page.url}: {line.text}")


def drag(page: Page, start: Locator, end: Locator) -> None:
    """By mouse, from the middle of one to the middle of the other, as a hand moves.

    Whoever drags looks where to: both must stand still, however late a tree is drawn.
    """
    end.scroll_into_view_if_needed()
    start.hover()
    page.mouse.down()
    x, y = middle(end)
    page.mouse.move(x - 30, y - 10, steps=8)
    end.hover()
    page.mouse.up()


def wire_into(page: Page, start: Locator, step: Locator) -> None:
    """By mouse, from a way out of one step to the way into another, once both stand still."""
    start.hover()
    page.mouse.down()
    x, y = middle(step)
    page.mouse.move(x - 30, y - 10, steps=8)
    box = step.bounding_box()
    assert box, step
    step.hover(position={"x": 3, "y": box["height"] / 2})
    page.mouse.up()


def settled(box: Locator) -> None:
    """Wait until what is searched by a box shows what the box asks for: rows move until then."""
    around = box.page.locator('[aria-busy="false"]').filter(has=box)
    expect(around.first).to_be_visible()


def middle(what: Locator) -> tuple[float, float]:
    """Where on the screen its middle is."""
    box = what.bounding_box()
    assert box, what
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
