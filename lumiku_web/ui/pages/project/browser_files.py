"""Files in the browser, as expressions of it: given to it, held by it, sent by it.

A file stays in the browser until it is sent, in one list, at the place that its row names; nothing of it goes through a state.
That list lives as long as the loaded page: a reload empties it, a walk through the product does not.
"""

from typing import Any, Final

import reflex as rx
from reflex_base.event import EventSpec, parse_args_spec
from reflex_base.vars import VarData
from reflex_base.vars.function import FunctionVar
from reflex_base.vars.object import ObjectVar
from reflex_base.vars.sequence import ArrayVar
from reflex_components_core.core.window_events import WindowEventListener

_LIST: Final = rx.Var("lumiku_files")._as_ref()  # noqa: SLF001 (where Reflex itself keeps what belongs to the loaded page)

#: How many files the browser was given since the page was loaded.
HELD: Final = rx.Var(f"({_LIST!s}?.length ?? 0)", _var_data=_LIST._get_all_var_data()).to(int)  # noqa: SLF001


def held_from(files: rx.Var[Any]) -> rx.Var[int]:
    """Hold `files`, too; the place of the first of them. Once in an event: holding them is a part of evaluating it."""
    return _expression(f"((({_LIST!s} ??= []).push(...{files!s})) - {files!s}.length)", files).to(int)


def described(files: rx.Var[Any]) -> rx.Var[Any]:
    """What the server is told of `files`. The files themselves in an event would be sent whole, with that event."""
    return files.to(ArrayVar, list[dict[str, Any]]).map(_described)


def described_refusals(refusals: rx.Var[Any]) -> rx.Var[Any]:
    """The same of what react-dropzone did not take: `[{file, errors}]`."""
    return refusals.to(ArrayVar, list[dict[str, Any]]).map(lambda refusal: _described(refusal["file"]))


def _described(file: rx.Var[Any]) -> rx.Var[Any]:
    known = file.to(ObjectVar, dict[str, Any])
    return rx.Var.create({fact: known[fact] for fact in ("name", "type", "size")})


def dropped() -> rx.Var[Any]:
    """The files of a drop, for an event that is given to `rx.upload(on_drop=…)` as it is."""
    (files,), _ = parse_args_spec(rx.event.passthrough_event_spec(list[rx.UploadFile]))
    return files


def sent(upload: EventSpec, place: rx.Var[int]) -> EventSpec:
    """`upload`, an event with `rx.upload_files_chunk`, of the one file that is held at `place`; of none if none is."""
    file = _expression(f"[{_LIST!s}?.[{place!s}]].filter(Boolean)", place)
    carries = {"files", "chunks"}
    return upload.with_args(tuple((name, file if str(name) in carries else value) for name, value in upload.args))


def no_longer_held(upload_id: rx.Var[str], place: rx.Var[int]) -> FunctionVar[Any]:
    """A function of the page: stop sending, if that is still going on, and let go of the file."""
    controller = f"{_LIST._replace(_js_expr='refs')!s}"
    stop = f"{controller}['__upload_controllers_' + {upload_id!s}]?.abort()"
    forget = f"{_LIST!s}?.[{place!s}] && ({_LIST!s}[{place!s}] = null)"
    return _expression(f"(() => {{ {stop}; {forget}; }})", upload_id, place).to(FunctionVar)


def _expression(expression: str, *parts: rx.Var[Any]) -> rx.Var[Any]:
    data = VarData.merge(_LIST._get_all_var_data(), *(part._get_all_var_data() for part in parts))  # noqa: SLF001
    return rx.Var(expression, _var_data=data)


def _pasted(event: rx.Var[Any]) -> tuple[rx.Var[Any]]:
    return (rx.Var(f"Array.from({event!s}.clipboardData?.files ?? [])").to(list[Any]),)


class PasteListener(WindowEventListener):
    """Hears of files that are pasted anywhere in the window, whatever has the focus; of pasted text it hears an empty list."""

    on_paste: rx.EventHandler[_pasted]
