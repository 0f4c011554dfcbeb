"""The second door for apps: the pieces that pages are made of."""

from lumiku_web.ui.kit.balance_chip import balance_chip
from lumiku_web.ui.kit.button import danger_button, ghost_button, icon_button, primary_button, secondary_button
from lumiku_web.ui.kit.chart import Chart, Share, day_chart, share_list
from lumiku_web.ui.kit.check_field import check_field
from lumiku_web.ui.kit.confirm import confirm_dialog
from lumiku_web.ui.kit.connection import connection_wraps
from lumiku_web.ui.kit.data_table import Column, data_table
from lumiku_web.ui.kit.drawing import drawing
from lumiku_web.ui.kit.empty_state import empty_state
from lumiku_web.ui.kit.field import field
from lumiku_web.ui.kit.figure_card import figure_card
from lumiku_web.ui.kit.icon import icon
from lumiku_web.ui.kit.inputs import (
    number_field,
    segmented,
    segmented_field,
    select_field,
    stepper_field,
    text_area,
    text_field,
)
from lumiku_web.ui.kit.lightbox import lightbox, viewer
from lumiku_web.ui.kit.link import plain_link, text_link
from lumiku_web.ui.kit.meter import meter
from lumiku_web.ui.kit.native_form import native_form
from lumiku_web.ui.kit.notice import notice
from lumiku_web.ui.kit.order_card import order_card
from lumiku_web.ui.kit.picture import drawn_badge, fading_picture, frame
from lumiku_web.ui.kit.picture_grid import endless_grid, grid_tail, picture_grid
from lumiku_web.ui.kit.plan_card import plan_card
from lumiku_web.ui.kit.price import model_option, price_details, price_label, price_note, price_way_out, why_not
from lumiku_web.ui.kit.price_button import price_button
from lumiku_web.ui.kit.project_card import app_card, project_card
from lumiku_web.ui.kit.record_table import Record, StateColumn, record_table
from lumiku_web.ui.kit.skeleton import skeleton
from lumiku_web.ui.kit.statement import statement_table
from lumiku_web.ui.kit.surface import card, columns, form_and_results, form_panel, page_header, row, section, stack
from lumiku_web.ui.kit.tile import tile_view
from lumiku_web.ui.kit.uploads import DRAG_ACTIVE, DROP_AREA, drop_zone, drop_zone_words, progress_row

__all__ = [
    "DRAG_ACTIVE",
    "DROP_AREA",
    "Chart",
    "Column",
    "Record",
    "Share",
    "StateColumn",
    "app_card",
    "balance_chip",
    "card",
    "check_field",
    "columns",
    "confirm_dialog",
    "connection_wraps",
    "danger_button",
    "data_table",
    "day_chart",
    "drawing",
    "drawn_badge",
    "drop_zone",
    "drop_zone_words",
    "empty_state",
    "endless_grid",
    "fading_picture",
    "field",
    "figure_card",
    "form_and_results",
    "form_panel",
    "frame",
    "ghost_button",
    "grid_tail",
    "icon",
    "icon_button",
    "lightbox",
    "meter",
    "model_option",
    "native_form",
    "notice",
    "number_field",
    "order_card",
    "page_header",
    "picture_grid",
    "plain_link",
    "plan_card",
    "price_button",
    "price_details",
    "price_label",
    "price_note",
    "price_way_out",
    "primary_button",
    "progress_row",
    "project_card",
    "record_table",
    "row",
    "secondary_button",
    "section",
    "segmented",
    "segmented_field",
    "select_field",
    "share_list",
    "skeleton",
    "stack",
    "statement_table",
    "stepper_field",
    "text_area",
    "text_field",
    "text_link",
    "tile_view",
    "viewer",
    "why_not",
]
