"""HTML made of elements, so that whatever a visitor wrote can only ever be text in it."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None
Attribute = str | bool | None


def element(tag: str, /, *children: Child | Iterable[Child], **attributes: Attribute) -> Element:
    """An element with its children and attributes.

    None and False are left out, True stands for the attribute's own name. An underscore at the end of a name
    is dropped, others become hyphens: `class_`, `aria_label`.
    """
    made = Element(tag)
    for key, value in attributes.items():
        if value is not None and value is not False:
            plain = key.rstrip("_").replace("_", "-")
            made.set(plain, plain if value is True else str(value))
    for child in children:
        for each in [child] if child is None or isinstance(child, str | Element) else child:
            _append(made, each)
    return made


def document(root: Element) -> str:
    """The page as text."""
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html")


def _append(parent: Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, Element):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + child
    else:
        parent.text = (parent.text or "") + child
