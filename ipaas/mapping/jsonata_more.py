"""More JSONata definitions, of functions that JSONata can express without the platform.

All others are called by their own name in a text and handed to the engine (``hosted``).
"""

from __future__ import annotations

from typing import Final

MORE: Final[dict[str, str]] = {
    "has_value": "function($value) { $present($value) }",
    "is_null": "function($value) { $exists($value) ? $value = null : false }",
    "not_null": "function($value) { $not($exists($value) and $value = null) }",
    # How lists become rows
    "rows_in": "function($above, $below) {\n"
    "  $reduce($list($above), function($found, $one) { $append($found, $below($one)) }, [])\n"
    "}",
    "has_key": "function($key, $other) {\n"
    "  $present($key) and $present($other)\n"
    "    ? ($type($key) = $type($other) ? $string($key) = $string($other) : false)\n"
    "    : $not($present($key) or $present($other))\n"
    "}",
    # Engines differ on the order of equals, so positions are sorted and break every tie.
    "sorted": "function($rows, $key, $down) {\n"
    "  (\n"
    "    $all := $list($rows);\n"
    "    $count($all) > 0 ? [$map($sort([0..$count($all) - 1], function($i, $j) {\n"
    "      (\n"
    "        $x := $key($all[$i]);\n"
    "        $y := $key($all[$j]);\n"
    "        $present($x) and $present($y) ? (\n"
    "          $difference := $order($x, $y);\n"
    "          $difference = 0 ? $i > $j : $down ? $difference < 0 : $difference > 0\n"
    "        )\n"
    "        : $present($x) = $present($y) ? $i > $j : $present($y)\n"
    "      )\n"
    "    }), function($i) { $all[$i] })]\n"
    "  )\n"
    "}",
    "one_of_each": "function($rows, $key) {\n"
    "  [$filter($list($rows), function($row, $i, $all) {\n"
    "    $count($filter($all, function($other, $j) {\n"
    "      $j < $i and $has_key($key($other), $key($row))\n"
    "    })) = 0\n"
    "  })]\n"
    "}",
    "grouped": "function($rows, $key, $item) {\n"
    "  [$map($one_of_each($rows, $key), function($first) {\n"
    "    $merge([\n"
    '      $present($key($first)) ? {"key": $key($first)} : {},\n'
    '      {"items": [$map($filter($list($rows), function($row) {\n'
    "        $has_key($key($row), $key($first))\n"
    "      }), $item)]}\n"
    "    ])\n"
    "  })]\n"
    "}",
    "joined_rows": "function($rows, $entries, $name, $left, $right, $many, $inner) {\n"
    "  [$reduce($rows, function($all, $row) {\n"
    "    (\n"
    "      $key := $left($row);\n"
    "      $found := $present($key) ? $list($filter($list($entries), function($entry) {\n"
    "        $present($right($entry)) ? $eq($right($entry), $key) : false\n"
    "      })) : [];\n"
    "      $count($found) = 0 ? ($inner ? $all : $append($all, [$row]))\n"
    "      : $many ? $append($all, [$map($found, function($entry) {\n"
    "          $merge([$row, {$name: $entry}])\n"
    "        })])\n"
    "      : $append($all, [$merge([$row, {$name: $found[0]}])])\n"
    "    )\n"
    "  }, [])]\n"
    "}",
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
