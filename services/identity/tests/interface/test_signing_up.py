import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import errors, identity
from pupitre_identity import tables

PASSPHRASE, NEW = "sept bateaux verts dérivent", "neuf camions bleus reculent"
HOME, CAFE = "192.0.2.10", "198.51.100.7"
ADA = {"email": "Ada.Leroy@exemple.invalid", "given_name": "Ada", "family_name": "Leroy", "password": PASSPHRASE, "network": HOME}


@pytest.fixture
def sender(caller, service):
    return caller(Actor.service("notifications"))


@pytest.fixture
def published(bench, service):
    """What identity told so far, oldest first: (type, data)."""
    return lambda: bench.told("identity")


@pytest.fixture
def last_link(bench, sender):
    """The link that the newest mail carries."""

    def ask(purpose="activation"):
        database = bench.database("identity")
        table = tables.account_link
        with database.reading() as db:
            link_id = db.execute(
                sa.select(table.c.link_id).where(table.c.purpose == purpose).order_by(table.c.asked_at.desc()).limit(1)
            ).scalar_one()
        database.close()
        return sender.call(identity.LinkToSend, link_id=link_id).link

    return ask


def sign_up(bus, **changes):
    return bus.call(identity.SignUp, **{**ADA, **changes})


def sign_in(bus, **changes):
    values = {"email": ADA["email"], "password": PASSPHRASE, "network": CAFE}
    return bus.call(identity.SignIn, **{**values, **changes})


def activate(bus, link, password=PASSPHRASE, network=CAFE):
    return bus.call(identity.ActivateAccount, link=link, password=password, network=network)


@pytest.mark.requirement("R022")
def test_an_account_opens_nothing_before_its_link_is_followed(anybody, last_link):
    sign_up(anybody)
    with pytest.raises(errors.NotActivated) as caught:
        sign_in(anybody)
    assert "demandez-en un nouveau" in caught.value.message("fr")
    assert activate(anybody, last_link()).email == ADA["email"]
    assert sign_in(anybody).session


@pytest.mark.requirement("R022")
def test_only_who_knows_the_password_is_told_that_the_account_waits_for_its_link(anybody, last_link):
    sign_up(anybody)
    with pytest.raises(errors.SignInRefused):
        sign_in(anybody, password="une autre phrase assez longue")


def test_a_link_serves_once(anybody, last_link):
    sign_up(anybody)
    link = last_link()
    activate(anybody, link)
    with pytest.raises(errors.LinkRefused):
        activate(anybody, link)


@pytest.mark.requirement("RS-51")
@pytest.mark.parametrize("link", ["", "inventé", "A" * 43])
def test_a_link_that_was_never_made_is_refused(anybody, service, link):
    with pytest.raises(errors.LinkRefused):
        activate(anybody, link)
    with pytest.raises(errors.LinkRefused):
        anybody.call(identity.ResetPassword, link=link, password=NEW)


@pytest.mark.requirement("RS-51")
def test_a_link_for_one_purpose_serves_no_other(anybody, last_link):
    sign_up(anybody)
    with pytest.raises(errors.LinkRefused):
        anybody.call(identity.ResetPassword, link=last_link(), password=NEW)


def test_an_activation_lasts_three_days_and_can_be_asked_for_again(anybody, last_link, service_clock):
    sign_up(anybody)
    link = last_link()
    service_clock.advance(hours=72)
    with pytest.raises(errors.LinkRefused):
        activate(anybody, link)
    anybody.call(identity.AskForLink, email=ADA["email"], purpose="activation", network=HOME)
    activate(anybody, last_link())
    assert sign_in(anybody).session


@pytest.mark.requirement("R023")
@pytest.mark.requirement("RS-51")
def test_asking_again_voids_the_older_link_and_sends_one_mail(anybody, last_link, published, service_clock):
    sign_up(anybody)
    old = last_link()
    service_clock.advance(minutes=2)
    anybody.call(identity.AskForLink, email=" ADA.leroy@exemple.invalid", purpose="activation", network=HOME)
    new = last_link()
    assert new != old
    with pytest.raises(errors.LinkRefused):
        activate(anybody, old)
    activate(anybody, new)
    asked = [data for kind, data in published() if kind == "account_link.asked.v1"]
    assert len(asked) == 2
    assert all(link not in str(published()) for link in (old, new))


def test_a_link_is_not_sent_twice_within_a_minute(anybody, last_link, published):
    sign_up(anybody)
    link = last_link()
    for _ in range(3):
        anybody.call(identity.AskForLink, email=ADA["email"], purpose="activation", network=HOME)
    assert last_link() == link
    assert [kind for kind, _ in published()].count("account_link.asked.v1") == 1


@pytest.mark.requirement("R020")
def test_signing_up_with_an_address_that_has_an_account_changes_nothing_and_tells_its_owner(anybody, camille, published):
    sign_up(anybody, email="CAMILLE.durand@exemple.invalid", password=NEW)
    assert sign_in(anybody, email="camille.durand@exemple.invalid").user.given_name == "Camille"
    with pytest.raises(errors.SignInRefused):
        sign_in(anybody, email="camille.durand@exemple.invalid", password=NEW)
    assert published()[-1] == ("sign_up.repeated.v1", {"user_id": str(camille.user_id)})


