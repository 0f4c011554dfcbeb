"""One portrait: one prompt, one call to the order's provider."""

from lumiku_web.apps.avatar_creator.params import AvatarParams
from lumiku_web.apps.avatar_creator.prompts import prompt
from lumiku_web.sdk import ImageResult, PipelineContext, Wish


async def generate(ctx: PipelineContext, params: AvatarParams) -> ImageResult:
    """Size and seed are the order's; makes one provider call. Raises: Transient, Permanent."""
    return await ctx.image(Wish(prompt=prompt(params), looks=params.looks))
