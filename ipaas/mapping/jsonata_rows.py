"""The list that a rows rule goes over, written as JSONata text."""

from __future__ import annotations

from collections.abc import Callable

from ipaas.mapping.jsonata_expressions import ExpressionWriter, Place
from ipaas.mapping.jsonata_layout import inline, parenthesised, string, wrapped
from ipaas.mapping.model import Expr, Rows
from ipaas.mapping.shaping import each_path


class Elements:
    """Text of the elements of one rows rule, step by step.

    With joins, or where a nested list is shaped, an element travels as an object ``$state`` of the
    element, its matches and the entries around it, which each function opens first.
    """

    def __init__(self, writer: ExpressionWriter, rows: Rows, place: Place) -> None:
        self.writer, self.rows, self.place = writer, rows, place
        self.early = place.inside(rows, early=True)
        self.row = place.inside(rows)
        self.around = place.scope.lists_around(each_path(rows.each)) if rows.each else []
        self.states = bool(rows.joins) or (bool(self.around) and rows.shaped)

    @property
    def variable(self) -> str:
        """The variable of the element; empty for one single row."""
        names = dict(self.row.names)
        slot = self.place.scope.size
        return f"${names[slot]}" if slot in names else ""

    @property
    def head(self) -> str:
        """First parameter of a function over the rows."""
        return "$state" if self.states else self.variable or "$one"

    @property
    def opening(self) -> list[str]:
        """Statements that take a state apart."""
        return self._opening() if self.states else []

    def _opening(self) -> list[str]:
        size = self.place.scope.size
        names = dict(self.early.names)
        slots = [size, *range(size + 2 + len(self.rows.running), self.early.scope.size)]
        return [
            f"${names[slot]} := $state.{'row' if slot == size else names[slot]};"
            for slot in slots
            if slot in names
        ]

    def text(self) -> str:
        """Text of the rows' elements after all steps."""
        rows, writer, place = self.rows, self.writer, self.place
        if self.states and self.around:
            text = writer.call("list", self.nested(self._stated))
        elif rows.each is not None:
            path = writer.path(each_path(rows.each), place, strictly=True)
            text = writer.call("list", path)
        elif rows.items is not None:
            text = writer.call("list", writer.expr(rows.items, place))
        else:
            text = "[0]"
        if self.states:
            if not self.around:
                text = f'$map({text}, function($one) {{ {{"row": $one}} }})'
                text = writer.call("list", text)
            text = self.joined(text)
        if rows.where is not None:
            test = self.function(writer.condition(rows.where, self.early), early=True)
            text = wrapped("$filter(", [text, test], ")")
        if rows.group is not None:
            key = self.function(writer.expr(rows.group, self.early), early=True)
            item = "function($one) { $one.row }" if self.states else "function($one) { $one }"
            text = writer.call("grouped", text, key, item)
            self.states = False
        for order in reversed(rows.sort):
            text = writer.call("sorted", text, self.key(order.by), str(order.down).lower())
        if rows.distinct is not None:
            text = writer.call("one_of_each", text, self.key(rows.distinct))
        if rows.first is not None:
            text = f"$filter({text}, function($one, $at) {{ $at < {rows.first} }})"
        if rows.last is not None:
            test = f"$at >= $count($all) - {rows.last}"
            text = f"$filter({text}, function($one, $at, $all) {{ {test} }})"
        return text

    def nested(self, innermost: Callable[[str, str], str]) -> str:
        """Text over lists in lists; ``innermost`` gets variable and list of the last one."""
        assert self.rows.each is not None
        lists = [*self.around, each_path(self.rows.each)]
        blocks, names = self.early.scope.blocks[-len(lists) :], dict(self.early.names)
        text = ""
        for path, block in reversed(list(zip(lists, blocks, strict=True))):
            one = f"${names[block.slot]}"
            each = self.writer.path(path, self.early, strictly=True)
            each = self.writer.call("list", each)
            if text:
                text = f"{self.writer.use('rows_in')}({each}, function({one}) {{{inline(text)}}})"
            else:
                text = innermost(one, each)
        return text

    def _stated(self, one: str, each: str) -> str:
        """The states of a list in a list, with the entries around each."""
        names = dict(self.early.names)
        above = self.early.scope.blocks[-len(self.around) - 1 : -1]
        kept = [f'"{names[block.slot]}": ${names[block.slot]}' for block in above]
        item = wrapped("{", [f'"row": {one}', *kept], "}")
        return f"$map({each}, function({one}) {{ {inline(item)} }})"

    def joined(self, text: str) -> str:
        """Text of the states with the matches of every join."""
        names = dict(self.early.names)
        slot = self.place.scope.size + 2 + len(self.rows.running)
        for join in self.rows.joins:
            variable = names[slot]
            left = self.function(self.writer.expr(join.left, self.early), early=True)
            right = self.writer.expr(join.right, self.early)
            text = self.writer.call(
                "joined_rows",
                text,
                self.writer.call("list", self.writer.expr(join.source, self.place)),
                string(variable),
                left,
                f"function(${variable}) {{ {inline(right)} }}",
                str(join.many).lower(),
                str(join.inner).lower(),
            )
            slot += 1
        return text

    def key(self, expr: Expr) -> str:
        """A function from row to key."""
        return self.function(self.writer.expr(expr, self.row), early=False)

    def function(self, body: str, *, early: bool) -> str:
        """A function over elements with a body."""
        if self.states:
            return f"function($state) {{ {inline(parenthesised([*self._opening(), body]))} }}"
        names = dict((self.early if early else self.row).names)
        slot = self.place.scope.size
        variable = f"${names[slot]}" if slot in names else "$one"
        return f"function({variable}) {{ {inline(body)} }}"

    def counts(self) -> list[str]:
        """Statements that set the row's number and running totals."""
        names = dict(self.row.names)
        slot = self.place.scope.size + 1
        found = [f"${names[slot]} := $index + 1;"] if self.rows.number is not None else []
        for total in self.rows.running:
            slot += 1
            add = self.function(self.writer.expr(total.add, self.row), early=False)
            so_far = "$filter($all, function($one, $at) { $at <= $index })"
            numbers = self.writer.call("numbers", f"$map({so_far}, {add})")
            found.append(f"${names[slot]} := $sum([{numbers}]);")
        return found
