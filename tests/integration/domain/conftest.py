"""Somebody who brings photographs along, and who takes them in."""

from uuid import UUID

import pytest

from lumiku_web.bootstrap import Services
from lumiku_web.domain.accounts.schemas import Actor
from tests.factories.house import House
from tests.factories.reception import Reception


@pytest.fixture
def reception(services: Services) -> Reception:
    return Reception.of(services)


@pytest.fixture
def root(house: House) -> Actor:
    """The admin: the first one who comes."""
    return house.member(name="Root")


@pytest.fixture
def ada(house: House) -> Actor:
    return house.member()


@pytest.fixture
def studio(house: House, ada: Actor) -> UUID:
    return house.project(ada).id
