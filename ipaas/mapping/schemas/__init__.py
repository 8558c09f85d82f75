"""JSON Schemas as the designer needs them: read at a path, learnt from documents, exemplified."""

from ipaas.mapping.schemas.examples import example
from ipaas.mapping.schemas.inference import infer_schema
from ipaas.mapping.schemas.reading import (
    Finder,
    Found,
    Leaf,
    Schema,
    Standing,
    as_source_path,
    find,
    iter_leaves,
    resolve,
    type_of,
    types,
    view,
)
from ipaas.mapping.schemas.shape import bare

__all__ = [
    "Finder",
    "Found",
    "Leaf",
    "Schema",
    "Standing",
    "as_source_path",
    "bare",
    "example",
    "find",
    "infer_schema",
    "iter_leaves",
    "resolve",
    "type_of",
    "types",
    "view",
]