def test_nobody_activates_what_somebody_else_signed_up_for(anybody, last_link, service_clock):
    """An enemy signs up with Ada's address first: his link reaches Ada, who does not know his password."""
    sign_up(anybody, password=NEW, network=CAFE)
    with pytest.raises(errors.PasswordWrong):
        activate(anybody, last_link(), password=PASSPHRASE)
    service_clock.advance(minutes=5)
    sign_up(anybody)
    activate(anybody, last_link())
    assert sign_in(anybody).session
    with pytest.raises(errors.SignInRefused):
        sign_in(anybody, password=NEW)


def test_guessing_the_password_of_a_link_is_slowed_down(anybody, last_link):
    sign_up(anybody)
    with pytest.raises(errors.PasswordWrong):
        activate(anybody, last_link(), password="une autre phrase assez longue")
    with pytest.raises(errors.TooManyTries):
        activate(anybody, last_link())


@pytest.mark.parametrize(
    "changes, refusal",
    [
        ({"password": "Azerty123456!"}, errors.PasswordTooWeak),
        ({"password": "ada.leroy ada.leroy"}, errors.PasswordTooWeak),
        ({"email": "ada"}, errors.Invalid),
        ({"family_name": " "}, errors.Invalid),
    ],
)
def test_what_is_wrong_with_a_sign_up_is_said_and_nothing_is_made(anybody, published, changes, refusal):
    with pytest.raises(refusal):
        sign_up(anybody, **changes)
    assert published() == []


@pytest.mark.requirement("RS-52")
def test_a_network_signs_up_twenty_times_an_hour(anybody, service, service_clock):
    for number in range(20):
        sign_up(anybody, email=f"personne-{number}@exemple.invalid")
    with pytest.raises(errors.TooManyTries) as caught:
        sign_up(anybody)
    assert 0 < caught.value.details["seconds"] <= 3600
    sign_up(anybody, network=CAFE)
    service_clock.advance(hours=1)
    sign_up(anybody, email="encore@exemple.invalid")


@pytest.mark.requirement("RS-51")
def test_a_forgotten_password_is_replaced_by_way_of_a_link_and_every_session_ends(anybody, camille, last_link, published):
    email = "camille.durand@exemple.invalid"
    session = sign_in(anybody, email=email).session
    anybody.call(identity.AskForLink, email=email, purpose="reset", network=HOME)
    link = last_link("reset")
    with pytest.raises(errors.PasswordTooWeak):
        anybody.call(identity.ResetPassword, link=link, password="Camille Durand 1")
    assert anybody.call(identity.ResetPassword, link=link, password=NEW).email == "Camille.Durand@exemple.invalid"
    with pytest.raises(errors.SessionEnded):
        anybody.call(identity.ResumeSession, session=session)
    with pytest.raises(errors.SignInRefused):
        sign_in(anybody, email=email)
    assert sign_in(anybody, email=email, password=NEW, network=HOME).session
    assert published()[-1] == ("password.changed.v1", {"user_id": str(camille.user_id), "how": "reset"})
    with pytest.raises(errors.LinkRefused):
        anybody.call(identity.ResetPassword, link=link, password=PASSPHRASE)


@pytest.mark.requirement("RS-51")
def test_a_reset_lasts_half_an_hour(anybody, camille, last_link, service_clock):
    anybody.call(identity.AskForLink, email="camille.durand@exemple.invalid", purpose="reset", network=HOME)
    link = last_link("reset")
    service_clock.advance(minutes=30)
    with pytest.raises(errors.LinkRefused):
        anybody.call(identity.ResetPassword, link=link, password=NEW)


@pytest.mark.requirement("RS-51")
def test_no_link_is_made_for_an_address_that_needs_none(bench, anybody, camille):
    sign_up(anybody)
    for email, purpose in (
        ("personne@exemple.invalid", "reset"),
        ("personne@exemple.invalid", "activation"),
        ("camille.durand@exemple.invalid", "activation"),
        (ADA["email"], "reset"),
    ):
        anybody.call(identity.AskForLink, email=email, purpose=purpose, network=HOME)
    database = bench.database("identity")
    with database.reading() as db:
        made = db.execute(sa.select(tables.account_link.c.purpose)).scalars().all()
    database.close()
    assert made == ["activation"]


@pytest.mark.requirement("RS-51")
def test_links_are_given_to_the_service_that_sends_mails_alone(bench, anybody, caller, sender, operator, last_link):
    sign_up(anybody)
    link = last_link()
    database = bench.database("identity")
    with database.reading() as db:
        (row,) = db.execute(sa.select(tables.account_link)).all()
        stored = str([db.execute(sa.select(table)).all() for table in tables.metadata.sorted_tables])
    database.close()
    assert link not in stored
    for actor in (user(), Actor.service("invoicing"), Actor.service("operator")):
        with pytest.raises(errors.Forbidden):
            caller(actor).call(identity.LinkToSend, link_id=row.link_id)
    with pytest.raises(errors.ActorMissing):
        anybody.call(identity.LinkToSend, link_id=row.link_id)
    activate(anybody, link)
    with pytest.raises(errors.LinkRefused):
        sender.call(identity.LinkToSend, link_id=row.link_id)


@pytest.mark.parametrize("call", ["sign-up", "link"])
def test_answers_tell_nothing_about_which_addresses_have_accounts(anybody, camille, call):
    def answer(email, network):
        if call == "sign-up":
            return sign_up(anybody, email=email, network=network).dump()
        return anybody.call(identity.AskForLink, email=email, purpose="reset", network=network).dump()

    assert answer("camille.durand@exemple.invalid", HOME) == answer("personne@exemple.invalid", CAFE) == {}
