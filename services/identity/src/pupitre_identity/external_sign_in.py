"""Signing in through an external identity provider (R024), and the data that are validated at the first time (R025).

State, nonce and verifier are made of a secret that only the visitor's browser keeps: nothing is stored of who never comes back.
"""

import datetime
import hmac
import uuid
from collections.abc import Mapping
from typing import Any

from pupitre_contracts import external_sign_in as contract
from pupitre_contracts import identity, organisation
from pupitre_contracts.errors import ExternalSignInRefused, Invalid, LinkRefused, LocalSignInClosed, NotFound

from . import model, queries, repository
from .oidc import Provider
from .secret_values import digest, new_secret

#: How long data may be checked before they are validated.
PENDING_LIFE = datetime.timedelta(minutes=30)
_AGENT_CHARACTERS = 200
_IDENTIFIER_CHARACTERS = 40


def begin(request: Any, scope: Any) -> contract.BeginExternalSignIn.Reply:
    provider, browser_secret = _provider(scope), new_secret()
    address = provider.address(redirect_uri=request.redirect_uri, **_derived(scope, browser_secret))
    return contract.BeginExternalSignIn.Reply(address=address, browser_secret=browser_secret)


def complete(request: Any, scope: Any) -> contract.CompleteExternalSignIn.Reply:
    provider, secrets = _provider(scope), _derived(scope, request.browser_secret)
    if not hmac.compare_digest(secrets.pop("state").encode(), request.state.encode("utf-8", "replace")):
        raise _refused("la réponse n'est pas celle de cette demande", "the answer is not to this request")
    claims = provider.claims(
        code=request.code, redirect_uri=request.redirect_uri, now=scope.clock.now().timestamp(), **secrets
    )
    issuer, subject = provider.client.issuer, claims["sub"]
    with scope.reading() as db:
        user = queries.user_of_external_identity(db, issuer, subject)
    if user is not None:
        if not user.active:
            raise _refused("votre compte est fermé", "your account is closed")
        with scope.begin() as tx:
            session = _open_session(tx, user, request)
        return contract.CompleteExternalSignIn.Reply(session=session)
    kept = _kept(claims, scope.settings.oidc_structure_claim)
    pending = new_secret()
    with scope.begin() as tx:
        repository.add_external_pending(tx, digest(pending), issuer, subject, kept)
    return contract.CompleteExternalSignIn.Reply(pending=pending)


def profile(request: Any, scope: Any) -> contract.ExternalProfile.Reply:
    with scope.reading() as db:
        row = _pending(db, request.pending, scope.clock.now())
        user = queries.user_by_email(db, row.claims["email"])
    known = user is not None and user.activated_at is not None
    personal = (
        {name: getattr(user, name) for name in identity.PersonalData.declared if getattr(user, name) is not None}
        if known
        else row.claims["personal"]
    )
    identifier = row.claims.get("structure_identifier")
    return contract.ExternalProfile.Reply(
        email=row.claims["email"],
        known=known,
        personal=identity.PersonalData(**personal),
        **({"structure_identifier": identifier} if identifier else {}),
    )


def confirm(request: Any, scope: Any) -> contract.ConfirmExternalProfile.Reply:
    values = model.checked_personal_data({name: getattr(request.personal, name) for name in request.personal.declared})
    # Nobody knows it: until he asks for a password of his own, the person signs in through the provider alone.
    unknown = scope.resources.hasher.hash(new_secret())
    with scope.begin() as tx:
        row = _pending(tx, request.pending, tx.now, lock=True)
        user_id = _stored(tx, row.claims["email"], values, unknown)
        if not repository.add_external_identity(tx, row.issuer, row.subject, user_id):
            raise LinkRefused()
        repository.remove_external_pending(tx, row.digest)
        repository.log(tx, f"user:{user_id}", "external_identity.verified", f"user:{user_id}", issuer=row.issuer)
        session = _open_session(tx, queries.user(tx, user_id), request)
        user = queries.user(tx, user_id)
    identifier = row.claims.get("structure_identifier")
    return contract.ConfirmExternalProfile.Reply(
        session=session,
        user=identity.User(**queries.user_fields(user)),
        **({"structure_identifier": identifier} if identifier else {}),
    )


def require_local(scope: Any, user: Any) -> None:
    """Raise LocalSignInClosed for a user of a structure whose type signs in through the provider alone (R024)."""
    closed = scope.settings.local_sign_in_closed
    if not closed:
        return
    rights = scope.bus.call(organisation.RightsOfActor, kind="user", actor_id=user.user_id)
    if any(each.type in closed for each in rights.structures):
        raise LocalSignInClosed()


