"""Turns of real runs as JSON: what the engine was given, and what it decided.

``CAUSEWAY_RECORD=1 pytest tests/histories`` writes the files anew; do that only when a decision is
meant to be another one.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from ipaas.core.errors import Recovery
from runtime.effects import hands
from runtime.engine import Moment, Program, values
from runtime.engine import advance as decide
from runtime.engine.states import RunStatus, StepStatus
from runtime.models import Release

ENUMS: dict[str, type[enum.Enum]] = {
    kind.__name__: kind for kind in (Recovery, RunStatus, StepStatus)
}
NOT_KEPT = {"exchanges", "gather"}  # of no meaning for a decision; a function


def written(value: Any) -> Any:
    """JSON of a value of the engine."""
    if isinstance(value, enum.Enum):
        return {"@enum": [type(value).__name__, value.value]}
    if isinstance(value, float):
        return {"@float": repr(value)}  # JSON's numbers are read as decimals
    if isinstance(value, datetime):
        return {"@at": value.isoformat()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [f.name for f in dataclasses.fields(value) if f.name not in NOT_KEPT]
        return {"@": type(value).__name__, **{n: written(getattr(value, n)) for n in fields}}
    if isinstance(value, Mapping):
        return {str(key): written(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return {"@set": sorted(value)}
    if isinstance(value, tuple):
        return {"@tuple": [written(each) for each in value]}
    if isinstance(value, list):
        return [written(each) for each in value]
    return value


def read(value: Any) -> Any:
    """The value of its JSON; what was not recorded is as usual."""
    if isinstance(value, list):
        return [read(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "@enum" in value:
        name, text = value["@enum"]
        return ENUMS[name](text)
    if "@float" in value:
        return float(value["@float"])
    if "@at" in value:
        return datetime.fromisoformat(value["@at"])
    if "@set" in value:
        return frozenset(value["@set"])
    if "@tuple" in value:
        return tuple(read(each) for each in value["@tuple"])
    fields = {key: read(each) for key, each in value.items() if key != "@"}
    if "@" not in value:
        return fields
    if value["@"] == "Family":
        fields["gather"] = lambda wanted: {}
    return getattr(values, value["@"])(**fields)


def same(recorded: Any, now: Any) -> bool:
    """Whether a decision is what it was; members that did not exist then may be empty now."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        news = [now[key] for key in now.keys() - recorded.keys()]
        empty = all(each in (None, "", 0, False, {}, [], {"@tuple": []}) for each in news)
        return empty and all(key in now and same(recorded[key], now[key]) for key in recorded)
    if isinstance(recorded, list) and isinstance(now, list):
        return len(recorded) == len(now) and all(map(same, recorded, now))
    return bool(recorded == now)


class Tape:
    """What the outside gave a turn, in its order; recorded once, played back later."""

    def __init__(self, moment: Moment | None, told: Mapping[str, list[Any]] | None = None) -> None:
        self._moment = moment
        self.told: dict[str, list[Any]] = {k: list(v) for k, v in (told or {}).items()}

    def _ask(self, name: str, *given: Any) -> Any:
        if self._moment is None:
            return read(self.told[name].pop(0))
        answer = getattr(self._moment, name)(*given)
        self.told.setdefault(name, []).append(written(answer))
        return answer

    def moment(self, now: datetime, families: Mapping[str, Any]) -> Moment:
        """The moment that the engine sees."""

        def asks(name: str) -> Callable[..., Any]:
            return lambda *given: self._ask(name, *given)

        named = {f.name for f in dataclasses.fields(Moment)}
        functions = {n: asks(n) for n in ("live", "mint", "stays", "variables") if n in named}
        resources = None if self._moment is None else self._moment.resources
        return Moment(now, asks("rand"), asks("keep"), resources, families, **functions)  # type: ignore[arg-type]


@contextmanager
def recorded() -> Iterator[list[dict[str, Any]]]:
    """Turns that workers of this process take inside the block."""
    turns: list[dict[str, Any]] = []

    def advance(program: Program, snapshot: Any, data: Any, moment: Moment, outcomes: Any = (),
                *, claimed: bool = False) -> Any:  # fmt: skip
        outcomes = list(outcomes)
        before = {
            "release": program.release_id,
            "snapshot": written(snapshot),
            "data": written(data),
            "now": written(moment.now),
            "families": written(moment.families),
            "outcomes": written(outcomes),
            "claimed": claimed,
        }
        gathered = {n: dataclasses.replace(f, gather=_noted(f, before)) for n, f
                    in moment.families.items()}  # fmt: skip
        tape = Tape(moment)
        plan = decide(program, snapshot, data, tape.moment(moment.now, gathered), outcomes,
                      claimed=claimed)  # fmt: skip
        turns.append({**before, "told": tape.told, "plan": written(plan)})
        return plan

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hands, "advance", advance)
        yield turns


def _noted(family: Any, turn: dict[str, Any]) -> Callable[[bool], Any]:
    def gather(wanted: bool) -> Any:
        found = family.gather(wanted)
        turn["gathered"] = written(found)
        return found

    return gather


def releases(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """Bodies of the releases of these turns, by id."""
    return {
        row.id: {
            "flow_id": row.flow_id,
            "scope": f"{row.workspace_id}/{row.environment}",
            "body": row.body,
        }
        for row in Release.objects.filter(id__in={turn["release"] for turn in turns})
    }


def decided(release_id: str, release: Mapping[str, Any], turn: Mapping[str, Any]) -> Any:
    """JSON of the plan that today's engine makes of a recorded turn."""
    program = Program.compile(
        release_id, release["scope"], release["flow_id"], release["flow_id"], 1, release["body"]
    )
    families = {
        name: dataclasses.replace(family, gather=lambda wanted: read(turn["gathered"]))
        for name, family in read(turn["families"]).items()
    }
    moment = Tape(None, turn["told"]).moment(read(turn["now"]), families)
    plan = decide(
        program,
        read(turn["snapshot"]),
        read(turn["data"]),
        moment,
        read(turn["outcomes"]),
        claimed=turn["claimed"],
    )
    return written(plan)
