"""The pages as a person sees them: what they click and what they look for."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

#: As they are called in the form.
ILLUSTRATOR, FLUX = "Illustrator", "FLUX"


@dataclass(frozen=True)
class Studio:
    """One tab."""

    page: Page

    def open(self, path: str) -> None:
        """Go there; returns once the server has answered."""
        self.page.goto(path, wait_until="commit")

    def make_project(self, name: str) -> str:
        """By the form of the page of projects; the id of the project, which is open then."""
        self.open_projects()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.locator("#create-project").click()
        self.page.wait_for_url("**/projects/*-*", wait_until="commit")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(name)
        return self.page.url.rstrip("/").rsplit("/", 1)[-1]

    def open_projects(self) -> None:
        """Open the list of projects; returns once it is there."""
        self.open("/projects")
        some, none = self.page.locator("main a[href^='/projects/']"), self.page.get_by_text("No projects yet.")
        expect(some.or_(none).first).to_be_visible()

    def open_creator(self, project_id: str = "", *, model: str = "") -> None:
        """Open the Avatar Creator, ready for an order."""
        self.open(f"/apps/avatar-creator?project={project_id}" if project_id else "/apps/avatar-creator")
        expect(self.button).to_be_enabled()
        if model:
            self.choose_model(model)

    def choose_model(self, name: str) -> None:
        """By the beginning of its name; returns once the form is about it."""
        menu = self.page.locator("#model")
        menu.select_option(label=self._full_name(menu, name))
        expect(self.button).to_contain_text("Draw" if name == ILLUSTRATOR else "Generate")

    def _full_name(self, menu: Locator, name: str) -> str:
        return next(text for text in menu.locator("option").all_inner_texts() if text.startswith(name))

    @property
    def words(self) -> Locator:
        return self.page.locator("#words")

    @property
    def button(self) -> Locator:
        return self.page.locator("#generate")

    @property
    def orders(self) -> Locator:
        """The cards beside the form, newest first."""
        return self.page.locator("main article")

    @property
    def tiles(self) -> Locator:
        return self.orders.locator("[data-status]")

    def tiles_that_are(self, status: str) -> Locator:
        return self.orders.locator(f"[data-status={status}]")

    @property
    def pictures(self) -> Locator:
        """The pictures of finished tiles."""
        return self.orders.locator("[data-status=succeeded] img[src^='/files/']")

    def type_words(self, words: str) -> None:
        """Returns once the composed prompt has them, so that nothing is on its way."""
        self.words.fill(words)
        expect(self.page.locator("details")).to_contain_text(words[:60])

    def choose_count(self, count: int) -> None:
        self.page.locator("#count").get_by_role("radio", name=str(count), exact=True).click()
        expect(self.button).to_contain_text(str(count))


def expect_loaded(pictures: Locator, count: int) -> None:
    """That many pictures, each with its pixels there."""
    expect(pictures).to_have_count(count)
    for picture in pictures.all():
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("img => img.naturalWidth") > 0
