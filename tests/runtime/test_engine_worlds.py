"""Random flows with every kind of step, random vendors, random deaths: what must always hold."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipaas.core.errors import Recovery
from runtime.engine import Call, Failure, Outcome, Program, RunStatus, StepStatus
from runtime.graph import ITEM, NODE_KINDS, structure_problems
from tests.kit.drawing import call, const, mapping, node, path
from tests.runtime.world import World

WRITE = {"connector": "acme", "writes": True, "can_probe": True, "has_key": True}
READ = {"connector": "acme", "writes": False}
FATES = st.sampled_from(
    ["ok", "ok", "ok", "refused", "lost_after", "lost_before", "down", "slow", "lapsed", "died"]
)
SIMPLE = [
    *("map", "read", "write", "if", "switch", "filter", "aggregate", "lookup", "convert"),
    *("wait", "approval", "validate", "xref", "return", "fail", "stop", "find_or_create"),
]
N = path("trigger.n")


class Builder:
    """Draws one flow: chains that branch, join and loop."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.nodes: list[dict[str, Any]] = [node("start", "trigger.manual")]
        self.edges: list[dict[str, Any]] = []
        self.facts: dict[str, Any] = {}

    def wire(self, source: str, port: str, target: str) -> None:
        self.edges.append(
            {"id": f"e{len(self.edges)}", "source": source, "source_port": port, "target": target}
        )

    def add(self, kind: str, **config: Any) -> str:
        node_id = f"n{len(self.nodes)}"
        if kind in ("read", "write", "find_or_create"):
            self.facts[node_id] = READ if kind == "read" else WRITE
            config = {"connection": "acme", "operation": "do", "entity": "thing", **config}
            kind = kind if kind == "find_or_create" else "action"
        self.nodes.append(node(node_id, kind, **config))
        return node_id

    def step(self) -> str:
        kind = self.draw(st.sampled_from(SIMPLE))
        broken = self.draw(st.integers(0, 9)) == 0
        number = call("add", path("trigger.text") if broken else N, const(1))
        over = call("gt", number, const(self.draw(st.integers(0, 5))))
        configs: dict[str, dict[str, Any]] = {
            "if": {"condition": over},
            "filter": {"condition": over},
            "switch": {
                "branches": [{"id": "a", "condition": over}, {"id": "b", "condition": over}]
            },
            "map": {"mapping": mapping(n="trigger.n")},
            "aggregate": {"list": path("trigger.list"), "figures": [{"name": "n", "do": "count"}]},
            "lookup": {"table": "t", "key": const(""), "on_miss": "default", "default": number},
            "convert": {"source": "trigger", "fields": []},
            "wait": {"amount": self.draw(st.integers(0, 3)), "unit": "hours"},
            "approval": {
                "text": number,
                "expires_after": 1,
                "on_expiry": self.draw(st.sampled_from(["approve", "reject"])),
            },
            "validate": {"source": "trigger", "rules": [{"check": over, "message": "No."}]},
            "xref": {
                "left": {"connection": "a", "id": number},
                "right": {"connection": "b", "id": N},
            },
            "return": {"value": number},
            "fail": {"message": const("No.")},
        }
        return self.add(kind, **configs.get(kind, {}))

    def chain(self, source: str, port: str, depth: int) -> None:
        """Steps after an exit; now and then a loop, a second branch, a join."""
        ends = [(source, port)]
        for _ in range(self.draw(st.integers(1, 3))):
            if depth < 2 and self.draw(st.integers(0, 2)) == 0:
                target = self.loop(depth)
            else:
                target = self.step()
            joined = self.draw(st.integers(1, len(ends)))
            for end in ends[:joined]:
                self.wire(*end, target)
            ends = ends[joined:]
            kind = NODE_KINDS[self.nodes[-1]["type"] if target not in self.loops else "for_each"]
            ports = kind.ports_of(next(n for n in self.nodes if n["id"] == target)["config"])
            free = [p for p in ports if p != ITEM]
            for chosen in free[: self.draw(st.integers(1, 2))]:
                ends.append((target, chosen))
            if "error" in ports and self.draw(st.booleans()):
                ends.append((target, "error"))
            ends = list(dict.fromkeys(ends))
            if not ends:
                return

    loops: set[str]

    def loop(self, depth: int) -> str:
        target = self.add(
            "for_each",
            list=path("trigger.list"),
            parallel=self.draw(st.integers(1, 3)),
            on_failure=self.draw(st.sampled_from(["stop", "continue", "collect"])),
        )
        self.loops.add(target)
        self.chain(target, ITEM, depth + 1)
        return target


@st.composite
def flows(draw: Any) -> Program:
    """A flow without problems of structure."""
    builder = Builder(draw)
    builder.loops = set()
    builder.chain("start", "out", 0)
    body = {"schema": 1, "nodes": builder.nodes, "edges": builder.edges}
    return Program.compile(
        "rel", "ws/test", "flow", "Flow", 1, {"document": body, "facts": builder.facts}
    )


