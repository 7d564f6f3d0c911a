"""Schemas that several tests need."""

import pytest
from tables.cases import SMALL

from tailormade.tables import Schema, SchemaWarning


@pytest.fixture
def small():
    """A schema with an identifier, a number and a binary column."""
    with pytest.warns(SchemaWarning, match=r"left out as identifiers: \['name'\]; give another kind in overrides"):
        return Schema.infer(SMALL)
