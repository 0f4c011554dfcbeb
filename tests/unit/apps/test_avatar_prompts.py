"""The Avatar Creator's prompt: looks, own words, quality terms, in this order; nothing chosen is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lumiku_web.apps.avatar_creator.params import WORDS_MAX, AvatarParams, avatar_params
from lumiku_web.apps.avatar_creator.pipeline import generate
from lumiku_web.apps.avatar_creator.prompts import PHRASES, QUALITY, compose, prompt
from lumiku_web.sdk import LOOKS, Capabilities, ImageResult, InvalidInput, Wish

VALUES = [(control, value) for control, values in LOOKS.items() for value in values]
ANY_LOOKS = st.fixed_dictionaries({}, optional={control: st.sampled_from(values) for control, values in LOOKS.items()})


def test_the_order_is_looks_then_own_words_then_quality() -> None:
    params = AvatarParams(words="holding a loaf", looks={"gender": "female"})
    assert [part.source for part in compose(params)] == ["looks", "words", "quality"]
    assert prompt(params) == f"Portrait of a woman, holding a loaf, {QUALITY}"


def test_every_look_has_a_phrase_and_no_phrase_is_left_over() -> None:
    assert {control: tuple(phrases) for control, phrases in PHRASES.items()} == LOOKS


@pytest.mark.parametrize(("control", "value"), VALUES)
def test_every_value_of_every_control_changes_the_prompt(control: str, value: str) -> None:
    chosen = prompt(AvatarParams(looks={control: value}))
    assert PHRASES[control][value] in chosen
    others = [prompt(AvatarParams(looks={control: other})) for other in LOOKS[control] if other != value]
    assert chosen not in [prompt(AvatarParams()), *others]


@given(ANY_LOOKS, st.text(max_size=200))
def test_whatever_is_chosen_together_is_all_in_the_prompt(looks: dict[str, str], words: str) -> None:
    text = prompt(AvatarParams(words=words, looks=looks))
    assert all(PHRASES[control][value] in text for control, value in looks.items())
    assert " ".join(words.split()) in text
    assert text.endswith(QUALITY)


def test_nothing_chosen_is_a_prompt_too() -> None:
    assert prompt(AvatarParams()) == QUALITY


@pytest.mark.parametrize("looks", [{"gender": "robot"}, {"wings": "two"}, {"gender": ""}])
def test_a_look_that_does_not_exist_is_refused(looks: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        AvatarParams(looks=looks)


def test_the_form_leaves_out_what_was_left_open_and_refuses_what_does_not_exist() -> None:
    assert avatar_params(words="", looks={"gender": "", "style": "casual"}).looks == {"style": "casual"}
    with pytest.raises(InvalidInput) as refused:
        avatar_params(words="", looks={"gender": "robot"})
    assert (refused.value.key, refused.value.field) == ("look_unknown", "gender")


@given(ANY_LOOKS, st.text(max_size=WORDS_MAX, alphabet=st.characters(codec="utf-8")))
def test_params_survive_json(looks: dict[str, str], words: str) -> None:
    params = AvatarParams(words=words, looks=looks)
    assert AvatarParams.model_validate_json(params.model_dump_json()) == params
    assert AvatarParams.model_validate(params.model_dump(mode="json")) == params


class Sketchbook:
    """A pipeline context that only writes down what was wished."""

    capabilities = Capabilities(256, 1536, 16)

    def __init__(self) -> None:
        self.wishes: list[Wish] = []

    async def image(self, wish: Wish) -> ImageResult:
        self.wishes.append(wish)
        return ImageResult(b"picture", "request-1", {})


async def test_the_pipeline_wishes_once_with_prompt_and_looks() -> None:
    book, params = Sketchbook(), AvatarParams(words="a baker", looks={"style": "casual"})
    result = await generate(book, params)
    assert (result.content, book.wishes) == (b"picture", [Wish(prompt(params), {"style": "casual"})])
