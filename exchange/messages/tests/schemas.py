"""A small schema in the manner of MAGDA's, in two files, and requests that fit it."""

from exchange.messages import Schema, compile_schema

ENTRY = "GeefXDienst/Service/GeefX.xsd"
COMMON = "Generiek/Generiek.xsd"

_REQUEST = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:g="urn:generiek"
           xmlns="urn:geefx" targetNamespace="urn:geefx">
  <xs:import namespace="urn:generiek" schemaLocation="../../Generiek/Generiek.xsd"/>
  <xs:element name="GeefX">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="Vraag" maxOccurs="unbounded">
          <xs:complexType>
            <xs:sequence>
              <xs:element name="INSZ" type="g:INSZType"/>
              <xs:element name="Taal" type="xs:string"/>
            </xs:sequence>
            <xs:attribute name="nummer" type="xs:int"/>
          </xs:complexType>
        </xs:element>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
</xs:schema>
"""
_GENERIC = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:generiek">
  <xs:simpleType name="INSZType">
    <xs:restriction base="xs:string"><xs:pattern value="[0-9]{11}"/></xs:restriction>
  </xs:simpleType>
</xs:schema>
"""

FILES = {ENTRY: _REQUEST.encode(), COMMON: _GENERIC.encode()}


def geef_x() -> Schema:
    return compile_schema(FILES, ENTRY)


def request_file(*questions: str) -> bytes:
    """Return a request with each question on a line of its own, the first on line 2."""
    lines = "\n".join(questions)
    return f'<x:GeefX xmlns:x="urn:geefx">\n{lines}\n</x:GeefX>'.encode()


def question(insz: str = "00000000097", rest: str = "<Taal>nl</Taal>") -> str:
    return f"<Vraag><INSZ>{insz}</INSZ>{rest}</Vraag>"
