"""Rules of the gallery that need no database."""

import math
from datetime import datetime, timedelta
from typing import Final

from lumiku_web.domain.gallery.schemas import ImageRead, Shelf

#: Pictures of one page.
PAGE: Final = 48
#: How long the trash keeps a picture.
TRASH_KEPT: Final = timedelta(days=30)
#: Pictures that one transaction deletes for good when the trash is emptied.
EMPTIED_AT_ONCE: Final = 200


def is_on(image: ImageRead, shelf: Shelf) -> bool:
    """Whether a picture stands on a shelf; `ImageRepository` says the same to the database."""
    match shelf:
        case Shelf.everything:
            return image.trashed_at is None
        case Shelf.favourites:
            return image.trashed_at is None and image.is_favourite
        case Shelf.trash:
            return image.trashed_at is not None


def days_left(trashed_at: datetime, now: datetime) -> int:
    """Until the trash deletes a picture, in begun days; 0 when that may happen at any moment."""
    return max(0, math.ceil((trashed_at + TRASH_KEPT - now) / timedelta(days=1)))
