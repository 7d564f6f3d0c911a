"""Drop-ins for code written against other projects: one module for each, named after it.

Nothing is re-exported here, since several projects call their class ``MADE``: import it from its module, as in
``from tailormade.compat.pytorch_made import MADE``.
"""
