"""What the reference pages need to know about the package beyond what griffe reads by itself.

An extension of griffe, which mkdocstrings reads the docstrings with; named in `mkdocs.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe

#: Sections of NumPy's style that griffe leaves as they are, which Markdown takes for headings.
_SECTION = re.compile(r"^(References|See Also|Notes)\n-{3,}\n", re.MULTILINE)

#: The mark of a reference, ``.. [1] text``, and where it is cited, ``[1]_``.
_REFERENCE = re.compile(r"^\.\. (?=\[\d+\] )", re.MULTILINE)
_CITATION = re.compile(r"\[(\d+)\]_")

#: What a page of the reference is about, and a name in single backticks.
_DIRECTIVE = re.compile(r"^::: swiftnas\.(\S+)$", re.MULTILINE)
_NAME = re.compile(r"(?<![`\w])`([\w.]+)`(?!`)")


class Docstrings(griffe.Extension):
    """Docstrings in the Markdown that mkdocstrings expects, and the strategies in the package."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rewrite a docstring."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)

    def on_package(self, *, pkg: griffe.Module, **kwargs: Any) -> None:
        """Give the package the strategies, which it knows at run time only; and set links."""
        strategies = pkg["strategies"]
        for name, member in strategies.members.items():
            if isinstance(member, griffe.Class) and not member.is_alias:
                pkg.set_member(name, griffe.Alias(name, member, parent=pkg))
        anchors = {name for name in _documented() if "." not in name and name in pkg.members}
        for name in sorted(anchors):
            # Of members those have an anchor that have a docstring.
            anchors |= {
                f"{name}.{member.name}"
                for member in pkg[name].members.values()
                if not member.is_alias and member.is_public and member.docstring is not None
            }
        for item in _objects(pkg):
            if item.docstring is not None:
                item.docstring.value = with_links(item.docstring.value, anchors)


def _documented() -> set[str]:
    """The names that pages of the reference are about."""
    pages = Path(__file__).with_name("reference").glob("*.md")
    return {name for page in pages for name in _DIRECTIVE.findall(page.read_text("utf-8"))}


def _objects(parent: griffe.Object) -> Iterator[griffe.Object]:
    """A module or class and all that is in it."""
    yield parent
    for member in parent.members.values():
        if isinstance(member, griffe.Object):
            yield from _objects(member)


def with_links(docstring: str, anchors: set[str]) -> str:
    """The docstring with names in single backticks linked to where they are explained."""

    def link(match: re.Match[str]) -> str:
        name = match[1].removeprefix("swiftnas.")
        return f"[`{match[1]}`][swiftnas.{name}]" if name in anchors else match[0]

    return _NAME.sub(link, docstring)


def as_markdown(docstring: str) -> str:
    """The docstring with its references as a list under a bold line, at its end."""
    text = _CITATION.sub(r"[\1]", docstring)
    found = _SECTION.search(text)
    while found is not None:
        end = text.find("\n\n", found.end())
        end = len(text) if end < 0 else end
        body = text[found.end() : end]
        items = _REFERENCE.split(body)[1:] or body.splitlines()
        listed = "\n".join(f"- {' '.join(item.split())}" for item in items)
        section = f"**{found[1]}**\n\n{listed}"
        # Above the first section of parameters or examples, as griffe reads those to their end.
        rest = text[: found.start()] + text[end:].lstrip("\n")
        summary, separator, sections = _first_section(rest)
        text = f"{summary}\n\n{section}\n\n{separator}{sections}".rstrip() + "\n"
        found = _SECTION.search(text)
    return text


def _first_section(text: str) -> tuple[str, str, str]:
    """What stands before the first section, the section's heading, and the rest."""
    heading = re.search(r"^[A-Z][A-Za-z ]+\n-{3,}\n", text, re.MULTILINE)
    if heading is None:
        return text.rstrip(), "", ""
    return text[: heading.start()].rstrip(), heading[0], text[heading.end() :]
