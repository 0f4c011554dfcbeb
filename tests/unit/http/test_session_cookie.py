"""The cookie of a session: never for JavaScript, and found among whatever else a browser sends (T4)."""

import pytest
from starlette.responses import Response

from lumiku_web.http.session_cookie import clear_secret, cookie_name, secret_in, set_secret
from lumiku_web.settings import Settings

HTTP = Settings.model_construct(public_origin="http://studio.example")
HTTPS = Settings.model_construct(public_origin="https://studio.example")


def parts(response: Response) -> list[str]:
    return [part.strip().lower() for part in response.headers["set-cookie"].split(";")]


def test_t4_javascript_never_sees_the_secret() -> None:
    for settings in (HTTP, HTTPS):
        response = Response()
        set_secret(response, "s3cret", settings)
        assert {"httponly", "samesite=lax", "path=/"} <= set(parts(response))
        assert not any(part.startswith("domain") for part in parts(response))


def test_t4_by_https_the_cookie_is_secure_and_bound_to_this_very_host() -> None:
    response = Response()
    set_secret(response, "s3cret", HTTPS)
    assert response.headers["set-cookie"].startswith("__Host-lumiku_session=s3cret;")
    assert "secure" in parts(response)
    response = Response()
    set_secret(response, "s3cret", HTTP)
    assert "secure" not in parts(response)


def test_t4_the_cookie_lives_as_long_as_a_session_can() -> None:
    response = Response()
    set_secret(response, "s3cret", HTTPS)
    assert f"max-age={HTTPS.session_absolute_seconds}" in parts(response)


def test_taking_it_back_names_the_same_cookie() -> None:
    for settings in (HTTP, HTTPS):
        response = Response()
        clear_secret(response, settings)
        assert response.headers["set-cookie"].startswith(f'{cookie_name(settings)}=""')
        assert {"max-age=0", "path=/"} <= set(parts(response))


@pytest.mark.parametrize(
    "others",
    [
        "",
        "theme=dark; ",
        "odd:name=1; ",
        "list[0]=1; ",
        '{"json": 1}; ',
        "a b=c; ",
        "novalue; ",
        'quoted="x; y"; ',
        "é=ü; ",
        ";;; ",
        "=x; ",
    ],
)
def test_the_secret_is_found_whatever_other_products_on_this_host_have_set(others: str) -> None:
    assert secret_in(f"{others}lumiku_session=s3cret; z=1", HTTP) == "s3cret"


@pytest.mark.parametrize("header", ["", "lumiku_session", "lumiku_session=", "other=s3cret", "xlumiku_session=s3cret", "\x00"])
def test_no_cookie_is_no_secret(header: str) -> None:
    assert secret_in(header, HTTP) == ""


def test_by_https_only_the_bound_cookie_counts() -> None:
    assert secret_in("lumiku_session=set-by-a-subdomain", HTTPS) == ""
