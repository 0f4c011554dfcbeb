"""Rules of the gallery that need no database."""

from datetime import timedelta
from typing import Final

#: Pictures of one page.
PAGE: Final = 48
#: How long the trash keeps a picture.
TRASH_KEPT: Final = timedelta(days=30)
