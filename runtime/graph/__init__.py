"""Flow graphs, pure: kinds of nodes, parsing, order, structural problems."""

from runtime.graph.document import BrokenFlow, Edge, Graph, Node, Problem, parse, structure_problems
from runtime.graph.kinds import ITEM, LOOP, NODE_KINDS, NodeKind, Work

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
    "Work",
    "parse",
    "structure_problems",
]
