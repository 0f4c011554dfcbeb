"""The page that a person sees when the database is away: it must not need anything else."""

from html import escape
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

_WORDS: Final = {
    "en": (
        "Lumiku can't reach its database right now",
        "Nothing was lost. It usually comes back by itself within a minute; then reload this page.",
    ),
    "id": (
        "Lumiku sedang tidak bisa menjangkau basis datanya",
        "Tidak ada yang hilang. Biasanya pulih sendiri dalam satu menit; lalu muat ulang halaman ini.",
    ),
}

_PAGE: Final = """<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>:root{{color-scheme:light dark}}
body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto 0;padding:0 24px}}h1{{font-size:20px}}
</style><h1>{title}</h1><p>{text}</p></html>"""


def sorry(headers: Headers) -> HTMLResponse:
    """Status 503, in the language that the browser asks for."""
    language = "id" if headers.get("accept-language", "").lower().startswith("id") else "en"
    title, text = (escape(words) for words in _WORDS[language])
    page = _PAGE.format(language=language, title=title, text=text)
    return HTMLResponse(page, status_code=503, headers={"retry-after": "10", "cache-control": "no-store"})
