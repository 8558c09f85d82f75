"""The query language (fact sheet A6): parser, validation, evaluation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox.company import (
    PACIFIC,
    Company,
    EntityRules,
    read_path,
    rules,
)
from connectors.catalog.quickbooks.sandbox.errors import Fault
from connectors.sandbox_kit.money import decimal_of

DEFAULT_PAGE = 100
MAX_PAGE = 1000
_TOKEN = re.compile(
    r"""\s*(?:
      '(?P<text>(?:[^'\\]|\\.)*)'
    | (?P<number>-?\d+(?:\.\d+)?)(?![\w.])
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<sign><=|>=|=|<|>|\(|\)|,|\*)
    )""",
    re.VERBOSE,
)
_EMAIL = ("PrimaryEmailAddr", "PrimaryEmailAddr.Address")
SYSTEM = ("Id", "SyncToken", "MetaData", "Metadata", "domain", "sparse")
_COMMON_FILTERS = {"MetaData.CreateTime", "MetaData.LastUpdatedTime", "Metadata.LastUpdatedTime"}


def parse_error(detail: str) -> Fault:
    return Fault("4000", "Error parsing query", f"QueryParserError: {detail}")


def invalid(detail: str) -> Fault:
    return Fault("4001", "Invalid query", f"QueryValidationError: {detail}")


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(slots=True)
class Query:
    """One parsed statement; ``whole`` means all fields, whichever are named beside."""

    entity: EntityRules
    columns: tuple[str, ...] = ()
    whole: bool = False
    counts: bool = False
    conditions: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    start: int = 1
    limit: int = DEFAULT_PAGE


class _Tokens:
    def __init__(self, statement: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        text = statement.rstrip().rstrip(";").rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise parse_error(f"Encountered {text[at : at + 20].strip()!r}")
            kind = str(match.lastgroup)
            self._tokens.append((kind, match[kind]))
            at = match.end()
        self._at = 0

    def peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def next(self) -> tuple[str, str]:
        token = self.peek()
        self._at += 1
        return token

    def take_word(self, *words: str) -> bool:
        """Consume these words if they come next."""
        found = self._tokens[self._at : self._at + len(words)]
        if [text.upper() for kind, text in found if kind == "word"] == list(words):
            self._at += len(words)
            return True
        return False

    def take_sign(self, sign: str) -> bool:
        if self.peek() == ("sign", sign):
            self._at += 1
            return True
        return False

    def word(self, what: str) -> str:
        kind, text = self.next()
        if kind != "word":
            raise parse_error(f"Expected {what} but found {text or 'the end of the statement'!r}")
        return text

    def whole_number(self, what: str) -> int:
        kind, text = self.next()
        if kind not in ("number", "text") or not text.isdigit():
            raise parse_error(f"{what} needs a number")
        return int(text)


def parse(statement: str) -> Query:
    """The statement as a Query; raises Fault 4000 or 4001."""
    tokens = _Tokens(statement)
    if not tokens.take_word("SELECT"):
        raise parse_error("A query starts with SELECT")
    counts = tokens.take_word("COUNT")
    columns, whole = ((), True) if counts else _columns(tokens)
    if counts and not all(tokens.take_sign(sign) for sign in "(*)"):
        raise parse_error("Expected COUNT(*)")
    if not tokens.take_word("FROM"):
        raise parse_error("Expected FROM")
    name = tokens.word("an entity")
    entity = rules().get(name.lower())
    if entity is None:
        raise invalid(f"invalid context declaration: {name}")
    query = Query(entity, columns, whole, counts)
    if tokens.take_word("WHERE"):
        query.conditions.append(_condition(tokens))
        while tokens.take_word("AND"):
            query.conditions.append(_condition(tokens))
    if tokens.take_word("ORDERBY") or tokens.take_word("ORDER", "BY"):
        query.order = list(_order(tokens))
    while True:
        if tokens.take_word("STARTPOSITION"):
            query.start = tokens.whole_number("STARTPOSITION")
        elif tokens.take_word("MAXRESULTS"):
            query.limit = tokens.whole_number("MAXRESULTS")
        else:
            break
    if tokens.peek()[0] != "end":
        raise parse_error(f"Encountered {tokens.peek()[1]!r}")
    _validate(query)
    return query


def _columns(tokens: _Tokens) -> tuple[tuple[str, ...], bool]:
    """The fields that are named, and whether all are wanted."""
    columns: list[str] = []
    everything = False
    while True:
        if tokens.take_sign("*"):
            everything = True
        else:
            columns.append(tokens.word("a field"))
        if not tokens.take_sign(","):
            return tuple(columns), everything


def _condition(tokens: _Tokens) -> Condition:
    name = tokens.word("a field")
    if tokens.take_word("IN"):
        if not tokens.take_sign("("):
            raise parse_error("Expected ( after IN")
        values = [_value(tokens)]
        while tokens.take_sign(","):
            values.append(_value(tokens))
        if not tokens.take_sign(")"):
            raise parse_error("Expected ) after the values of IN")
        return Condition(name, "IN", tuple(values))
    if tokens.take_word("LIKE"):
        return Condition(name, "LIKE", (_value(tokens),))
    kind, sign = tokens.next()
    if kind != "sign" or sign not in ("=", "<", ">", "<=", ">="):
        raise parse_error(f"Encountered {sign or 'the end of the statement'!r} after {name}")
    return Condition(name, sign, (_value(tokens),))


def _value(tokens: _Tokens) -> str:
    kind, text = tokens.next()
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
    if kind == "number" or (kind == "word" and text.lower() in ("true", "false")):
        return text
    raise parse_error(f"Expected a value but found {text or 'the end of the statement'!r}")


def _order(tokens: _Tokens) -> Iterator[tuple[str, bool]]:
    while True:
        name = tokens.word("a field")
        ascending = tokens.take_word("ASC") or not tokens.take_word("DESC")
        yield name, ascending
        if not tokens.take_sign(","):
            return


def _validate(query: Query) -> None:
    allowed = query.entity.filterable | _COMMON_FILTERS
    for name in [c.field for c in query.conditions] + [name for name, _ in query.order]:
        if name not in allowed:
            raise invalid(f"Property {name} not found for Entity {query.entity.name}")
    for name in query.columns:
        if name.split(".")[0] not in query.entity.fields and name.split(".")[0] not in SYSTEM:
            raise invalid(f"Property {name} not found for Entity {query.entity.name}")
    if not 1 <= query.limit <= MAX_PAGE:
        raise invalid(f"value of maxresults must be from 1 to {MAX_PAGE}")
    if query.start < 1:
        raise invalid("value of startposition must be 1 or more")


# --- evaluation


def run(company: Company, statement: str) -> dict[str, Any]:
    """Content of ``QueryResponse``; empty when nothing matches."""
    query = parse(statement)
    found = [record for record in _candidates(company, query) if _matches(query, record)]
    if query.counts:
        return {"totalCount": len(found)}
    for name, ascending in reversed(query.order or [("Id", True)]):
        found.sort(key=_by(name), reverse=not ascending)
    page = found[query.start - 1 : query.start - 1 + query.limit]
    if not page:
        return {}
    if not query.whole:
        page = [_projected(record, query.columns) for record in page]
    return {query.entity.name: page, "startPosition": query.start, "maxResults": len(page)}


def _candidates(company: Company, query: Query) -> list[Any]:
    """Records that can match, by an index where a condition allows it."""
    entity = query.entity.name
    for condition in query.conditions:
        name, value = condition.field, condition.values[0]
        if condition.operator == "=":
            if name == "Id":
                record = company.get(entity, value)
                return [record] if record else []
            if name in _EMAIL:
                return company.find(entity, "PrimaryEmailAddr.Address", value)
            if name in query.entity.keys:
                return company.find(entity, name, value)
        elif condition.operator in (">", ">=") and name.endswith("LastUpdatedTime"):
            moment = _moment(value)
            if moment:
                return [
                    record
                    for record in company.changed_since(entity, moment)
                    if record.get("status") != "Deleted"
                ]
    return company.all(entity)


def _matches(query: Query, record: Mapping[str, Any]) -> bool:
    hides_inactive = query.entity.kind in ("names", "list") and not any(
        condition.field == "Active" for condition in query.conditions
    )
    if hides_inactive and record.get("Active") is False:
        return False
    return all(
        any(_holds(condition, have) for have in _values(record, condition.field))
        for condition in query.conditions
    )


def _values(record: Mapping[str, Any], path: str) -> list[Any]:
    """Values at a path; those of every entry where it leads through a list."""
    first, _, rest = path.replace("Metadata", "MetaData").partition(".")
    held = record.get(first)
    if rest and isinstance(held, list):
        return [read_path(entry, rest) for entry in held]
    return [read_path(record, path.replace("Metadata", "MetaData"))]


def _holds(condition: Condition, have: Any) -> bool:
    if have is None:
        return False
    if condition.operator == "LIKE":
        parts = condition.values[0].casefold().split("%")
        pattern = ".*".join(re.escape(part) for part in parts)
        return re.fullmatch(pattern, str(have).casefold(), re.DOTALL) is not None
    if condition.operator == "IN":
        return any(_compare(have, value) == 0 for value in condition.values)
    order = _compare(have, condition.values[0])
    return {
        "=": order == 0,
        "<": order < 0,
        ">": order > 0,
        "<=": order <= 0,
        ">=": order >= 0,
    }[condition.operator]


def _compare(have: Any, want: str) -> int:
    a: Any
    b: Any
    if isinstance(have, bool):
        a, b = have, want.lower() == "true"
    elif isinstance(have, int | Decimal):
        a, b = Decimal(have), decimal_of(want)
        if b is None:
            raise invalid(f"{want!r} is not a number")
    else:
        a, b = str(have).casefold(), want.casefold()
        if "t" in a and (moments := (_moment(str(have)), _moment(want))) and all(moments):
            a, b = moments
        elif a.isdigit() and b.isdigit():
            a, b = (int(a), a), (int(b), b)
    return (a > b) - (a < b)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)


def _by(name: str) -> Callable[[Mapping[str, Any]], tuple[int, Any, str]]:
    return lambda record: _sort_key(read_path(record, name))


def _sort_key(value: Any) -> tuple[int, Any, str]:
    if value is None:
        return (0, 0, "")
    number = decimal_of(value)
    if number is not None:
        return (1, number, "")
    return (2, 0, str(value).casefold())


def _projected(record: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    kept: dict[str, Any] = {"domain": "QBO", "sparse": True, "Id": record["Id"]}
    for column in columns:
        top = column.split(".")[0]
        if top in record:
            kept[top] = record[top]
    return kept
