"""What leaves this package."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class ProjectRead:
    """A project as its owner sees it."""

    id: UUID
    name: str
    created_at: datetime
