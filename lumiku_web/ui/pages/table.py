"""Every page of the platform and of the apps, for the entrance of the web process."""

from lumiku_web import discovery
from lumiku_web.ui.live import LiveState
from lumiku_web.ui.page import PAGES, Page
from lumiku_web.ui.pages.account import page as account
from lumiku_web.ui.pages.account.state import AccountPageState
from lumiku_web.ui.pages.admin import credits_page as _admin_credits  # noqa: F401 (it declares its page, like the next ones)
from lumiku_web.ui.pages.admin import jobs_page as _admin_jobs  # noqa: F401
from lumiku_web.ui.pages.admin import models_page as _admin_models  # noqa: F401
from lumiku_web.ui.pages.admin import page as _admin  # noqa: F401
from lumiku_web.ui.pages.admin import people_page as _admin_people  # noqa: F401
from lumiku_web.ui.pages.admin import person_page as _admin_person  # noqa: F401
from lumiku_web.ui.pages.admin import usage_page as _admin_usage  # noqa: F401
from lumiku_web.ui.pages.credits import page as _credits  # noqa: F401
from lumiku_web.ui.pages.gallery import page as _gallery  # noqa: F401
from lumiku_web.ui.pages.home import page as _home  # noqa: F401
from lumiku_web.ui.pages.kit import page as kit
from lumiku_web.ui.pages.not_found import page as not_found
from lumiku_web.ui.pages.project import page as _project  # noqa: F401
from lumiku_web.ui.pages.projects import page as _projects  # noqa: F401
from lumiku_web.ui.pages.welcome import page as welcome


def all_pages() -> list[Page]:
    """Load the apps' pages too. Raises: AppInvalid."""
    for manifest in discovery.find_apps().values():
        discovery.load_page(manifest)
    return [
        Page("/", "welcome.title", welcome.page, (AccountPageState.load,)),
        Page("/sign-in", "account.sign_in", account.sign_in, (AccountPageState.load,)),
        Page("/sign-up", "account.sign_up", account.sign_up, (AccountPageState.load,)),
        Page("/404", "not_found.title", not_found.page, ()),
        Page("/kit", "kit.title", kit.page, (LiveState.load,)),
        *PAGES,
    ]
