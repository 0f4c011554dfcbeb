"""Who has which tabs open in this process, and how far each member has been fed."""

import asyncio
from collections import defaultdict
from uuid import UUID

from lumiku_web.domain.generations.outlook import Outlook


class Presence:
    """An index; it does nothing by itself."""

    def __init__(self) -> None:
        #: Catalogue key (`note.<key>`) of what people should know about the house; empty when all is well.
        self.note = ""
        self.tabs: dict[UUID, set[str]] = defaultdict(set)
        #: Tab → person and session.
        self.owners: dict[str, tuple[UUID, UUID]] = {}
        #: Person → the number up to which all tabs were fed; absent until a tab has read the truth.
        self.marks: dict[UUID, int] = {}
        #: Persons who may wait for a picture, and by tab what it was told of theirs; absent: nobody knows what it shows.
        self.hoping: set[UUID] = set()
        #: Somebody's order changed, and with it everybody's place; or a tab does not know its places.
        self.stirred = asyncio.Event()
        self.told: dict[str, dict[UUID, Outlook]] = {}

    def register(self, user_id: UUID, session_id: UUID, tab: str) -> None:
        """Tie a tab to its person, by this session. Before its page reads the truth, so that nothing falls in between."""
        if self.owners.get(tab) == (user_id, session_id):
            return
        self.unregister(tab)
        self.owners[tab] = (user_id, session_id)
        self.tabs[user_id].add(tab)

    def unregister(self, tab: str) -> None:
        """The tab is gone, or belongs to nobody now."""
        owner = self.owners.pop(tab, None)
        if owner is None:
            return
        self.told.pop(tab, None)
        tabs = self.tabs[owner[0]]
        tabs.discard(tab)
        if not tabs:
            del self.tabs[owner[0]]
            self.marks.pop(owner[0], None)
            self.hoping.discard(owner[0])

    def owner_of(self, tab: str) -> tuple[UUID, UUID] | None:
        """Person and session; None for a tab that is not open here, or nobody's."""
        return self.owners.get(tab)

    def loaded(self, user_id: UUID, sequence: int) -> None:
        """A tab has read the truth of this number: from there on it must be fed."""
        self.marks.setdefault(user_id, sequence)

    def hopes(self, user_id: UUID, tab: str) -> None:
        """A tab may show pictures that are not there yet, and must be told whatever is known of them."""
        self.told.pop(tab, None)
        self.hoping.add(user_id)
        self.stirred.set()

    def fed(self, user_id: UUID, sequence: int) -> None:
        """All tabs of this person were handed what happened up to this number."""
        if user_id in self.marks:
            self.marks[user_id] = max(self.marks[user_id], sequence)

    def not_fed(self, user_id: UUID, since: int) -> None:
        """A tab of this person missed what happened after `since`."""
        if user_id in self.marks:
            self.marks[user_id] = min(self.marks[user_id], since)


presence = Presence()
