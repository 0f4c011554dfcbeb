"""Photographs on their way, on the page of a project, and the part of every page that sends them."""

from collections.abc import Callable
from typing import Final

import reflex as rx

from lumiku_web.ui import theme
from lumiku_web.ui.i18n import t
from lumiku_web.ui.kit.button import ghost_button, icon_button, secondary_button
from lumiku_web.ui.kit.surface import row as beside
from lumiku_web.ui.kit.surface import stack
from lumiku_web.ui.kit.uploads import DRAG_ACTIVE, DROP_AREA, drop_zone, drop_zone_words, progress_row, upload_summary
from lumiku_web.ui.pages.project.browser_files import (
    HELD,
    PasteListener,
    described,
    described_refusals,
    dropped,
    held_from,
    no_longer_held,
    sent,
)
from lumiku_web.ui.pages.project.state import ProjectState
from lumiku_web.ui.pages.project.upload_rows import Step, UploadRow
from lumiku_web.ui.pages.project.upload_state import UploadState

Wraps = dict[tuple[int, str], Callable[[bool], rx.Component | None]]

_TYPES: Final = {"image/jpeg": [".jpg", ".jpeg"], "image/png": [".png"], "image/webp": [".webp"]}
#: Inside Reflex's own wrap with number 5, so that a walk to another page leaves it alone.
_SENDERS: Final = (4, "Uploads")


def upload_area() -> rx.Component:
    """Where to drop, what is on its way, what was not taken."""
    files = dropped()
    zone = rx.upload.root(
        drop_zone_words(t("upload.title"), t("upload.help", megabytes=UploadState.limit_mb)),
        id="photos",
        accept=_TYPES,
        multiple=True,
        max_size=UploadState.limit_mb * 1_000_000,
        on_drop=UploadState.announce(described(files), held_from(files), False),  # noqa: FBT003 (an event's argument)
        on_drop_rejected=lambda refusals: UploadState.refuse(described_refusals(refusals)),
        drag_active_style=DRAG_ACTIVE,
        style=DROP_AREA,
    )
    listener = PasteListener.create(on_paste=lambda files: rx.cond(files.length() > 0, _paste(files), rx.noop()))
    rows = rx.el.ul(rx.foreach(UploadState.rows, _row), aria_label=t("upload.list"), style=_LIST)
    return stack(
        listener, drop_zone(zone), _summary(), rx.cond(UploadState.rows.length() > 0, rows, rx.fragment()), gap=theme.IN_CONTROL
    )


_LIST: Final = {"list_style": "none", "margin": "0", "padding": "0"}


def _paste(files: rx.Var[list[rx.UploadFile]]) -> rx.event.EventSpec:
    return UploadState.announce(described(files), held_from(files), True)  # noqa: FBT003


def _summary() -> rx.Component:
    has_rows, is_busy = UploadState.rows.length() > 0, UploadState.open_count > 0
    said = t("upload.summary", kept=UploadState.kept_count.to_string(), all=UploadState.all_count.to_string())
    clear = ghost_button(
        rx.cond(is_busy, t("upload.stop_all"), t("upload.dismiss_all")), on_click=UploadState.remove_all, is_small=True
    )
    return upload_summary(rx.cond(UploadState.all_count > 0, said, ""), clear, is_shown=has_rows)


def _row(row: rx.Var[UploadRow]) -> rx.Component:
    is_known = row.step == Step.known.value
    return rx.el.li(
        progress_row(
            row.name,
            percent=_percent(row),
            detail=_how_far(row).to(str) + _where(row),
            thumb_url=rx.cond(is_known, row.thumb_url, UploadState.thumbs[row.id]),
            error=rx.cond(row.step == Step.refused.value, row.reason, ""),
            note=rx.cond(is_known, row.reason, ""),
            actions=rx.cond(is_known, _known_actions(row), rx.fragment()),
            close=_close(row),
        ),
        key=row.id,
    )


def _is_here(row: rx.Var[UploadRow]) -> rx.Var[bool]:
    return row.project_id == ProjectState.router.url.path.split("/")[-1]


def _where(row: rx.Var[UploadRow]) -> rx.Var[str]:
    """Other projects by their name: a walk from one to the other takes its rows along."""
    return rx.cond(_is_here(row), "", " · " + row.project_name)


def _how_far(row: rx.Var[UploadRow]) -> rx.Var[str]:
    detail = UploadState.details[row.id]
    return rx.match(
        row.step,
        (Step.waiting.value, t("upload.waiting")),
        (Step.starting.value, t("upload.starting")),
        (Step.sending.value, rx.cond(detail, detail, "")),
        (Step.saving.value, t("upload.saving")),
        "",
    )


def _percent(row: rx.Var[UploadRow]) -> rx.Var[int]:
    return rx.cond(row.step == Step.sending.value, UploadState.percents[row.id], rx.cond(row.step == Step.saving.value, 100, 0))


def _close(row: rx.Var[UploadRow]) -> rx.Component:
    has_ended = (row.step == Step.known.value) | (row.step == Step.refused.value)
    label = rx.cond(has_ended, t("upload.dismiss", name=row.name), t("upload.stop", name=row.name))
    button = icon_button("x", label, on_click=UploadState.remove(row.id), is_small=True)
    return rx.cond(row.step == Step.saving.value, rx.fragment(), button)


def _known_actions(row: rx.Var[UploadRow]) -> rx.Component:
    bring = rx.cond(
        row.is_trashed & _is_here(row),
        secondary_button(t("upload.restore"), on_click=UploadState.bring(row.id), is_small=True),
        rx.cond(
            row.is_elsewhere & _is_here(row),
            secondary_button(t("upload.move_here"), on_click=UploadState.bring(row.id), is_small=True),
            rx.fragment(),
        ),
    )
    return beside(ghost_button(t("upload.show"), on_click=ProjectState.open_picture(row.image_id), is_small=True), bring)


def upload_wraps() -> Wraps:
    """For `rx.App(extra_app_wraps=…)`: sends from whatever page is open."""
    return {_SENDERS: lambda is_stateful: rx.fragment(_senders()) if is_stateful else None}


@rx.memo
def _senders() -> rx.Component:
    def sender(row: rx.Var[UploadRow]) -> rx.Component:
        is_resting = (row.step == Step.waiting.value) | (row.step == Step.refused.value) | (row.step == Step.known.value)
        return rx.fragment(rx.cond(is_resting, rx.fragment(), _sender(row_id=row.id, place=row.place)), key=row.id)

    return rx.fragment(rx.foreach(UploadState.rows, sender), rx.cond(UploadState.held != HELD, _differs(), rx.fragment()))


@rx.memo
def _sender(row_id: rx.Var[str], place: rx.Var[int]) -> rx.Component:
    """Sends while it is there; what is taken away before its end is stopped."""
    upload = UploadState.receive(rx.upload_files_chunk(upload_id=row_id), row_id)
    return rx.fragment(on_mount=[sent(upload, place), UploadState.watch(row_id)], on_unmount=no_longer_held(row_id, place))


@rx.memo
def _differs() -> rx.Component:
    return rx.fragment(on_mount=UploadState.attend(HELD))
