"""Settings: what is malformed stops the start with a sentence that names it, and `.env.example` tells all of them."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from lumiku_web.errors import SettingsInvalid
from lumiku_web.settings import Settings, read_settings, setting_name

EXAMPLE = Path(__file__).parents[2] / ".env.example"
ENTRY = re.compile(r"^#([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(setting_name(field), raising=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://root@localhost/lumiku"),
        ("DATABASE_URL", "localhost:5432"),
        ("DATABASE_OWNER_URL", "sqlite:///file"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost"),
        ("LUMIKU_DATABASE_POOL_SIZE", "0"),
        ("LUMIKU_PORT", "eighty"),
        ("LUMIKU_PORT", "70000"),
        ("LUMIKU_HUGGINGFACE_URL", "router.example"),
        ("LUMIKU_BFL_URL", "ftp://api.example"),
        ("LUMIKU_PUBLIC_ORIGIN", "studio.example"),
        ("LUMIKU_PUBLIC_ORIGIN", "https://studio.example/path"),
        ("LUMIKU_TRUSTED_PROXY_HOPS", "-1"),
        ("LUMIKU_WORKER_CONCURRENCY", "many"),
        ("LUMIKU_SESSION_IDLE_SECONDS", "5"),
        ("LUMIKU_SESSION_ABSOLUTE_SECONDS", ""),
        ("LUMIKU_SIGN_UP", "maybe"),
        ("LUMIKU_ANONYMOUS_SOCKETS_PER_ADDRESS", "0"),
        ("LUMIKU_UPLOAD_LIMIT_BYTES", "25 MB"),
        ("LUMIKU_IMAGE_LIMIT_PX", "1"),
        ("LUMIKU_LOG_LEVEL", "loud"),
        ("LUMIKU_LOG_FORMAT", "xml"),
    ],
)
def test_a_malformed_setting_is_one_sentence_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as stopped:
        read_settings()
    sentence = str(stopped.value)
    assert sentence.startswith(f"Lumiku can't start: {name}: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_several_malformed_settings_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMIKU_PORT", "eighty")
    monkeypatch.setenv("LUMIKU_LOG_FORMAT", "xml")
    with pytest.raises(SettingsInvalid, match=r"LUMIKU_PORT: .*; LUMIKU_LOG_FORMAT: "):
        read_settings()


def test_a_refused_setting_does_not_repeat_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://root:verysecret@localhost/lumiku")
    with pytest.raises(SettingsInvalid) as stopped:
        read_settings()
    assert "verysecret" not in f"{stopped.value} {stopped.value!r} {stopped.value.args} {stopped.value.facts}"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_the_database_names_our_driver(scheme: str) -> None:
    assert read_settings(database_url=f"{scheme}://a:b@host/lumiku").database_url == "postgresql+psycopg://a:b@host/lumiku"


def test_without_settings_there_is_a_default_for_everything() -> None:
    settings = read_settings()
    assert (settings.origin, settings.owner_url, settings.files_dir) == ("http://localhost:8000", "", Path(".lumiku/files"))
    assert read_settings(public_origin="https://studio.example/").origin == "https://studio.example"


def test_one_file_sets_what_the_environment_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LUMIKU_PORT=8100\nLUMIKU_LOG_LEVEL=error\nSOMETHING_ELSE=1\n", encoding="utf-8")
    monkeypatch.setenv("LUMIKU_PORT", "8200")
    assert (read_settings().port, read_settings().log_level) == (8200, "error")


def test_the_token_shows_itself_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMIKU_HUGGINGFACE_TOKEN", "hf_verysecret")
    settings = read_settings()
    assert "verysecret" not in f"{settings} {settings!r} {settings.model_dump()}"


def test_the_example_has_exactly_the_settings_with_their_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    told = dict(ENTRY.findall(EXAMPLE.read_text(encoding="utf-8")))
    assert list(told) == [setting_name(field) for field in Settings.model_fields]
    for field, info in Settings.model_fields.items():
        default = info.default.get_secret_value() if isinstance(info.default, SecretStr) else str(info.default)
        assert told[setting_name(field)] == default, field
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert read_settings() == Settings.model_construct()


def test_the_example_explains_every_setting() -> None:
    blocks = EXAMPLE.read_text(encoding="utf-8").split("\n\n")
    settings = [block for block in blocks if ENTRY.search(block)]
    assert len(settings) == len(Settings.model_fields)
    for block in settings:
        assert re.match(r"# \S.*\.\n#[A-Z_]+=", block), block
