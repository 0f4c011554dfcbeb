"""Messages on the channel of changes: a hint, or nothing at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.adapters.doorbell_redis import Hint, read_hint
from lumiku_web.ids import new_id

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
NEAR = st.dictionaries(st.sampled_from(["user", "session", "sequence"]), JSON)


def test_a_hint_names_a_member_or_a_session() -> None:
    user, session = new_id(), new_id()
    assert read_hint(json.dumps({"user": str(user), "sequence": 7})) == Hint(user_id=user)
    assert read_hint(json.dumps({"session": str(session)}).encode()) == Hint(session_id=session)


@given(JSON | NEAR)
def test_whatever_else_is_on_the_channel_is_refused_as_no_hint(said: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_hint(json.dumps(said))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{", b"null", b'{"user": 5}', b'{"session": null}', b'{"user": ""}', b"[1]"])
def test_what_is_no_json_is_no_hint(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_hint(data)
