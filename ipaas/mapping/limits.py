"""Bounds that stop a hostile or runaway mapping with a clear error."""

from typing import Final

MAX_RULES: Final = 2_000
MAX_EXPRESSION_DEPTH: Final = 40
MAX_EXPRESSION_NODES: Final = 20_000
MAX_ARGUMENTS: Final = 100
MAX_INSERTIONS: Final = 100
"""Templates that one mapping remembers."""
MAX_PATH_LENGTH: Final = 1_000
MAX_PATH_SEGMENTS: Final = 60
MAX_CONSTANT_VALUES: Final = 10_000

MAX_ROWS: Final = 50_000
"""Rows that all rows rules of one mapping may make for one document."""
MAX_LIST: Final = 100_000
MAX_TEXT: Final = 200_000
MAX_OUTPUT_VALUES: Final = 1_000_000
"""Fields, rows and list elements in one result."""
MAX_OUTPUT_TEXT: Final = 20_000_000
"""Characters of all texts in one result."""
MAX_DOCUMENT_DEPTH: Final = 100
MAX_WORK: Final = 3_000_000
"""Units of work for one document: a rule evaluated, a list element read, 256 characters."""

MAX_DIGITS: Final = 100
"""Digits of a number that takes part in arithmetic, and the largest power of ten."""
DIVISION_DIGITS: Final = 28

MAX_ERRORS_PER_RULE: Final = 20
LIVE_VALUES: Final = 20
"""Values of a looped rule that are kept to be shown; all of them are counted."""

JSONATA_TIMEOUT_S: Final = 1.0
JSONATA_MAX_TEXT: Final = 20_000
JSONATA_MAX_IMPORT: Final = 200_000
"""Characters of a whole text that is to become rules; no engine runs more than the line above."""
JSONATA_MAX_DEPTH: Final = 302
"""The depth that the official test suite allows."""
JSONATA_MAX_STEPS: Final = 2_000_000
JSONATA_MAX_RESULT_BYTES: Final = 5_000_000
