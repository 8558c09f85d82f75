"""JSONata definitions that stand for the mapping functions in the text shown to people.

Each is written so that it does what the function of ``ipaas.mapping.functions`` does, with one
difference that no JSONata text can avoid: numbers are binary doubles. ``$value != null`` is the
test for “there is a value”: in JSONata it is false for null and for missing alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ipaas.mapping.jsonata_more import MORE

DEFINITIONS: Final[dict[str, str]] = {
    # How rules and rows are put together
    "present": "function($value) { $value != null ? true : false }",
    "list": "function($value) { [$filter($value, function($entry) { $entry != null })] }",
    "values": "function($value) { $count($list($value)) > 0 ? $list($value) }",
    "given": "function($fields) {\n"
    "  $merge([$sift($fields, function($value) { $value != null })])\n"
    "}",
    "filled": "function($fields) { $count($keys($fields)) > 0 ? $fields }",
    "some": "function($fields) { $filled($given($fields)) }",
    "object": 'function($value) { $type($value) = "object" ? $value : {} }',
    "default": "function($value, $otherwise) { $value != null ? $value : $otherwise }",
    "or_null": "function($value) { $value != null ? $value : null }",
    "required": "function($value, $name) {\n"
    '  $value != null ? $value : $error($name & ": there is no value")\n'
    "}",
    "truth": "function($value) {\n"
    '  $type($value) = "string" ? (\n'
    "    $word := $lowercase($trim($value));\n"
    '    $word in ["true", "yes", "1"] ? true\n'
    '      : $word in ["false", "no", "0", ""] ? false\n'
    '      : $error("“" & $value & "” is neither true nor false")\n'
    "  )\n"
    '  : $type($value) = "array" ? $count($value) > 0\n'
    "  : $boolean($value) ? true : false\n"
    "}",
    # Texts
    "as_text": "function($value) { $value != null ? $string($value) }",
    "upper": "function($text) { $uppercase($as_text($text)) }",
    "lower": "function($text) { $lowercase($as_text($text)) }",
    "trimmed": "function($text) { $trim($as_text($text)) }",
    "part": "function($text, $start, $size) {\n"
    "  $present($text) and $present($start) ? (\n"
    "    $present($size)\n"
    "      ? $substring($as_text($text), $as_number($start), $as_number($size))\n"
    "      : $substring($as_text($text), $as_number($start))\n"
    "  )\n"
    "}",
    "replaced": "function($text, $find, $with) {\n"
    "  $present($text) and $present($find) and $present($with)\n"
    "    ? $replace($as_text($text), $as_text($find), $as_text($with))\n"
    "}",
    "split_part": "function($text, $separator, $number) {\n"
    "  $present($text) and $present($separator) and $present($number) ? (\n"
    "    $parts := $split($as_text($text), $as_text($separator));\n"
    "    $at := $as_number($number);\n"
    "    $parts[$at > 0 ? $at - 1 : $at]\n"
    "  )\n"
    "}",
    "pad_left": "function($text, $size, $fill) {\n"
    "  $present($text) and $present($size) ? (\n"
    "    $width := $max([$as_number($size), 0]);\n"
    '    $pad($as_text($text), -$width, $as_text($default($fill, "0")))\n'
    "  )\n"
    "}",
    "length_of": "function($text) { $length($as_text($text)) }",
    "truncate": "function($text, $size) {\n"
    "  $present($text) and $present($size)\n"
    "    ? $substring($as_text($text), 0, $max([$as_number($size), 0]))\n"
    "}",
    # Numbers (doubles here, exact decimals when the mapping runs)
    "numeric": "function($value) {\n"
    '  $type($value) = "number" ? $value\n'
    '  : $type($value) = "string" ? (\n'
    "    $word := $trim($value);\n"
    "    $contains($word, /^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$/)\n"
    '      ? $number($replace($replace($word, /^\\+/, ""), /^(-?)\\./, "$10."))\n'
    "  )\n"
    "}",
    "as_number": "function($value) {\n"
    "  $value != null ? (\n"
    "    $found := $numeric($value);\n"
    '    $exists($found) ? $found : $error($string($value) & " is not a number")\n'
    "  )\n"
    "}",
    "numbers": "function($values) { $map($list($values), function($v) { $as_number($v) }) }",
    "add": "function($a, $b) { $as_number($a) + $as_number($b) }",
    "subtract": "function($a, $b) { $as_number($a) - $as_number($b) }",
    "multiply": "function($a, $b) { $as_number($a) * $as_number($b) }",
    "divide": "function($a, $b) { $as_number($a) / $as_number($b) }",
    "round_half_up": "function($value, $digits) {\n"
    "  $present($value) ? (\n"
    "    $number := $as_number($value);\n"
    "    $scale := $power(10, $as_number($default($digits, 2)));\n"
    "    $size := $floor($abs($number) * $scale + 0.5) / $scale;\n"
    "    $number < 0 ? -$size : $size\n"
    "  )\n"
    "}",
    "absolute": "function($value) { $abs($as_number($value)) }",
    "negate": "function($value) { 0 - $as_number($value) }",
    "total": "function($values) { $sum([$numbers($values)]) }",
    "smallest": "function($values) { $min([$numbers($values)]) }",
    "largest": "function($values) { $max([$numbers($values)]) }",
    # Comparisons
    "eq": "function($a, $b) {\n"
    "  $present($a) and $present($b) ? (\n"
    "    $type($a) = $type($b) ? $a = $b\n"
    '    : $type($a) = "number" or $type($b) = "number" ? $numeric($a) = $numeric($b)\n'
    "    : false\n"
    "  )\n"
    "  : $present($a) = $present($b)\n"
    "}",
    "ne": "function($a, $b) { $not($eq($a, $b)) }",
    "order": "function($a, $b) {\n"
    "  $present($a) and $present($b) ? (\n"
    "    $x := $numeric($a);\n"
    "    $y := $numeric($b);\n"
    "    $exists($x) and $exists($y) ? $x - $y : $a > $b ? 1 : $a < $b ? -1 : 0\n"
    "  )\n"
    "}",
    "gt": "function($a, $b) { $order($a, $b) > 0 ? true : false }",
    "ge": "function($a, $b) { $order($a, $b) >= 0 ? true : false }",
    "lt": "function($a, $b) { $order($a, $b) < 0 ? true : false }",
    "le": "function($a, $b) { $order($a, $b) <= 0 ? true : false }",
    "is_empty": "function($value) {\n"
    "  $present($value) ? (\n"
    '    $type($value) = "string" ? $trim($value) = ""\n'
    '    : $type($value) = "array" ? $count($value) = 0\n'
    '    : $type($value) = "object" ? $count($keys($value)) = 0\n'
    "    : false\n"
    "  )\n"
    "  : true\n"
    "}",
    "is_in": "function($value, $options) {\n"
    "  $present($value)\n"
    "    ? $count($filter($list($options), function($o) { $eq($value, $o) })) > 0\n"
    "    : false\n"
    "}",
    # Dates
    "date": "function($value) {\n"
    "  $value != null ? (\n"
    "    $text := $trim($string($value));\n"
    "    $length($text) = 8\n"
    '      ? $substring($text, 0, 4) & "-" & $substring($text, 4, 2) & "-" & $substring($text, 6)\n'
    "      : $substring($text, 0, 10)\n"
    "  )\n"
    "}",
    "clock": "function($value) {\n"
    "  (\n"
    '    $time := $substring($trim($string($value)) & "          ", 11, 8);\n'
    '    $contains($time, ":") ? $trim($substring($time, 0, 5) & (\n'
    '      $substring($time, 5, 1) = ":" ? $substring($time, 5, 3) : ":00"\n'
    '    )) : "00:00:00"\n'
    "  )\n"
    "}",
    "written": 'function($value) { $date($value) & "T" & $clock($value) & "Z" }',
    "datetime": "function($value) {\n"
    "  $value != null ? (\n"
    "    $zone := $match($trim($string($value)), /:[0-9.]+ ?([+-])([0-9]{2}):?([0-9]{2})?$/);\n"
    "    $minutes := $exists($zone)\n"
    '      ? ($number($zone.groups[1]) * 60 + $number($default($zone.groups[2], "0")))\n'
    '        * ($zone.groups[0] = "-" ? -1 : 1)\n'
    "      : 0;\n"
    "    $part := $match($string($value), /:[0-9]{2}([.,][0-9]+)/).groups[0];\n"
    '    $millis := $present($part) ? $number("0." & $substring($part & "00", 1, 3)) * 1000 : 0;\n'
    "    $at := $toMillis($written($value)) - $minutes * 60000 + $millis;\n"
    '    $replace($fromMillis($at), ".000Z", "Z")\n'
    "  )\n"
    "}",
    "add_days": "function($value, $days) {\n"
    "  $present($value) and $present($days) ? (\n"
    '    $at := $toMillis($date($value) & "T00:00:00Z");\n'
    "    $substring($fromMillis($at + $as_number($days) * 86400000), 0, 10)\n"
    "  )\n"
    "}",
    "format_date": "function($value, $picture) {\n"
    "  $value != null ? $fromMillis($toMillis($written($value)), $picture)\n"
    "}",
    # Lists
    "how_many": "function($values) { $count($list($values)) }",
    "first": "function($values) { $list($values)[0] }",
    "last": "function($values) { $list($values)[-1] }",
    "without_repeats": "function($values) { $values != null ? [$distinct($list($values))] }",
    "joined": "function($values, $separator) {\n"
    "  $count($list($values)) > 0\n"
    "    ? $join($map($list($values), function($v) { $as_text($v) }),\n"
    '        $as_text($default($separator, ", ")))\n'
    "}",
    "field_of": "function($entry, $path) {\n"
    '  $reduce($split($path, "."), function($found, $name) { $lookup($found, $name) }, $entry)\n'
    "}",
    "entry": "function($values, $key_field, $key, $value_field, $otherwise) {\n"
    "  $present($values) and $present($key) ? (\n"
    "    $found := $filter($list($values), function($e) {\n"
    "      $present($field_of($e, $key_field)) and $eq($field_of($e, $key_field), $key)\n"
    "    })[0];\n"
    "    $exists($found) ? $field_of($found, $value_field)\n"
    "    : $present($otherwise) ? $otherwise\n"
    '    : $error("There is no entry for " & $string($key))\n'
    "  )\n"
    "}",
    "pluck": "function($values, $field) {\n"
    "  $values != null\n"
    "    ? $list($map($list($values), function($e) { $field_of($e, $field) }))\n"
    "}",
    **MORE,
}
"""Name to JSONata function; definitions may use those that stand in this table anywhere."""

CALLED_AS: Final[dict[str, str]] = {
    "trim": "trimmed",
    "substring": "part",
    "replace": "replaced",
    "length": "length_of",
    "to_text": "as_text",
    "number": "as_number",
    "round": "round_half_up",
    "abs": "absolute",
    "sum": "total",
    "min": "smallest",
    "max": "largest",
    "in": "is_in",
    "count": "how_many",
    "distinct": "without_repeats",
    "join": "joined",
    "lookup": "entry",
    "exists": "has_value",
    "append": "one_list",
    "average": "mean",
}
"""Mapping functions whose own name belongs to a JSONata built-in of another meaning."""

BUILT_IN: Final = frozenset(
    "string length substring substringBefore substringAfter uppercase lowercase trim pad contains"
    " split join match replace eval base64encode base64decode encodeUrlComponent encodeUrl"
    " decodeUrlComponent decodeUrl number abs floor ceil round power sqrt random formatNumber"
    " formatBase formatInteger parseInteger sum max min average boolean not exists count append"
    " sort reverse shuffle distinct zip keys lookup spread merge sift each error assert type now"
    " millis fromMillis toMillis map filter single reduce clone".split()
)
"""Functions that every JSONata engine has; a mapping function of the same name is written
otherwise in a text (see CALLED_AS)."""

_CALLED: Final = re.compile(r"\$([a-z_]+)\(")


def needed(names: Iterable[str]) -> list[str]:
    """The given definitions and all they use, each after those it uses."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        for used in _CALLED.findall(DEFINITIONS[name]):
            if used in DEFINITIONS and used != name:
                visit(used)
        ordered.append(name)

    for name in DEFINITIONS:
        if name in set(names):
            visit(name)
    return ordered
