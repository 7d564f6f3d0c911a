"""Tables: columns of any kind on one side, variables of a density on the other.

A :class:`Schema` says of every column what its values are and how they become the numbers of a model. Categories become
codes ``0..k-1`` (1), dates seconds since 1970 (2), numbers stay the caller's own, in the caller's units (3), and a
missing cell is NaN (4), or has a number of its own where it is to be modelled, too. Log-likelihoods are therefore in
the units of the table: the density of a column recorded to a resolution ``δ`` is the probability of its rounding
interval over ``δ`` (5), that of a whole number or a category a probability (6), and that of an often repeated number a
point mass (7). Scaling a column by ``c`` lowers (5) by ``log c`` and leaves (6) and (7) as they are.

A schema is inferred from a data frame or an array, says why it is what it is, and can be changed by argument or as
JSON. Everything that reads frames or files needs narwhals and pyarrow, which are imported when they are used.
"""

from tailormade.tables.checks import KINDS
from tailormade.tables.column import Column
from tailormade.tables.files import SUFFIXES, read_table, scan_table, write_table
from tailormade.tables.frames import backend_of, table_of
from tailormade.tables.relations import SchemaWarning
from tailormade.tables.schema import Schema

__all__ = [
    "KINDS",
    "SUFFIXES",
    "Column",
    "Schema",
    "SchemaWarning",
    "backend_of",
    "read_table",
    "scan_table",
    "table_of",
    "write_table",
]
