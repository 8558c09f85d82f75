"""Functions that mapping rules may call, by group."""

from ipaas.mapping.functions import text as _text  # isort: skip
from ipaas.mapping.functions import numbers as _numbers  # isort: skip
from ipaas.mapping.functions import logic as _logic  # isort: skip
from ipaas.mapping.functions import dates as _dates  # isort: skip
from ipaas.mapping.functions import lists as _lists  # isort: skip
from ipaas.mapping.functions.registry import FUNCTIONS, Arg, Example, Function

__all__ = ["FUNCTIONS", "Arg", "Example", "Function"]

# Importing a module of functions registers them; the order above is the order people see.
_REGISTERED = (_text, _numbers, _logic, _dates, _lists)
