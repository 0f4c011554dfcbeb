"""Pictures that are already decoded, for tests that are about rows."""

from lumiku_web.domain.gallery.schemas import PreparedImage


def prepared(mark: bytes = b"picture") -> PreparedImage:
    """A picture whose bytes nobody will look into."""
    return PreparedImage(
        width_px=8, height_px=6, media_type="image/png", original=mark, preview=mark + b"-p", thumb=mark + b"-t", blur="data:,"
    )
