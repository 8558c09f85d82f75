"""Mapping rules and their expression language: pure, exact, bounded.

``compile_mapping(document).apply(context)`` gives the output document, the live value of each
rule and every error. ``check`` finds problems before anything runs.
"""

from ipaas.mapping.checks import check, unused_sources
from ipaas.mapping.compiler import compile_condition, compile_expr, compile_mapping
from ipaas.mapping.document_schema import MAPPING_SCHEMA
from ipaas.mapping.errors import (
    ExpressionFailed,
    Fix,
    MappingFailed,
    MappingInvalid,
    Problem,
    RuleError,
    Severity,
)
from ipaas.mapping.evaluate import CompiledMapping, LiveValue, Result
from ipaas.mapping.functions import FUNCTIONS, Function
from ipaas.mapping.jsonata_text import to_jsonata
from ipaas.mapping.parsing import parse_expr, parse_function, parse_mapping
from ipaas.mapping.rereading import reread
from ipaas.mapping.resources import MISSING, GivenResources, Resources
from ipaas.mapping.text_rules import Imported, Note, expression_from_jsonata, from_jsonata
from ipaas.mapping.writing import write_expr, write_function, write_mapping

__all__ = [
    "FUNCTIONS",
    "MAPPING_SCHEMA",
    "MISSING",
    "CompiledMapping",
    "ExpressionFailed",
    "Fix",
    "Function",
    "Imported",
    "Note",
    "expression_from_jsonata",
    "from_jsonata",
    "write_expr",
    "write_function",
    "write_mapping",
    "GivenResources",
    "LiveValue",
    "MappingFailed",
    "MappingInvalid",
    "Problem",
    "Resources",
    "Result",
    "RuleError",
    "Severity",
    "check",
    "compile_condition",
    "compile_expr",
    "compile_mapping",
    "parse_expr",
    "parse_function",
    "parse_mapping",
    "reread",
    "to_jsonata",
    "unused_sources",
]
