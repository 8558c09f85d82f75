"""Steps on lists: keep some entries, or group them and work out figures, exactly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any

from ipaas.core import jsonio
from ipaas.core.errors import Recovery, Unprocessable
from ipaas.mapping import FUNCTIONS
from runtime.engine.values import Failure
from runtime.engine.view import Done, View

MAX_ENTRIES = 100_000
_EXACT = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)


class NotAList(Unprocessable):
    """A step was to work on a list and found something else."""

    code = "step.not_a_list"


def entries(view: View, expr: Any, name: str = "list") -> list[Any]:
    """The list that an expression gives; nothing counts as an empty list."""
    found = view.value(name, expr)
    if found is None:
        return []
    if not isinstance(found, list):
        raise NotAList(
            f"“{view.node.name}” works on a list and found something else.",
            hint="Choose a field that holds a list, such as trigger.items.",
        )
    if len(found) > MAX_ENTRIES:
        raise NotAList(
            f"“{view.node.name}” was given {len(found)} entries; {MAX_ENTRIES} are the most.",
            hint="Ask for fewer at a time.",
        )
    return found


def keep(view: View) -> Done:
    """The entries that meet the condition; without a list, whether the record goes on."""
    condition = view.config.get("condition")
    if not view.config.get("list"):
        goes_on = view.holds("condition", condition)
        return Done({"passed": goes_on}, "out" if goes_on else "rejected")
    found = entries(view, view.config.get("list"))
    kept = [
        item
        for index, item in enumerate(found)
        if view.holds("condition", condition, view.within(item, index))
    ]
    count = {"count_in": len(found), "count_out": len(kept)}
    return Done({"items": kept, **count, "count_rejected": len(found) - len(kept)})


def aggregate(view: View) -> Done | Failure:
    """Groups in the order of their first entries, each with its keys and figures."""
    keys = [k for k in view.config.get("keys") or () if k.get("name")]
    figures = [f for f in view.config.get("figures") or () if f.get("name")]
    groups: dict[bytes, tuple[dict[str, Any], list[list[Any]]]] = {}
    found = entries(view, view.config.get("list"))
    for index, item in enumerate(found):
        context = view.within(item, index)
        named = {
            str(key["name"]): view.value(f"key{number}", key.get("value"), context)
            for number, key in enumerate(keys)
        }
        mark = jsonio.canonical(_comparable(named))
        _, columns = groups.setdefault(mark, (named, [[] for _ in figures]))
        for number, figure in enumerate(figures):
            expr = figure.get("value")
            columns[number].append(view.value(f"figure{number}", expr, context) if expr else item)
    if not keys and not groups:
        groups[b""] = ({}, [[] for _ in figures])
    rows = []
    for named, columns in groups.values():
        row = dict(named)
        for figure, values in zip(figures, columns, strict=True):
            work = _FIGURES.get(str(figure.get("do")))
            if work is None:
                return Failure(
                    "aggregate.unknown",
                    f"“{view.node.name}” cannot work out “{figure.get('do')}”.",
                    f"Choose one of {', '.join(_FIGURES)}.",
                    Recovery.FIX_DATA,
                )
            row[str(figure["name"])] = work(values, figure)
        rows.append(row)
    return Done({"groups": rows, "count_in": len(found), "count_out": len(rows)})


def _comparable(value: Any) -> Any:
    """Numbers that are equal make one group, however many zeros they are written with."""
    if isinstance(value, Decimal):
        return _EXACT.normalize(value) if value else 0
    if isinstance(value, int) and not isinstance(value, bool):
        return _EXACT.normalize(Decimal(value)) if value else 0
    if isinstance(value, dict):
        return {key: _comparable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_comparable(inner) for inner in value]
    return value


def _average(values: list[Any], figure: Any) -> Any:
    """The exact mean, half-up to the digits asked for."""
    present = _present(values)
    if not present:
        return None
    total = FUNCTIONS["sum"].apply(present)
    mean = FUNCTIONS["divide"].apply(total, len(present))
    digits = figure.get("digits")
    return mean if digits is None else FUNCTIONS["round"].apply(mean, int(digits))


def _present(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None and value != ""]


def _function(name: str) -> Callable[[list[Any], Any], Any]:
    def work(values: list[Any], figure: Any) -> Any:
        return FUNCTIONS[name].apply(_present(values))

    return work


_FIGURES: dict[str, Callable[[list[Any], Any], Any]] = {
    "sum": _function("sum"),
    "count": lambda values, figure: len(_present(values)),
    "min": _function("min"),
    "max": _function("max"),
    "avg": _average,
    "first": lambda values, figure: next(iter(_present(values)), None),
    "last": lambda values, figure: next(iter(reversed(_present(values))), None),
    "collect": lambda values, figure: values,
}
AGGREGATES = tuple(_FIGURES)
