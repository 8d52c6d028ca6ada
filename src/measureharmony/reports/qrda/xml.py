"""Elements of a clinical document, put together from parts that are known to be sound."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from measureharmony.reports.qrda.templates import ACT_CODE, LOINC, Template

#: Characters that XML 1.0 cannot hold, however they are written.
_IMPOSSIBLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPE = "xsi:type"


def text(words: str) -> str:
    """``words`` without the characters that XML cannot hold; escaping is the writer's."""
    return _IMPOSSIBLE.sub("", words)


def add(parent: Element, tag: str, words: str | None = None, **attributes: str) -> Element:
    """A new last child of ``parent``, with these attributes; ``type_`` is ``xsi:type``."""
    named = {_TYPE if key == "type_" else key: text(value) for key, value in attributes.items()}
    child = SubElement(parent, tag, named)
    child.text = None if words is None else text(words)
    return child


def templates(parent: Element, *those: Template) -> None:
    """The templates that ``parent`` keeps to."""
    for template in those:
        add(
            parent,
            "templateId",
            root=template.root,
            **({"extension": template.extension} if template.extension else {}),
        )


def observation(parent: Element, *those: Template) -> Element:
    """An observation in ``parent``."""
    child = add(parent, "observation", classCode="OBS", moodCode="EVN")
    templates(child, *those)
    return child


def assertion(parent: Element) -> None:
    """The code of observations that say that somebody is in a population, and their status."""
    add(parent, "code", code="ASSERTION", codeSystem=ACT_CODE, codeSystemName="ActCode", displayName="Assertion")
    add(parent, "statusCode", code="completed")


def loinc(parent: Element, code: str, display: str) -> None:
    """A code of LOINC."""
    add(parent, "code", code=code, codeSystem=LOINC, codeSystemName="LOINC", displayName=display)


def external_observation(parent: Element, root: str) -> Element:
    """A reference to a part of the measure, by its identifier."""
    reference = add(parent, "reference", typeCode="REFR")
    external = add(reference, "externalObservation", classCode="OBS", moodCode="EVN")
    add(external, "id", root=root)
    return external


def document() -> Element:
    """An empty clinical document."""
    names = {"xmlns": "urn:hl7-org:v3", "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}
    return Element("ClinicalDocument", names)


def written(root: Element) -> bytes:
    """The document as bytes, indented for people to read."""
    indent(root)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def table(parent: Element, heading: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """A table for people."""
    whole = add(parent, "table", border="1")
    head = add(add(whole, "thead"), "tr")
    for words in heading:
        add(head, "th", words)
    body = add(whole, "tbody")
    for row in rows:
        line = add(body, "tr")
        for words in row:
            add(line, "td", words)


__all__ = [
    "add", "assertion", "document", "external_observation", "loinc", "observation", "table", "templates", "text",
    "written",
]  # fmt: skip
