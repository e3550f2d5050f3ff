"""Accounts in addresses, and what each may do on the broker; that servers obey is shown on servers, in tests/deploy."""

import base64
import hashlib
import json
import re

import pytest
from pupitre_bus import permissions
from pupitre_bus.accounts import Accounts, AccountWrong
from pupitre_bus.settings import Settings, WrongSetting
from pupitre_contracts import catalogue

SECRET = "a+secret/of:twenty@signs"


@pytest.fixture
def folder(tmp_path):
    for who in permissions.account_names():
        (tmp_path / f"{who}.password").write_text(SECRET + "\n")
    return tmp_path


def settings(folder, **values) -> Settings:
    return Settings(
        environ={
            "PUPITRE_ACCOUNTS": "city",
            "PUPITRE_PASSWORDS": str(folder),
            "PUPITRE_AMQP_URI": "amqp://mq:5672/house",
            "PUPITRE_DATABASE_URI": "postgresql://db/house",
            **values,
        }
    )


def test_an_address_gets_the_account_of_the_service_and_its_password_escaped(folder):
    found = settings(folder)
    escaped = "a%2Bsecret%2Fof%3Atwenty%40signs"
    assert found.broker_uri("identity") == f"amqp://city_identity:{escaped}@mq:5672/house"
    assert found.database_uri("identity") == f"postgresql://city_identity:{escaped}@db/house"
    assert found.database_uri("identity", "admin") == f"postgresql://city_admin:{escaped}@db/house"
    assert found.database_address("identity") == "postgresql://db/house"


def test_without_a_prefix_the_user_in_the_address_serves_everything():
    found = Settings(environ={"PUPITRE_AMQP_URI": "amqp://one:for-all@mq/house"})
    assert {found.broker_uri(who) for who in catalogue.SERVICES} == {"amqp://one:for-all@mq/house"}
    assert found.service_accounts.name_of("identity") is None


def test_a_file_and_a_bus_in_the_process_need_no_account(tmp_path):
    found = Settings(environ={"PUPITRE_ACCOUNTS": "city", "PUPITRE_STATE": str(tmp_path)})
    assert found.broker_uri("identity") == ""
    assert found.database_uri("identity").startswith("sqlite:///")


def test_a_password_that_is_not_here_is_named(tmp_path):
    with pytest.raises(AccountWrong, match=r"city_identity in .*identity\.password .*pupitre provision"):
        settings(tmp_path).broker_uri("identity")


@pytest.mark.parametrize("text", ["", "short", "with a space in its middle", "accentuéaccentuéaccentué"])
def test_a_password_that_the_servers_may_read_differently_is_refused(tmp_path, text):
    (tmp_path / "identity.password").write_text(text)
    with pytest.raises(AccountWrong, match="at least 16"):
        settings(tmp_path).broker_uri("identity")


@pytest.mark.parametrize(
    "name, uri",
    [
        ("PUPITRE_AMQP_URI", "amqp://guest:guest@mq/house"),
        ("PUPITRE_DATABASE_URI", "postgresql://root@db/house"),
        ("PUPITRE_INVOICING_DATABASE_URI", "postgresql+psycopg2://root@db/house"),
    ],
)
def test_an_address_that_names_a_user_beside_accounts_is_refused(tmp_path, name, uri):
    with pytest.raises(WrongSetting, match=f"{name} names a user"):
        settings(tmp_path, **{name: uri})


@pytest.mark.parametrize("prefix", ["City", "city-hall", "1city", "city hall", "c" * 32, "c;drop"])
def test_a_prefix_is_what_both_servers_take_as_it_is(tmp_path, prefix):
    with pytest.raises(WrongSetting, match="PUPITRE_ACCOUNTS"):
        settings(tmp_path, PUPITRE_ACCOUNTS=prefix)


def test_definitions_hold_hashes_and_no_password(folder):
    made = permissions.definitions(Accounts("city", folder), "house")
    assert SECRET not in json.dumps(made)
    assert {user["name"] for user in made["users"]} == {f"city_{who}" for who in permissions.account_names()}
    assert all(user["tags"] == [] for user in made["users"])
    raw = base64.b64decode(made["users"][0]["password_hash"])
    assert raw[4:] == hashlib.sha256(raw[:4] + SECRET.encode()).digest()


@pytest.mark.requirement("RS-43")
@pytest.mark.parametrize("who", [*catalogue.SERVICES, "portal", "operator"])
def test_no_service_reaches_a_queue_of_another(who):
    rights = permissions.resources(who)
    for other in {*catalogue.SERVICES, "portal"} - {who}:
        for name in (f"rpc.{other}", f"events.{other}", f"dead.{other}", f"reply.{other}.0a-1b", f"{other}.events", "amq.default"):
            assert not [kind for kind, pattern in rights.items() if re.search(pattern, name)], name


@pytest.mark.requirement("RS-43")
def test_a_service_may_call_whom_the_catalogue_says_and_nobody_else():
    keys = permissions.topics("invoicing")["pupitre.calls"]
    allowed = {service for service in catalogue.SERVICES if re.search(keys["write"], service)}
    assert allowed == {"invoicing", "identity", "organisation"}
    assert not re.search(keys["read"], "#")


def test_a_secret_can_be_a_file(tmp_path):
    from pupitre_bus.settings import Setting

    file, declared = tmp_path / "key", Setting("PUPITRE_KEY", secret=True)
    file.write_text("kept\n")
    found = Settings([declared], {"PUPITRE_KEY_FILE": str(file)})
    assert found.key == "kept"
    assert found.unknown() == []
    with pytest.raises(WrongSetting, match="both set"):
        Settings([declared], {"PUPITRE_KEY_FILE": str(file), "PUPITRE_KEY": "other"})
    with pytest.raises(WrongSetting, match="PUPITRE_KEY_FILE"):
        Settings([declared], {"PUPITRE_KEY_FILE": str(tmp_path / "none")})
