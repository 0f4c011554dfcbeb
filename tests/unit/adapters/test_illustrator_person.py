"""Looks are obeyed, the seed fills in, words change only what no look says."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumiku_web.adapters.illustrator_drawing import draw
from lumiku_web.adapters.illustrator_person import HAIRS, IRISES, SKINS, decide
from lumiku_web.domain.avatars.schemas import LOOKS

seeds = st.integers(0, 2**32 - 1)
full_looks = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in LOOKS.items()})
some_looks = st.fixed_dictionaries({name: st.sampled_from(("", *values)) for name, values in LOOKS.items()})


@settings(deadline=None)
@given(seed=seeds, prompt=st.text(max_size=50), looks=some_looks)
def test_looks_are_obeyed_whatever_the_words_say(seed: int, prompt: str, looks: dict[str, str]) -> None:
    person = decide(seed, prompt, looks)
    assert {name: person.looks[name] for name, value in looks.items() if value} == {n: v for n, v in looks.items() if v}
    assert all(person.looks[name] in values for name, values in LOOKS.items())
    assert person.skin == SKINS[person.looks["skin_tone"]]
    assert (person.top == "hijab") == (person.looks["hair_style"] == "hijab")
    assert (person.top == "") == (person.looks["hair_style"] == "bald")


@settings(deadline=None)
@given(seed=seeds, first=st.text(max_size=50), second=st.text(max_size=50), looks=some_looks)
def test_words_change_only_the_expression_and_the_light(seed: int, first: str, second: str, looks: dict[str, str]) -> None:
    one, other = vars(decide(seed, first, looks)), vars(decide(seed, second, looks))
    changed = {name for name in one if one[name] != other[name]}
    assert changed <= {"mouth", "brows", "gaze", "backdrop"}


def test_words_do_change_something() -> None:
    assert len({repr(decide(1, f"a portrait {number}", {})) for number in range(20)}) > 5


@settings(deadline=None)
@given(seed=seeds, looks=full_looks, name=st.sampled_from(sorted(LOOKS)), data=st.data())
def test_changing_any_one_look_changes_the_drawing(seed: int, looks: dict[str, str], name: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from([value for value in LOOKS[name] if value != looks[name]]))
    assert draw(decide(seed, "", looks), 256, 256) != draw(decide(seed, "", {**looks, name: other}), 256, 256)


@settings(deadline=None)
@given(seed=seeds, looks=some_looks, width=st.integers(32, 192), height=st.integers(32, 192))
def test_every_person_is_drawn_as_well_formed_svg(seed: int, looks: dict[str, str], width: int, height: int) -> None:
    svg = draw(decide(seed, "</svg>&", looks), width * 8, height * 8)
    root = ET.fromstring(svg)  # noqa: S314 - our own
    named = {element.get("id") for element in root.iter()} - {None}
    asked = {value[5:-1] for element in root.iter() for value in element.attrib.values() if value.startswith("url(#")}
    assert asked <= named


@pytest.mark.parametrize("ethnicity", LOOKS["ethnicity"])
def test_no_origin_has_only_one_face(ethnicity: str) -> None:
    people = [decide(seed, "", {"ethnicity": ethnicity}).looks for seed in range(200)]
    for name in ("skin_tone", "hair_color", "hair_style", "gender", "body_type", "style", "age_range"):
        assert len({looks[name] for looks in people}) >= 2, name


def test_the_veil_and_grey_hair_come_by_choice_only() -> None:
    people = [decide(seed, "", {}) for seed in range(500)]
    assert "hijab" not in {person.looks["hair_style"] for person in people}
    assert "grey" not in {person.looks["hair_color"] for person in people}


def test_every_value_has_its_colour() -> None:
    assert (set(SKINS), set(HAIRS), set(IRISES)) == (set(LOOKS["skin_tone"]), set(LOOKS["hair_color"]), set(LOOKS["eye_color"]))


@pytest.mark.parametrize("looks", [{"hair_style": "mohawk"}, {"aura": "blue"}])
def test_what_is_no_look_is_refused(looks: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not among the looks"):
        decide(1, "", looks)


def test_brows_have_the_colour_of_the_hair_also_where_there_is_none() -> None:
    tints: set[str] = set()
    for colour in LOOKS["hair_color"]:
        root = ET.fromstring(draw(decide(1, "", {"hair_style": "bald", "hair_color": colour}), 256, 256))  # noqa: S314 - our own
        (brows,) = (group for group in root.iter() if group.get("id", "").startswith("eyebrows-"))
        tints |= {path.get("fill", "") for path in brows}
    assert len(tints) == len(LOOKS["hair_color"])
