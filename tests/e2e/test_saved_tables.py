"""What a table of records saves, by the browser that saves it."""

import csv
from pathlib import Path

from playwright.sync_api import Browser

from lumiku_web.ui.kit.record_table import _SAVED
from tests.factories.cells import HOSTILE_CELLS


def test_words_are_no_formulas_in_a_saved_table_either(chromium: Browser, tmp_path: Path) -> None:
    rows = [{"cells": [cell, "less"], "values": ["", -1]} for cell in HOSTILE_CELLS]
    with chromium.new_page() as page:
        with page.expect_download() as download:
            page.evaluate(f"([heads, rows]) => {_SAVED._js_expr}('all', heads, rows)", [["=For", "Number"], rows])
        download.value.save_as(tmp_path / "all.csv")
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        saved = list(csv.reader(file))
    assert saved == [["'=For", "Number"], *([cell, "-1"] for cell in HOSTILE_CELLS.values())]
