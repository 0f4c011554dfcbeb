"""Finds apps: a folder with a `manifest.py` is one. A wrong one stops the start with a sentence that names the file."""

import importlib
import inspect
import pkgutil
from functools import cache
from types import ModuleType

import lumiku_web.apps
from lumiku_web.domain.catalog.schemas import AppManifest, Pipeline
from lumiku_web.errors import AppInvalid


@cache
def find_apps() -> dict[str, AppManifest]:
    """Every app by slug, in the order of the dashboard. Raises: AppInvalid."""
    found = [_manifest(module.name) for module in pkgutil.iter_modules(lumiku_web.apps.__path__) if module.ispkg]
    return {app.slug: app for app in sorted(found, key=lambda app: (app.position, app.slug))}


@cache
def load_pipeline(app: AppManifest) -> Pipeline:
    """The app's `generate`, for workers. Raises: AppInvalid."""
    folder = app.slug.replace("-", "_")
    generate = getattr(_load(folder, "pipeline"), "generate", None)
    if not inspect.iscoroutinefunction(generate):
        raise AppInvalid(f"apps/{folder}/pipeline.py", "it needs an `async def generate(ctx, params)`")
    return generate


def load_page(app: AppManifest) -> ModuleType:
    """Import the app's page, which declares its route by `@app_page`. For the web process only. Raises: AppInvalid."""
    return _load(app.slug.replace("-", "_"), "page")


def _manifest(folder: str) -> AppManifest:
    path = f"apps/{folder}/manifest.py"
    manifest = getattr(_load(folder, "manifest"), "MANIFEST", None)
    if not isinstance(manifest, AppManifest):
        raise AppInvalid(path, "it needs a MANIFEST of type AppManifest")
    if manifest.slug.replace("-", "_") != folder:
        raise AppInvalid(path, f"the slug {manifest.slug!r} is not the folder's name")
    if not manifest.kinds:
        raise AppInvalid(path, "it offers no kind of job")
    names = [kind.name for kind in manifest.kinds]
    if len(set(names)) != len(names):
        raise AppInvalid(path, "two kinds have the same name")
    return manifest


def _load(folder: str, room: str) -> ModuleType:
    try:
        return importlib.import_module(f"lumiku_web.apps.{folder}.{room}")
    except ModuleNotFoundError as missing:
        if missing.name == f"lumiku_web.apps.{folder}.{room}":
            raise AppInvalid(f"apps/{folder}/{room}.py", "the file is missing") from None
        raise
