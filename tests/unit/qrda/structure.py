"""What a QRDA III document must be, from HL7's implementation guide (document template V5, 2020-12-01).

Neither HL7's schema of clinical documents nor its Schematron can be had as a package, so the statements about the
templates that we write ("SHALL contain exactly one …") are said here again, each under the guide's number, with the
order of children that the schema asks for. What is here is checked; it is not the whole guide.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

CDA = "urn:hl7-org:v3"
_NAMES = {"c": CDA, "xsi": "http://www.w3.org/2001/XMLSchema-instance"}


def _template(root: str, extension: str = "") -> str:
    revised = f"@extension='{extension}'" if extension else "not(@extension)"
    return f"c:templateId[@root='2.16.840.1.113883.10.20.{root}'][{revised}]"


_OBSERVATION = ("@classCode='OBS'", "@moodCode='EVN'")
_COMPLETED = "count(c:statusCode[@code='completed'])=1"
_ASSERTION = "count(c:code[@code='ASSERTION'][@codeSystem='2.16.840.1.113883.5.4'])=1"
_COUNTED = (
    "count(c:entryRelationship[@typeCode='SUBJ'][@inversionInd='true']"
    f"[count(c:observation[{_template('27.3.3')}])=1])=1"
)


def _question(code: str) -> str:
    return f"count(c:code[@code='{code}'][@codeSystem='2.16.840.1.113883.6.1'])=1"


def _supplemental(first: str, code: str) -> dict[str, str]:
    """Sex, ethnicity, race and payer are built alike."""
    return {
        f"{first} class": _OBSERVATION[0], f"{first} mood": _OBSERVATION[1], f"{first} code": _question(code),
        f"{first} status": _COMPLETED, f"{first} value": "count(c:value[@xsi:type='CD'])=1", f"{first} count": _COUNTED,
    }  # fmt: skip


#: Per context: what must hold there, by the guide's number.
STATEMENTS: dict[str, dict[str, str]] = {
    "/c:ClinicalDocument": {
        "4484-17226": "count(c:realmCode[@code='US'])=1",
        "4484-18186": "count(c:typeId[@root='2.16.840.1.113883.1.3'][@extension='POCD_HD000040'])=1",
        "4484-17208": f"count({_template('27.1.1', '2020-12-01')})=1",
        "4484-17236": "count(c:id)=1",
        "4484-17210": "count(c:code[@code='55184-6'][@codeSystem='2.16.840.1.113883.6.1'])=1",
        "4484-17211": "count(c:title[string-length()>=1])=1",
        "4484-17237": "count(c:effectiveTime[string-length(@value)>=8])=1",
        "4484-17238": "count(c:confidentialityCode[@code='N'])=1",
        "4484-17239": "count(c:languageCode[@code])=1",
        "4484-18260": "count(c:versionNumber[@value])=1",
        "4484-17232": "count(c:recordTarget[count(c:patientRole[count(c:id[@nullFlavor='NA'])=1])=1])=1",
        "4484-18156": "count(c:author[count(c:time)=1][count(c:assignedAuthor)=1])>0",
        "4484-17213": "count(c:custodian)=1",
        "4484-17217": "count(c:component[count(c:structuredBody)=1])=1",
        "4484-21394": f"count(c:component/*/c:component/c:section[{_template('27.2.1', '2020-12-01')}])=1",
    },
    "//c:author/c:assignedAuthor": {
        "4484-18163": "count(c:representedOrganization[count(c:name)>0])=1",
        "4484-19667": "count(c:assignedPerson)+count(c:assignedAuthoringDevice[count(c:softwareName)=1])=1",
        "CDA": "count(c:id)>0",
    },
    "//c:custodian": {
        "4484-18165": "count(c:assignedCustodian/c:representedCustodianOrganization[count(c:id)>0][count(c:name)=1])=1",
    },
    "//c:documentationOf": {
        "4484-18172": "count(c:serviceEvent[@classCode='PCPR'][count(c:performer)>0])=1",
        "4484-18174": "count(c:serviceEvent/c:performer[@typeCode='PRF'][count(c:assignedEntity)=1])=1",
        "4484-19474": "count(.//c:assignedEntity[count(c:id)>0][count(c:representedOrganization)=1])=1",
    },
    "//c:section": {
        "67-12801": f"count({_template('24.2.2')})=1",
        "67-12798": "count(c:code[@code='55186-1'][@codeSystem='2.16.840.1.113883.6.1'])=1",
        "67-12799": "c:title='Measure Section'",
        "67-12800": "count(c:text)=1",
        "67-13003": f"count(c:entry[c:organizer[{_template('24.3.98')}]])>0",
        "4484-17906": f"count(c:entry[count(c:organizer[{_template('27.3.1', '2020-12-01')}])=1])>0",
        "4484-21467": f"count(c:entry[c:act[{_template('17.3.8', '2020-12-01')}]])=1",
    },
    "//c:act": {
        "4484-3269": "@classCode='ACT' and @moodCode='EVN'",
        "4484-26549": "count(c:id)>=1",
        "4484-26550": "count(c:code[@code='252116004'][@codeSystem='2.16.840.1.113883.6.96'])=1",
        "4484-3274": "count(c:effectiveTime[string-length(c:low/@value)>=8][string-length(c:high/@value)>=8])=1",
    },
    "//c:organizer": {
        "67-12979": "@classCode='CLUSTER' and @moodCode='EVN'",
        "67-26992": "count(c:id)>=1",
        "67-12981": _COMPLETED,
        "4484-17890": "count(c:reference[@typeCode='REFR'][count(c:externalDocument[@classCode='DOC'])=1])=1",
        "4484-18192": "count(c:reference/c:externalDocument/c:id[@root='2.16.840.1.113883.4.738'][@extension])=1",
        "4484-19553": "c:reference/c:externalDocument/c:code/@code='57024-2'",
        "4484-17897": "count(c:reference/c:externalDocument/c:text)=1",
        "4484-18425": f"count(c:component[count(c:observation[{_template('27.3.5', '2016-09-01')}])=1])>0",
        "3259-21298": f"count(c:component/c:observation[{_template('27.3.30', '2016-09-01')}])>0",
    },
    f"//c:observation[{_template('27.3.5', '2016-09-01')}]": {
        "3259-17615": _OBSERVATION[0],
        "3259-17616": _OBSERVATION[1],
        "3259-17617": _ASSERTION,
        "3259-18199": _COMPLETED,
        "3259-21162": "count(c:value[@xsi:type='CD'][@code])=1",
        "3259-17619": _COUNTED,
        "3259-18239": "count(c:reference[count(c:externalObservation[count(c:id)=1])=1])=1",
    },
    f"//c:observation[{_template('27.3.3')}]": {
        "77-17563": _OBSERVATION[0],
        "77-17564": _OBSERVATION[1],
        "77-17566": "count(c:code[@code='MSRAGG'][@codeSystem='2.16.840.1.113883.5.4'])=1",
        "77-17567": "count(c:value[@xsi:type='INT'][@value])=1",
        "77-19509": "count(c:methodCode[@code='COUNT'][@codeSystem='2.16.840.1.113883.5.84'])=1",
    },
    f"//c:observation[{_template('27.3.4')}]": {
        "77-17575": _OBSERVATION[0],
        "77-17577": _ASSERTION,
        "77-17579": _COMPLETED,
        "77-17580": "count(c:value)=1",
        "77-17581": _COUNTED,
        "77-18204": "count(c:reference[@typeCode='REFR'][count(c:externalObservation[count(c:id)=1])=1])=1",
    },
    f"//c:observation[{_template('27.3.30', '2016-09-01')}]": {
        "3259-21303": _OBSERVATION[0],
        "3259-21305": _question("72510-1"),
        "3259-21309": _COMPLETED,
        "3259-21307": "count(c:value[@xsi:type='REAL'])=1",
        "4484-19649": f"count({_template('27.3.14', '2020-12-01')})=1",
        "4484-21446": "not(c:value/@value) or (c:value/@value>=0 and c:value/@value<=1)",
        "4484-21447": "string-length(substring-after(c:value/@value, '.'))<=6",
        "4484-19651": "count(c:reference[@typeCode='REFR']/c:externalObservation[@classCode][count(c:id[@root])=1])=1",
        "4484-19658": "count(c:reference/c:externalObservation/c:code[@code='NUMER'])=1",
    },
    f"//c:observation[{_template('27.3.6', '2016-09-01')}]": _supplemental("3259-18230", "76689-9"),
    f"//c:observation[{_template('27.3.7', '2016-09-01')}]": _supplemental("3259-18216", "69490-1"),
    f"//c:observation[{_template('27.3.8', '2016-09-01')}]": _supplemental("3259-18223", "72826-1"),
    f"//c:observation[{_template('27.3.9', '2016-02-01')}]": _supplemental("2226-21155", "48768-6"),
    "//c:code | //c:value[@xsi:type='CD' or @xsi:type='INT' or @xsi:type='REAL']": {
        "code or value, or why not": "(@code or @value or @nullFlavor) and not((@code or @value) and @nullFlavor)",
    },
    "//c:id | //c:setId | //c:templateId": {"identifiers": "@root or @nullFlavor"},
}
#: The order of children in which HL7's schema of clinical documents wants them.
ORDER: dict[str, tuple[str, ...]] = {
    "ClinicalDocument": (
        "realmCode", "typeId", "templateId", "id", "code", "title", "effectiveTime", "confidentialityCode",
        "languageCode", "setId", "versionNumber", "recordTarget", "author", "custodian", "informationRecipient",
        "legalAuthenticator", "participant", "documentationOf", "component",
    ),
    "assignedAuthor": ("id", "code", "addr", "assignedPerson", "assignedAuthoringDevice", "representedOrganization"),
    "assignedEntity": ("id", "code", "addr", "telecom", "assignedPerson", "representedOrganization"),
    "section": ("templateId", "id", "code", "title", "text", "entry", "component"),
    "organizer": ("templateId", "id", "code", "statusCode", "effectiveTime", "participant", "reference", "component"),
    "observation": (
        "templateId", "id", "code", "text", "statusCode", "effectiveTime", "value", "methodCode", "entryRelationship",
        "reference", "referenceRange",
    ),
    "act": ("templateId", "id", "code", "text", "statusCode", "effectiveTime"),
    "externalDocument": ("templateId", "id", "code", "text", "setId", "versionNumber"),
    "externalObservation": ("templateId", "id", "code", "text"),
}  # fmt: skip


def parsed(document: bytes) -> etree._Element:
    """The document; an XML parser that takes nothing from elsewhere reads it."""
    return etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))


def found(document: etree._Element, path: str) -> list[etree._Element]:
    """The elements at a path, with ``c:`` for the namespace of clinical documents."""
    return list(document.xpath(path, namespaces=_NAMES))


def problems(document: etree._Element) -> Iterator[str]:
    """What in a document is not as the guide, or the schema, wants it."""
    for context, statements in STATEMENTS.items():
        for element in found(document, context):
            for number, test in statements.items():
                if not element.xpath(test, namespaces=_NAMES):
                    yield f"CONF {number} at {element.getroottree().getpath(element)}: {test}"
    for element in document.iter():
        tag = etree.QName(element).localname
        if tag not in ORDER:
            continue
        children = [etree.QName(child).localname for child in element]
        if children != sorted(children, key=ORDER[tag].index):
            yield f"order of children of {tag}: {children}"
