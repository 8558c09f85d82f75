"""What comes in and what carries it; people and single runs."""

from __future__ import annotations

from ipaas.core import clock, jsonio
from runtime import children, control, store
from runtime.models import (
    Approval,
    Family,
    Release,
    Run,
)
from runtime.triggers.intake import Delivery, receive
from tests.faults.yard import setting_up
from tests.faults.yard.deeds.play import (
    Given,
    ask,
    brought,
    deed,
    done,
    one_paper,
    posting,
    work,
)
from tests.faults.yard.scene import Scene
from tests.kit.drawing import const, document, mapping, node, path

# What comes in, and what carries it


@deed(posting("post_keyed"), one_paper)
def a_message_comes(given: Given) -> None:
    """And again, because nobody acknowledged it."""
    headers = {"webhook-id": "p", "content-type": "application/json"}
    receive([Delivery(given["token"], headers, jsonio.dumps({"name": "p"}))])


@deed(brought("post_searched", "p"), one_paper)
def a_worker_carries_a_run(given: Given) -> None:
    """Claim, intent, call, answer."""
    work()


def _in_trouble(it: Scene) -> Given:
    given = brought("post_keyed", "p")(it)
    it.manners.error_before = 1000
    return given


def _out_of_trouble(it: Scene, given: Given) -> bool:
    it.manners.error_before = 0
    return one_paper(it, given)


@deed(_in_trouble, _out_of_trouble)
def a_vendor_is_in_trouble(given: Given) -> None:
    """What all workers know of it is written down."""
    work()


def _together(it: Scene) -> Given:
    step = {"connection": "dock", "connector": "dock", "operation": "post_together"}
    step |= {"input": mapping(name="trigger.name"), "together_s": 0.2}
    it.publish([node("a", "action", **step)], "start>a")
    it.bring("p")
    it.bring("q")
    return {}


@deed(_together, lambda it, given: one_paper(it, given) and it.papers("q") == 1)
def two_runs_share_a_request(given: Given) -> None:
    """One call for both."""
    work()


@deed(brought("post_searched", "p"), one_paper)
def a_lease_is_renewed(given: Given) -> None:
    """A worker holds a run for longer than a lease."""
    claims = store.claim(32, "slow")
    store.extend(claims)


def _starved(it: Scene) -> Given:
    post = {"connection": "dock", "connector": "dock", "operation": "post_keyed"}
    it.publish(
        [
            node("each", "for_each", list=path("trigger.items"), parallel=2),
            node("x", "action", input=mapping(name="item.name"), **post),
        ],
        "start>each each.item>x",
    )
    it.bring("f", items=[{"name": name} for name in ("p", "q", "r")])
    with clock.use(it.stage.later):
        it.stage.worker.work_once(1)  # the items are made, and none has moved
    Family.objects.update(released=0)
    Run.objects.exclude(parent_id="").update(due_at=None)
    return {}


def _all_items(it: Scene, given: Given) -> bool:
    return one_paper(it, given) and it.papers("q") == it.papers("r") == 1


@deed(_starved, _all_items)
def items_that_nobody_let_go_are_found(given: Given) -> None:
    """The scheduler's net."""
    children.sweep(lambda: None)


# People and single runs


def _by_hand(it: Scene) -> Given:
    post = {"connection": "dock", "connector": "dock", "operation": "post_keyed"}
    step = node("a", "action", input=mapping(name="trigger.name"), **post)
    drawn = document([node("start", "trigger.manual"), step], "start>a")
    setting_up.deploy(it.stage.workspace_id, "f", drawn)
    return {"release": Release.objects.get(flow_id="f").id}


@deed(_by_hand, one_paper)
def a_person_starts_a_flow(given: Given) -> None:
    """The same press of a button, sent twice."""
    ask(given, "POST", "flows/f/start", {"input": {"name": "p"}, "key": "press"})


def _each_its_own(it: Scene, given: Given) -> bool:
    it.play()
    runs = Run.objects.count()
    return 1 <= runs <= 2 and it.papers("p") == runs and set(it.statuses()) == {"succeeded"}


@deed(_by_hand, _each_its_own)
def a_draft_is_tried(given: Given) -> None:
    """Each try is a run of its own, whole or not there."""
    control.start_run(given["id"], given["release"], {"name": "p"})


@deed(done, one_paper)
def a_run_is_replayed(given: Given) -> None:
    """What it posted is found again."""
    ask(given, "POST", f"runs/{given['run']}/replay")


@deed(
    brought("post_keyed", "p"),
    lambda it, given: it.play() is None and it.statuses() == ["cancelled"] and not it.papers("p"),
)
def a_run_is_cancelled(given: Given) -> None:
    """Before it began."""
    ask(given, "POST", f"runs/{given['runs'][0]}/cancel")


def _in_doubt(it: Scene) -> Given:
    it.publish_post("post_blind")
    (run,) = it.bring("p")
    it.manners.lost = 1000
    it.stage.work()
    it.manners.lost = 0
    it.stage.work_on()
    assert it.statuses() == ["in_doubt"]
    return {"run": run}


@deed(_in_doubt, one_paper)
def a_person_finds_what_was_sent(given: Given) -> None:
    """Its id is read there first."""
    body = {"node_id": "a", "choice": "adopt", "id": "p1"}
    ask(given, "POST", f"runs/{given['run']}/resolve", body)


def _asking(it: Scene) -> Given:
    post = {"connection": "dock", "connector": "dock", "operation": "post_keyed"}
    it.publish(
        [
            node("ask", "approval", text=const("May it?"), assignee="role:owner"),
            node("a", "action", input=mapping(name="trigger.name"), **post),
        ],
        "start>ask ask.approved>a",
    )
    it.bring("p")
    it.play()
    return {"question": Approval.objects.get().id}


@deed(_asking, one_paper)
def a_person_approves(given: Given) -> None:
    """And presses again."""
    ask(given, "POST", f"approvals/{given['question']}/decide", {"approved": True})
