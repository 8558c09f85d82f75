"""Functions that mapping rules may call, by group."""

from ipaas.mapping.functions import text as _text  # isort: skip
from ipaas.mapping.functions import wording as _wording  # isort: skip
from ipaas.mapping.functions import numbers as _numbers  # isort: skip
from ipaas.mapping.functions import rounding as _rounding  # isort: skip
from ipaas.mapping.functions import taxes as _taxes  # isort: skip
from ipaas.mapping.functions import units as _units  # isort: skip
from ipaas.mapping.functions import logic as _logic  # isort: skip
from ipaas.mapping.functions import choices as _choices  # isort: skip
from ipaas.mapping.functions import dates as _dates  # isort: skip
from ipaas.mapping.functions import days as _days  # isort: skip
from ipaas.mapping.functions import lists as _lists  # isort: skip
from ipaas.mapping.functions import sequences as _sequences  # isort: skip
from ipaas.mapping.functions import lookups as _lookups  # isort: skip
from ipaas.mapping.functions import addresses as _addresses  # isort: skip
from ipaas.mapping.functions import contacts as _contacts  # isort: skip
from ipaas.mapping.functions import identifiers as _identifiers  # isort: skip
from ipaas.mapping.functions.registry import FUNCTIONS, GROUPS, Arg, Example, Function

__all__ = ["FUNCTIONS", "GROUPS", "Arg", "Example", "Function"]

# Importing a module of functions registers them; GROUPS says the order people see.
_REGISTERED = (
    *(_text, _wording, _numbers, _rounding, _taxes, _units, _logic, _choices, _dates, _days),
    *(_lists, _sequences, _lookups, _addresses, _contacts, _identifiers),
)
_ORDER = list(GROUPS)
_IN_ORDER = sorted(FUNCTIONS.values(), key=lambda fn: _ORDER.index(fn.group))
FUNCTIONS.clear()
FUNCTIONS.update({fn.name: fn for fn in _IN_ORDER})