def _stored(tx: Any, email: str, values: dict[str, Any], unknown: str) -> Any:
    """Store the person's data with the account of his address, made where there is none, and return its identifier."""
    known = queries.user_by_email(tx, email)
    if known is None:
        made = {"email": email, "email_key": model.email_key(email), "password_hash": unknown, "activated_at": tx.now}
        user_id = uuid.uuid4()
        if not repository.add_user(tx, f"user:{user_id}", {"user_id": user_id, **made, **values}):
            raise LinkRefused()
        repository.log(tx, f"user:{user_id}", "user.created", f"user:{user_id}")
        names = {name: values[name] for name in ("given_name", "family_name")}
        tx.publish(identity.UserCreated(user_id=user_id, email=email, **names))
        return user_id
    user = queries.user(tx, known.user_id, lock=True)
    if not user.active:
        raise _refused("votre compte est fermé", "your account is closed")
    changes = {**values, "version": user.version + 1}
    if user.activated_at is None:
        # Whoever signed up with this address never proved it: his password opens nothing.
        changes |= {"activated_at": tx.now, "password_hash": unknown, "password_changed_at": tx.now}
        repository.replace_links(tx, user.user_id, "activation")
    repository.change_user(tx, f"user:{user.user_id}", user.user_id, changes)
    return user.user_id


def _open_session(tx: Any, user: Any, request: Any) -> str:
    session, network = new_secret(), model.network_of(request.network)
    repository.signed_in(tx, user.user_id, None)
    agent = (request.agent or "")[:_AGENT_CHARACTERS] or None
    repository.add_session(tx, digest(session), user.user_id, network, agent, user.last_sign_in_at)
    name = f"user:{user.user_id}"
    repository.log(tx, name, "session.opened", name, network=network, by="external")
    return session


def _provider(scope: Any) -> Provider:
    provider = scope.resources.provider
    if provider is None:
        raise NotFound(what="external sign-in")
    return provider


def _derived(scope: Any, browser_secret: str) -> dict[str, str]:
    secret_for = scope.resources.keyring.secret_for
    return {name: secret_for(f"external sign-in {name} {browser_secret}") for name in ("state", "nonce", "verifier")}


def _pending(db: Any, secret: str, now: datetime.datetime, *, lock: bool = False) -> Any:
    row = queries.external_pending(db, digest(secret), lock=lock)
    if row is None or now - row.asked_at >= PENDING_LIFE:
        raise LinkRefused()
    return row


def _kept(claims: Mapping[str, Any], structure_claim: str) -> dict[str, Any]:
    """Return what is kept of the claims: an address that the provider verified, and what pre-fills the form."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise _refused(
            "il ne garantit pas votre adresse électronique, demandez-le à son support",
            "it does not vouch for your e-mail address, ask its support",
        )
    try:
        email = model.checked_email(email)
    except Invalid as error:
        raise _refused("l'adresse électronique donnée n'en est pas une", "the e-mail address given is none") from error
    told = claims.get("address") if isinstance(claims.get("address"), Mapping) else {}
    found = {
        "given_name": claims.get("given_name"),
        "family_name": claims.get("family_name"),
        "phone": claims.get("phone_number"),
        "street": told.get("street_address"),
        "city": told.get("locality"),
        "postal_code": told.get("postal_code"),
        "region": told.get("region"),
        "country": told.get("country"),
    }
    personal = {name: value for name, value in found.items() if isinstance(value, str) and _fits(name, value)}
    language = "en" if str(claims.get("locale", "")).lower().startswith("en") else "fr"
    defaults = {"given_name": "", "family_name": "", "language": language, "notify_invoicing": True, "notify_news": True}
    identifier = claims.get(structure_claim) if structure_claim else None
    identifier = identifier[0] if isinstance(identifier, list) and identifier else identifier
    kept = {"email": email, "personal": {**defaults, **personal}}
    if isinstance(identifier, str) and 0 < len(identifier.strip()) <= _IDENTIFIER_CHARACTERS:
        kept["structure_identifier"] = identifier.strip()
    return kept


def _fits(name: str, value: str) -> bool:
    """Tell whether a value can stand in the form as it is: what cannot is left for the person to fill in."""
    try:
        model.checked_personal_data({name: value})
    except Invalid:
        return False
    return True


def _refused(why_fr: str, why_en: str) -> ExternalSignInRefused:
    return ExternalSignInRefused(why_fr=why_fr, why_en=why_en)
