from __future__ import annotations

import pytest

from nirman.collaboration.ports import GoneError
from tests.fakes.rooms import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage(GoneError)
