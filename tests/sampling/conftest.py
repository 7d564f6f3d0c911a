"""Fixtures for the tests of sampling."""

import pytest

from tailormade.conditionals import base


@pytest.fixture
def unregistered(monkeypatch):
    """Conditionals that a test defines are not left among those that a file may name."""
    monkeypatch.setattr(base, "_REGISTRY", dict(base._REGISTRY))
