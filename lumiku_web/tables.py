"""Imports every table of the product, so that one metadata holds them all: for migrations, rights and tests."""

import importlib
import importlib.util
import pkgutil

import lumiku_web.apps
import lumiku_web.domain
from lumiku_web.db.base import metadata

for _package in (lumiku_web.domain, lumiku_web.apps):
    for _module in pkgutil.iter_modules(_package.__path__, prefix=f"{_package.__name__}."):
        if importlib.util.find_spec(f"{_module.name}.models"):
            importlib.import_module(f"{_module.name}.models")

__all__ = ["metadata"]
