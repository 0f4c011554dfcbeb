"""A form that the browser itself sends. Reflex's own forms always hold the submit back for a handler."""

import reflex as rx


class NativeForm(rx.el.Div):
    """`<form>` without any handler."""

    tag = "form"


def native_form(*children: rx.Component, action: str, **props: object) -> rx.Component:
    """POST the named fields to `action`, a route of our own, and follow the redirect."""
    return NativeForm.create(*children, custom_attrs={"action": action, "method": "post"}, **props)
