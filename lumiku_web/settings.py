"""The only reader of the environment: every setting, its unit and its default. `.env.example` lists the same."""

from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from lumiku_web.errors import SettingsInvalid


class Settings(BaseSettings):
    """What an operator may set. Names without `validation_alias` carry the prefix `LUMIKU_`."""

    model_config = SettingsConfigDict(env_prefix="LUMIKU_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

    #: PostgreSQL >= 15 for the application's role. Empty: `make run` starts its own.
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    #: The same database for the role that migrates. Empty: `DATABASE_URL` migrates too.
    database_owner_url: str = Field(default="", validation_alias="DATABASE_OWNER_URL")
    #: Redis >= 6.2 (`redis://`, `rediss://`, `unix://`). Empty: `make run` starts its own.
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    #: Connections that one process may hold to PostgreSQL.
    database_pool_size: int = Field(default=8, ge=1, le=200)

    #: Where the web process listens. The next free port is taken, and said, if this one is in use.
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    #: The address that browsers use, e.g. `https://studio.example`. Empty: `http://localhost:<port>`.
    public_origin: str = ""
    #: Reverse proxies in front of the web process whose forwarding headers count.
    trusted_proxy_hops: int = Field(default=0, ge=0, le=5)

    #: Everything that Lumiku keeps on this machine: pictures, and the embedded PostgreSQL and Redis.
    data_dir: Path = Path(".lumiku")

    #: Hugging Face access token. With it FLUX generates; without it the illustrator draws.
    huggingface_token: SecretStr = SecretStr("")
    #: Base address of the Hugging Face inference router.
    huggingface_url: str = "https://router.huggingface.co/hf-inference"
    #: API key of Black Forest Labs. With it FLUX generates too.
    bfl_api_key: SecretStr = SecretStr("")
    #: Base address of Black Forest Labs. Its origin alone may be of http or in a private network.
    bfl_url: str = "https://api.bfl.ai"

    #: Generations in flight in one worker process, and how many such processes `python -m rq_workers` starts.
    worker_concurrency: int = Field(default=50, ge=1, le=1000)
    worker_processes: int = Field(default=1, ge=1, le=64)
    #: Generations of one member in flight at once; what is more waits for its turn.
    member_running_limit: int = Field(default=40, ge=1)

    #: A session ends after this long without a request, and at the latest after the second.
    session_idle_seconds: int = Field(default=14 * 86_400, ge=60)
    session_absolute_seconds: int = Field(default=60 * 86_400, ge=60)
    #: May anybody create an account, or only the first visitor (who becomes the admin)?
    sign_up: Literal["open", "closed"] = "open"
    #: What a new account begins with, in credits.
    sign_up_credits: int = Field(default=100, ge=0, le=1_000_000_000)
    #: Live connections of visitors who are not signed in, per network address.
    anonymous_sockets_per_address: int = Field(default=20, ge=1)

    #: Largest photograph that is accepted, and the most pixels that are decoded.
    upload_limit_bytes: int = Field(default=25_000_000, ge=1_000)
    image_limit_px: int = Field(default=50_000_000, ge=1_000_000)
    #: What one member's pictures may take, in all their variants.
    storage_limit_bytes: int = Field(default=10_000_000_000, ge=1_000_000)
    #: ClamAV's daemon, which looks into every upload: `host:port` or `unix:/path`. Empty: nobody does.
    clamav: str = Field(default="", pattern=r"^(|unix:/.+|[^\s/]+:[0-9]{1,5})$")

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    #: `json` for machines, `console` for people.
    log_format: Literal["json", "console"] = "json"

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _names_the_driver(cls, url: str) -> str:
        """SQLAlchemy wants the driver in the address; hosting services hand out `postgres://`."""
        if not url:
            return url
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
            raise ValueError("must start with postgresql://")
        return f"postgresql+psycopg://{rest}"

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: str) -> str:
        if url and urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("must start with redis://, rediss:// or unix://")
        return url

    @field_validator("huggingface_url", "bfl_url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must start with https:// or http://")
        return url

    @field_validator("public_origin")
    @classmethod
    def _is_origin(cls, origin: str) -> str:
        parts = urlsplit(origin)
        if origin and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}):
            raise ValueError("must be an origin such as https://studio.example, without a path")
        return origin.rstrip("/")

    def require_servers(self) -> None:
        """Raises: SettingsInvalid where an address that no process of the product can do without is missing."""
        missing = [name for name, url in (("DATABASE_URL", self.database_url), ("REDIS_URL", self.redis_url)) if not url]
        if missing:
            raise SettingsInvalid(f"{' and '.join(missing)} must be set; `make run` sets them by itself")

    @property
    def origin(self) -> str:
        """The address that browsers use."""
        return self.public_origin or f"http://localhost:{self.port}"

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"

    @property
    def owner_url(self) -> str:
        return self.database_owner_url or self.database_url


def setting_name(field: str) -> str:
    """The environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"LUMIKU_{field.upper()}"


@cache
def load_settings() -> Settings:
    """Read the environment and `.env` once.

    Raises: SettingsInvalid, one sentence that names each wrong setting.
    """
    return read_settings()


def read_settings(**overrides: object) -> Settings:
    """As `load_settings`, uncached. `overrides` are field values that win over the environment."""
    try:
        return Settings(**overrides)  # pyright: ignore[reportArgumentType]  (validated by pydantic)
    except ValidationError as wrong:
        problems = "; ".join(f"{_named(str(e['loc'][0]))}: {_reason(e['msg'])}" for e in wrong.errors())
        raise SettingsInvalid(problems) from None


def _named(location: str) -> str:
    return setting_name(location) if location in Settings.model_fields else location


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
