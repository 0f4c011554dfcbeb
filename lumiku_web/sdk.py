"""The first door for apps, free of Reflex: what manifests, params and pipelines are made of. One screen long."""

from lumiku_web.domain.avatars.schemas import LOOKS
from lumiku_web.domain.catalog.schemas import AppManifest, JobKind, ModelRead, Params
from lumiku_web.domain.generations.pipeline import PipelineContext, Wish
from lumiku_web.domain.generations.policy import COUNT_MAX, SEED_MAX
from lumiku_web.domain.generations.schemas import Order
from lumiku_web.domain.providers.ports import Capabilities, ImageResult
from lumiku_web.errors import InvalidInput
from lumiku_web.typed_text import many_lines, one_line

__all__ = [
    "COUNT_MAX",
    "LOOKS",
    "SEED_MAX",
    "AppManifest",
    "Capabilities",
    "ImageResult",
    "InvalidInput",
    "JobKind",
    "ModelRead",
    "Order",
    "Params",
    "PipelineContext",
    "Wish",
    "many_lines",
    "one_line",
]
