"""The Avatar Creator, as data."""

from lumiku_web.apps.avatar_creator.params import AvatarParams
from lumiku_web.sdk import AppManifest, JobKind

PORTRAIT = JobKind(name="portrait", params=AvatarParams, timeout_seconds=180, max_attempts=3)

MANIFEST = AppManifest(
    slug="avatar-creator",
    title="avatar_creator.title",
    summary="avatar_creator.summary",
    icon="user-round",
    position=10,
    kinds=(PORTRAIT,),
)
