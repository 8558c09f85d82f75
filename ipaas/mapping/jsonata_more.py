"""More JSONata definitions, of functions that JSONata can express without the platform.

All others are called by their own name in a text and handed to the engine (``hosted``).
"""

from __future__ import annotations

from typing import Final

MORE: Final[dict[str, str]] = {
    "has_value": "function($value) { $present($value) }",
    "starts_with": "function($text, $part) {\n"
    "  $present($text) and $present($part) ? (\n"
    "    $substring($as_text($text), 0, $length($as_text($part))) = $as_text($part)\n"
    "  )\n"
    "}",
    "ends_with": "function($text, $part) {\n"
    "  $present($text) and $present($part) ? (\n"
    "    $size := $length($as_text($text)) - $length($as_text($part));\n"
    "    $size >= 0 ? $substring($as_text($text), $size) = $as_text($part) : false\n"
    "  )\n"
    "}",
    "includes": "function($text, $part) {\n"
    "  $present($text) and $present($part)\n"
    "    ? $contains($as_text($text), $as_text($part))\n"
    "}",
    "before": "function($text, $separator) {\n"
    "  $present($text) and $present($separator)\n"
    "    ? $substringBefore($as_text($text), $as_text($separator))\n"
    "}",
    "after": "function($text, $separator) {\n"
    "  $present($text) and $present($separator)\n"
    "    ? $substringAfter($as_text($text), $as_text($separator))\n"
    "}",
    "if_empty": "function($value, $otherwise) { $is_empty($value) ? $otherwise : $value }",
    "between": "function($value, $low, $high) {\n"
    "  $present($value) and $present($low) and $present($high)\n"
    "    ? $ge($value, $low) and $le($value, $high)\n"
    "    : false\n"
    "}",
    "one_list": "function($a, $b) {\n"
    "  $present($a) or $present($b) ? $append([$list($a)], [$list($b)])\n"
    "}",
    "mean": "function($values) {\n  $count($list($values)) > 0 ? $average([$numbers($values)])\n}",
    "percent_of": "function($value, $percent) { $as_number($value) * $as_number($percent) / 100 }",
    "clamp": "function($value, $low, $high) {\n"
    "  $present($value) and $present($low) and $present($high) ? (\n"
    "    $as_number($value) < $as_number($low) ? $as_number($low)\n"
    "    : $as_number($value) > $as_number($high) ? $as_number($high)\n"
    "    : $as_number($value)\n"
    "  )\n"
    "}",
    "backwards": "function($values) { $values != null ? [$reverse($list($values))] }",
    "sum_of": "function($values, $field) {\n"
    "  $values != null and $present($field)\n"
    "    ? $sum([$numbers($pluck($values, $field))])\n"
    "}",
    "where_field": "function($values, $field, $equals) {\n"
    "  $values != null ? [$filter($list($values), function($e) {\n"
    "    $eq($field_of($e, $field), $equals)\n"
    "  })]\n"
    "}",
}
"""Name to JSONata function."""
