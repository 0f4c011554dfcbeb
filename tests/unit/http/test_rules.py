"""Which address asks what of its caller, and where a form may send a person."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumiku_web.http.auth_forms import HOME, _local
from lumiku_web.http.rules import EXACT, PREFIXES, Rule, rule_of

ORIGIN = "https://studio.example"
PATHS = st.text(alphabet=st.sampled_from("/\\.:@?#%\t\n \x00ae1é-_"), max_size=30)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/", Rule.public),
        ("/sign-in", Rule.public),
        ("/sign-in/", Rule.public),
        ("/home", Rule.member),
        ("/projects", Rule.member),
        ("/projects/0190", Rule.member),
        ("/apps/avatar-creator", Rule.member),
        ("/files/0190/thumb", Rule.member_api),
        ("/_upload", Rule.member_api),
        ("/_upload/", Rule.member_api),
        ("/_upload/stolen.png", Rule.nobody),
        ("/_event", Rule.socket),
        ("/_event/", Rule.socket),
        ("/_all_routes", Rule.nobody),
        ("/_health", Rule.nobody),
        ("/auth-codespace", Rule.nobody),
    ],
)
def test_t7_the_rule_of_an_address(path: str, rule: Rule) -> None:
    assert rule_of(path) is rule


@pytest.mark.parametrize(
    "path", ["/metrics", "/api/v1/me", "/homes", "/home/x", "/Home", "/auth", "/auth/other", "/sign-in/x", "/fil", "x"]
)
def test_t7_an_undeclared_address_has_no_rule(path: str) -> None:
    assert rule_of(path) is None


@given(st.text(max_size=40))
def test_t7_only_what_is_declared_has_a_rule(text: str) -> None:
    path = f"/{text}"
    declared = (path.rstrip("/") or "/") in EXACT or any(path.startswith(prefix) for prefix in PREFIXES)
    assert (rule_of(path) is not None) == declared


@pytest.mark.parametrize("path", ["/home", "/projects/0190?tab=1", "/apps/avatar-creator?project=7#x", "/"])
def test_a_path_of_our_own_is_kept(path: str) -> None:
    assert _local(path) == path


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example"),
        *(
            "javascript:alert(1)",
            "home",
            "",
            None,
            "/auth/sign-out",
            "/x\r\nSet-Cookie: a=b",
            " /home",
            "/a\\..\\b",
            ["/home"],
            7,
        ),
    ],
)
def test_open_redirects_lead_home(address: object) -> None:
    assert _local(address) == HOME


@given(PATHS)
def test_wherever_a_form_sends_a_person_it_is_our_own_origin(text: str) -> None:
    target = _local(text)
    assert target in {HOME, text}
    assert target.startswith("/")
    assert not target.startswith("//")
    assert urlsplit(urljoin(ORIGIN, target)).netloc == "studio.example"
    assert target.isprintable()
