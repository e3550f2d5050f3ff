"""Throw-away authorities, signers and timestamps, and PDFs that they sign."""

import io
from datetime import UTC, datetime, timedelta

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

#: When everything happens, unless a test says otherwise.
NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
YEAR = timedelta(days=365)


class Holder:
    """Somebody with a key and a certificate, which he signed himself unless an authority did."""

    def __init__(self, name, *, issuer=None, first=NOW - YEAR, last=NOW + YEAR, authority=False, stamps=False, usage="sign", extensions=()):
        # The library's timestamps for tests are made with RSA only.
        self.key = rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
        self.issuer = issuer
        subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
        asked = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(first)
            .not_valid_after(last)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(_usage("keys" if authority else usage), critical=True)
        )
        if stamps:
            asked = asked.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        for each in extensions:
            asked = asked.add_extension(each, critical=False)
        self.certificate = asked.sign((issuer or self).key, SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def asn1(self):
        return asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))

    @property
    def asn1_key(self):
        return keys.PrivateKeyInfo.load(self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))

    @property
    def store(self):
        chain, above = [], self.issuer
        while above is not None:
            chain.append(above.asn1)
            above = above.issuer
        return SimpleCertificateStore.from_certs(chain)

    def stamper(self, at=NOW):
        return DummyTimeStamper(self.asn1, self.asn1_key, certs_to_embed=self.store, fixed_dt=at)


def _usage(what):
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign")
    wanted = {"sign": {"digital_signature", "content_commitment"}, "keys": {"key_cert_sign"}, "encipher": {"key_encipherment"}}[what]
    return x509.KeyUsage(**{name: name in wanted for name in names}, crl_sign=False, encipher_only=False, decipher_only=False)


class _Signer(signers.PdfSigner):
    """Signs at the time that it is told."""

    at = NOW

    def init_signing_session(self, *given, **named):
        session = super().init_signing_session(*given, **named)
        session.system_time = self.at
        return session


def a_pdf():
    """A PDF of one blank page."""
    out = PdfFileWriter()
    contents = out.add_object(generic.StreamObject(stream_data=b"BT ET"))
    out.insert_page(PageObject(contents=contents, media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))))
    target = io.BytesIO()
    out.write(target)
    return target.getvalue()


def signed(pdf, holder, *, field="Signature1", at=NOW, stamper=None, digest="sha256"):
    """The PDF with one signature more."""
    signer = signers.SimpleSigner(holder.asn1, holder.asn1_key, holder.store)
    metadata = signers.PdfSignatureMetadata(field_name=field, md_algorithm=digest)
    made = _Signer(metadata, signer, timestamper=stamper)
    made.at = at
    return made.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue()


def stamped(pdf, stamper):
    """The PDF with a timestamp of the document."""
    made = signers.PdfTimeStamper(stamper, field_name="Horodatage")
    return made.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), "sha256").getvalue()


def revised(pdf):
    """The PDF with a revision more, in which its page shows something else."""
    out = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = out.root["/Pages"]["/Kids"][0]
    page["/Contents"] = out.add_object(generic.StreamObject(stream_data=b"BT (1 000 000 EUR) Tj ET"))
    out.update_container(page)
    target = io.BytesIO()
    out.write(target)
    return target.getvalue()


def altered(pdf):
    """The PDF with one byte changed that was signed."""
    return pdf.replace(b"BT ET", b"BT  T", 1)
