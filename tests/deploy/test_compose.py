"""docker-compose.yml read as data, since no container engine runs where the tests run (docs/decisions/0011)."""

import re

import pytest
import yaml
from pupitre import provisioning
from pupitre_bus.settings import Settings
from support.cli import accepts
from support.repository import ROOT, distributions
from support.settings import declared_names

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
PROCESSES = {"identity", "organisation", "invoicing", "notifications", "portal"}
JOBS = {"migrate", "provision", "operator"}
TOOLS = {"provision", "operator"}
INTERPOLATION = re.compile(r"\$\{([A-Z_]+)(:?[?-])?([^}]*)\}")
SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY")


def texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def test_there_is_one_container_per_service_beside_the_servers_and_the_jobs():
    assert set(OURS) == PROCESSES | JOBS
    assert set(SERVICES) - set(OURS) == {"rabbitmq", "postgres", "mailpit"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_says_whether_it_is_well_except_the_jobs_that_end(name: str):
    check = SERVICES[name]["healthcheck"]
    if name in JOBS:
        assert check == {"disable": True}
        assert SERVICES[name]["restart"] == "no"
    else:
        assert check["test"][0] == "CMD"
        assert check["retries"] >= 3
        assert {"interval", "timeout", "start_period"} <= set(check)


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_runs_without_privileges(name: str):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not service["user"].startswith(("0", "root"))
    assert service["mem_limit"]
    assert service["pids_limit"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_write_nothing_but_their_volumes_and_a_bounded_tmp(name: str):
    # Invoicing unpacks lots of up to 1 GiB there.
    size = "1280m" if name == "invoicing" else "256m"
    assert SERVICES[name]["tmpfs"] == [f"/tmp:rw,noexec,nosuid,size={size}"]
    keys = [volume for volume in SERVICES[name]["volumes"] if volume.startswith("keys:")]
    assert [volume.endswith(":ro") for volume in keys] == {"provision": [], "migrate": [False]}.get(name, [True])


def test_whoever_keeps_a_history_can_copy_its_anchors_and_the_operator_can_read_them():
    places = {
        name: volume
        for name, service in SERVICES.items()
        for volume in service.get("volumes", [])
        if str(volume).startswith("anchors:")
    }
    place = "anchors:/var/lib/pupitre/anchors"
    assert places == {**dict.fromkeys(("identity", "organisation", "invoicing"), place), "operator": f"{place}:ro"}
    assert "/var/lib/pupitre/anchors" in (ROOT / "deploy/Dockerfile").read_text()


@pytest.mark.parametrize("name", set(SERVICES) - set(OURS))
def test_foreign_images_are_pinned_by_full_version(name: str):
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", SERVICES[name]["image"])


@pytest.mark.parametrize("name", OURS)
def test_our_images_hold_the_distribution_they_are_named_after(name: str):
    service = SERVICES[name]
    distribution = service["build"]["args"]["DISTRIBUTION"]
    assert distribution in {each.name for each in distributions()}
    assert service["image"].partition(":")[0] == distribution
    assert distribution == ("pupitre" if name in JOBS else f"pupitre-{name}")
    assert (ROOT / service["build"]["dockerfile"]).is_file()


SECRETS_OF = {
    **{name: {f"{name}.password"} for name in PROCESSES},
    "portal": {"portal.password", "forms.key"},
    "migrate": {"admin.password"},
    "provision": set(),
    "operator": {f"{name}.password" for name in PROCESSES | {"operator"} if name != "portal"},
    "rabbitmq": {"rabbitmq-definitions.json"},
    "postgres": {"postgres.password", "postgres-roles.sql"},
    "mailpit": set(),
}


@pytest.mark.requirement("RS-43")
@pytest.mark.parametrize("name", SERVICES)
def test_every_container_is_given_its_own_secrets_and_no_other(name: str):
    assert set(SERVICES[name].get("secrets", [])) == SECRETS_OF[name]


def test_the_secrets_are_the_files_that_the_provision_command_makes(tmp_path):
    assert {name: where["file"] for name, where in COMPOSE["secrets"].items()} == {
        name: f"./deploy/secrets/{name}" for name in COMPOSE["secrets"]
    }
    given = SERVICES["provision"]["environment"]
    assert [volume.split(":") for volume in SERVICES["provision"]["volumes"]] == [
        ["./deploy/secrets", given["PUPITRE_PASSWORDS"]]
    ]
    settled = {key: value for key, value in given.items() if "${" not in value}
    provisioning.write(Settings(environ={**settled, "PUPITRE_PASSWORDS": str(tmp_path)}))
    assert {path.name for path in tmp_path.iterdir()} == set(COMPOSE["secrets"])


def test_no_secret_is_in_an_environment_or_an_address():
    environments = {name: service.get("environment", {}) for name, service in SERVICES.items()}
    written = {key: value for each in environments.values() for key, value in each.items() if SECRET.search(key)}
    for key, value in written.items():
        # The mail server's account is the operator's own; empty means that the server asks for none.
        assert value.startswith("/") or value == "${PUPITRE_SMTP_PASSWORD:-}", key
    assert not [text for text in texts(COMPOSE) if re.search(r"://[^/$]*@", text)]
    assert not [found[0] for text in texts(COMPOSE) for found in INTERPOLATION.finditer(text) if found[2] == ":?"]


def test_the_repository_keeps_no_secret():
    assert (ROOT / "deploy/secrets/.gitignore").read_text().splitlines()[-2:] == ["*", "!.gitignore"]


def test_the_servers_read_the_accounts_where_they_are_mounted():
    assert "load_definitions = /run/secrets/rabbitmq-definitions.json" in (ROOT / "deploy/rabbitmq.conf").read_text()
    assert "/run/secrets/postgres-roles.sql" in (ROOT / "deploy/postgres-roles.sh").read_text()
    assert "./deploy/postgres-roles.sh:/docker-entrypoint-initdb.d/10-roles.sh:ro" in SERVICES["postgres"]["volumes"]
    for name in PROCESSES | {"migrate", "operator"}:
        environment = SERVICES[name]["environment"]
        assert environment["PUPITRE_PASSWORDS"] == "/run/secrets"
        assert environment["PUPITRE_ACCOUNTS"] == SERVICES["provision"]["environment"]["PUPITRE_ACCOUNTS"]


def test_tools_start_only_when_they_are_asked_for():
    assert {name for name, service in SERVICES.items() if "profiles" in service} == TOOLS


def test_everything_that_can_be_given_is_declared_in_the_compose_file():
    example = (ROOT / "deploy/.env.example").read_text()
    used = {found[1] for text in texts(COMPOSE) for found in INTERPOLATION.finditer(text)}
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) <= used


@pytest.mark.parametrize("name", OURS)
def test_containers_are_given_only_settings_that_exist(name: str):
    assert set(SERVICES[name]["environment"]) <= declared_names()


@pytest.mark.parametrize("name", OURS)
def test_nothing_of_ours_starts_before_its_servers_are_well(name: str):
    if name == "provision":
        assert SERVICES[name]["depends_on"] == {}, "it makes what the servers need to start"
        return
    conditions = {other: what["condition"] for other, what in SERVICES[name]["depends_on"].items()}
    expected = {"rabbitmq": "service_healthy", "postgres": "service_healthy"}
    if name != "migrate":
        expected["migrate"] = "service_completed_successfully"
    assert expected.items() <= conditions.items()
    assert all(other in SERVICES for other in conditions)
    assert not [other for other, condition in conditions.items() if condition == "service_started"]


@pytest.mark.parametrize("name", OURS)
def test_commands_and_health_checks_exist_in_the_command_line(name: str):
    command = SERVICES[name]["command"]
    assert command[0] == "pupitre"
    assert accepts(command[1:])
    if name not in JOBS:
        assert command[1:] == ["serve", name]
        check = SERVICES[name]["healthcheck"].get("test", [])
        assert name == "portal" or (check[:2] == ["CMD", "pupitre"] and accepts(check[2:]) and check[-1] == name)


def test_the_portal_is_judged_by_its_deep_check():
    assert "/readyz" in " ".join(SERVICES["portal"]["healthcheck"]["test"])


def test_only_the_portal_and_the_mail_catcher_are_reachable_and_only_from_this_machine():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"portal", "mailpit"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["rabbitmq"]["networks"] == SERVICES["postgres"]["networks"] == ["back"]


def test_data_outlives_the_containers():
    named = set(COMPOSE["volumes"])
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert named <= mounted
    assert {volume for volume in mounted - named if not (ROOT / volume).exists()} == set()
