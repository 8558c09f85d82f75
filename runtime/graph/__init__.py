"""Flow graphs, pure: kinds of nodes, parsing, order, structural problems."""

from runtime.graph.document import BrokenFlow, Edge, Graph, Node, Problem, parse, structure_problems
from runtime.graph.kinds import ITEM, LOOP, NODE_KINDS, NodeKind, Work
from runtime.graph.writing import Way, way_of_writing

__all__ = [
    "ITEM",
    "LOOP",
    "NODE_KINDS",
    "BrokenFlow",
    "Edge",
    "Graph",
    "Node",
    "NodeKind",
    "Problem",
    "Way",
    "Work",
    "parse",
    "structure_problems",
    "way_of_writing",
]