class Vendor:
    """Answers by fate; its ledger counts documents by key."""

    def __init__(self, fates: list[str]) -> None:
        self.fates = fates
        self.ledger: Counter[str] = Counter()

    def __call__(self, asked: Call) -> Outcome | None:
        if asked.purpose == "probe":
            return Outcome(asked, output={"id": "1"}, found=bool(self.ledger[asked.key]))
        fate = self.fates.pop() if self.fates else "ok"
        if fate in ("ok", "lost_after", "died") and asked.writes:
            self.ledger[asked.key] = max(1, self.ledger[asked.key])
        if fate == "ok":
            return Outcome(asked, output={"id": "1"})
        if fate == "died":
            return None
        failures = {
            "refused": Failure("422", "No.", recovery=Recovery.FIX_DATA),
            "lost_after": Failure("cut", "Cut.", recovery=Recovery.RETRY, executed="unknown"),
            "lost_before": Failure("cut", "Cut.", recovery=Recovery.RETRY, executed="unknown"),
            "down": Failure("500", "Down.", recovery=Recovery.RETRY),
            "slow": Failure("429", "Slow.", recovery=Recovery.RETRY, retry_after_s=5),
            "lapsed": Failure("401", "Lapsed.", recovery=Recovery.REAUTHORISE),
        }
        return Outcome(asked, failure=failures[fate])


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    program=flows(),
    fates=st.lists(FATES, max_size=25),
    order=st.randoms(use_true_random=False),
    length=st.integers(0, 4),
)
def test_every_flow_comes_to_rest_and_every_state_has_its_reason(
    program: Program, fates: list[str], order: Any, length: int
) -> None:
    assert structure_problems(program.graph) == []
    vendor = Vendor(fates)
    trigger = {"n": 3, "text": "three", "list": [{"n": n} for n in range(length)]}
    world = World(program, trigger, vendor)
    world.play(order.choice)
    for snapshot in world.runs.values():
        assert_steps_have_reasons(program, snapshot)
    for kin in world.families.values():
        assert_family_is_complete(world, kin)
    assert world.runs["run_0001"].status in (RunStatus.SUCCEEDED, RunStatus.FAILED)


def assert_steps_have_reasons(program: Program, snapshot: Any) -> None:
    """A step ran exactly when a way to it was taken; nothing is under way in a run that ended."""
    nodes = program.graph.nodes
    loop = snapshot.trigger_node if nodes[snapshot.trigger_node].type == "for_each" else ""
    if snapshot.status in (RunStatus.CANCELLED, RunStatus.QUEUED):  # queued: held by a stop
        return
    assert set(snapshot.steps) <= set(program.graph.body(loop))
    stuck = any(s.needs_mending for s in snapshot.steps.values())
    assert (snapshot.status is RunStatus.FAILED) == stuck
    for node_id in program.graph.body(loop):
        state = snapshot.step(node_id)
        if nodes[node_id].kind.is_trigger:
            continue
        taken, undecided = False, False
        for edge in program.graph.incoming[node_id]:
            if edge.source == loop:
                taken = True
                continue
            source = snapshot.step(edge.source)
            taken = taken or (source.port is not None and source.port == edge.source_port)
            undecided = undecided or (
                source.port is None and source.status is not StepStatus.SKIPPED
            )
        if undecided:
            assert state.status is StepStatus.PENDING
        elif taken:
            assert state.status in (StepStatus.SUCCEEDED, StepStatus.FAILED) or state.person
        else:
            assert state.status is StepStatus.SKIPPED


def assert_family_is_complete(world: World, kin: Any) -> None:
    """No item was lost, no more moved at once than allowed, a stopped loop began no more."""
    spawn = kin.spawn
    assert len(kin.run_ids) == spawn.total
    assert world.most_at_once[spawn.family] <= spawn.parallel
    statuses = Counter(world.runs[run_id].status for run_id in kin.run_ids)
    run_id, node_id, _ = spawn.family.split("/")
    step = world.runs[run_id].step(node_id)
    if step.status is StepStatus.SUCCEEDED:
        assert not statuses[RunStatus.QUEUED]
        assert not (spawn.stops and statuses[RunStatus.FAILED])
    if spawn.stops and statuses[RunStatus.FAILED]:
        assert statuses[RunStatus.FAILED] <= spawn.parallel
        assert step.person or step.port == "error"
        assert step.person or not statuses[RunStatus.QUEUED], "nothing is left held for ever"
    policy = world.program.graph.nodes[node_id].config.get("on_failure")
    if policy == "collect":
        inside = set(kin.run_ids)
        assert not any(buried in inside for buried, _ in world.buried)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(program=flows(), order=st.randoms(use_true_random=False), length=st.integers(0, 4))
def test_the_order_in_which_runs_are_taken_changes_no_result(
    program: Program, order: Any, length: int
) -> None:
    trigger = {"n": 3, "text": "three", "list": [{"n": n} for n in range(length)]}
    worlds = []
    for choose in (min, max, order.choice):
        world = World(program, trigger, Vendor([]))
        world.play(choose)
        root = world.runs["run_0001"]
        ports = {n: (str(s.status), s.port) for n, s in root.steps.items()}
        worlds.append((str(root.status), ports, sorted(world.kept)))
    parallel_failures = any(
        n.type == "for_each" and n.config.get("on_failure") == "stop"
        for n in program.graph.nodes.values()
    )
    if not parallel_failures:  # which items a stop finds already begun does depend on the order
        assert worlds[0][:2] == worlds[1][:2] == worlds[2][:2]
