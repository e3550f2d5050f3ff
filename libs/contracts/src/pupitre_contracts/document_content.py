"""What the bytes of a document are, told by how they begin: they must be what its extension says, and bring no program (H.8).

Nothing is opened or run. The portal asks this of a document before it keeps it, invoicing of one that joins an invoice, and its engine
of one that came inside.
"""

from .document_values import EXTENSIONS

__all__ = ["extension_of", "fault"]

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TIFF = (b"II*\x00", b"MM\x00*")
#: How each type of file begins; types that are text are told by having no zero octet.
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "bmp": (b"BM",),
    "gif": (b"GIF87a", b"GIF89a"),
    "jpeg jpg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "tiff tif fax": _TIFF,
    "pdf": (b"%PDF-",),
    "rtf": (b"{\\rtf",),
    "zip docx odp ods odt pptx xlsx": (_ZIP,),
    "doc pps ppt xlc xlm xls": (_OLE,),
    "gz gzip tgz": (b"\x1f\x8b",),
    "bz2": (b"BZh",),
    "p7s": (b"\x30", b"-----BEGIN"),
}
_BEGINS_WITH = {extension: begins for names, begins in _BEGINNINGS.items() for extension in names.split()}
#: What none of the types that are text may be.
_NO_TEXT = (b"MZ", b"\x7fELF", b"#!", b"%PDF-", _ZIP, _OLE, b"\x89PNG", b"\xff\xd8\xff", b"\x1f\x8b")
_MARKUP = frozenset({"xml", "svg", "xhtml", "html", "htm"})
_WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff")
#: Programs inside an office document: the part's name in the newer kind, the folder's name in the older one.
_MACROS = (b"vbaProject.bin", "_VBA_PROJECT".encode("utf-16-le"))
_OFFICE = frozenset({"docx", "pptx", "xlsx", "doc", "pps", "ppt", "xlc", "xlm", "xls", "odt", "ods", "odp"})


def fault(name: str, content: bytes) -> str | None:
    """Return "extension" for a type that is not taken, "content" for what is not of its type, "macro" for what brings a program."""
    extension = extension_of(name)
    if extension not in EXTENSIONS:
        return "extension"
    if not _is_a(extension, content):
        return "content"
    if extension in _OFFICE and any(mark in content for mark in _MACROS):
        return "macro"
    return None


def extension_of(name: str) -> str:
    """Return the extension of a file name in small letters, or an empty text."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _is_a(extension: str, content: bytes) -> bool:
    begins = _BEGINS_WITH.get(extension)
    if begins is not None:
        return content.startswith(begins)
    if content.startswith(_NO_TEXT) or not (content.startswith(_WIDE_TEXT) or b"\0" not in content):
        return False
    return extension not in _MARKUP or _first_sign(content) == b"<"


def _first_sign(content: bytes) -> bytes:
    for mark in (b"\xef\xbb\xbf", *_WIDE_TEXT):
        content = content.removeprefix(mark)
    return content.lstrip(b"\0 \t\r\n")[:1]
