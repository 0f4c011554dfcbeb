"""What the pieces may be given, in three words."""

from collections.abc import Callable
from typing import Any, Final

import reflex as rx

#: A text, or a Var of one; both in the person's language already.
Text = str | rx.Var[str]
Flag = bool | rx.Var[bool]
#: An event handler, a call of one, or the setter of a client state.
Handler = Any
#: Makes the event of one picture or order out of its id.
OnId = Callable[[rx.Var[str]], Any]
Style = dict[str, Any]

#: What the shell calls the part of the page that belongs to the page itself.
PAGE_CONTENT: Final = "content"


def shown_if(text: Text, piece: rx.Component) -> rx.Component:
    """`piece` while there is a text."""
    if isinstance(text, rx.Var):
        return rx.cond(text != "", piece, rx.fragment())
    return piece if text else rx.fragment()
