"""`pupitre structures import`, beside a running installation (R065), and the annuaire that it fills (R262)."""

import pytest
import requests

FILE = """identifier;name;line;postal_code;city;requires_engagement;code_service;service_label;service_starts_on
20007104100046;Syndicat de menuiserie du Val;1 place Neuve;44000;Nantes;oui;ATELIER;Atelier;2024-01-01
20007104100046;Syndicat de menuiserie du Val;1 place Neuve;44000;Nantes;oui;BUREAU;Bureau;2024-01-01
73282932000074;Régie du Port;2 quai;29200;Brest;non;;;
73282932000075;Régie à la clé fausse;2 quai;29200;Brest;non;;;
"""


@pytest.mark.requirement("R065")
@pytest.mark.requirement("R262")
def test_a_file_is_imported_once_told_line_by_line_and_found_in_the_annuaire(embedded, tmp_path):
    file = tmp_path / "structures.csv"
    file.write_text(FILE, "utf-8")
    done = embedded.command("structures", "import", str(file), check=False)
    assert (done.returncode, done.stderr) == (1, "")
    refusal, summary = done.stdout.splitlines()
    assert refusal.startswith("line 5: identifier: the check digit")
    assert summary == "2 created, 0 changed, 0 unchanged, 2 services created, 0 services changed, 1 refused"

    again = embedded.command("structures", "import", str(file), check=False)
    assert again.stdout.splitlines()[1] == "nothing to change: 2 structure(s) are as the file says, 1 refused"

    annuaire = f"{embedded.base_url}/api/v1/annuaire"
    found = requests.get(annuaire, params={"name": "*menuiserie*"}, timeout=30).json()
    assert [each["identifier"] for each in found["structures"]] == ["20007104100046"]
    entry = requests.get(f"{annuaire}/20007104100046", timeout=30).json()
    assert (entry["requires_engagement"], [each["code"] for each in entry["services"]]) == (True, ["ATELIER", "BUREAU"])

    download = requests.get(f"{annuaire}/export.csv", timeout=60)
    assert "73282932000074,Régie du Port" in download.content.decode()
    file.write_bytes(download.content)
    whole = embedded.command("structures", "import", str(file))
    assert whole.stdout.startswith("nothing to change: ")
    tag, change = download.headers["ETag"], download.headers["Pupitre-Change"]
    assert requests.get(f"{annuaire}/export.csv", headers={"If-None-Match": tag}, timeout=30).status_code == 304

    changed = FILE.splitlines()[0] + "\n" + FILE.splitlines()[3].replace("2 quai", "3 quai") + "\n"
    file.write_text(changed, "utf-8")
    assert embedded.command("structures", "import", str(file)).stdout.startswith("0 created, 1 changed")
    delta = requests.get(f"{annuaire}/export.csv?since={change}", timeout=30).content.decode().splitlines()
    assert [line.split(",")[1] for line in delta[1:]] == ["73282932000074"]


def test_a_file_that_is_no_such_file_is_one_line_on_standard_error(embedded, tmp_path):
    file = tmp_path / "autre.csv"
    file.write_text("siret;nom\n", "utf-8")
    refused = embedded.command("structures", "import", str(file), check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: unknown column(s) 'siret', 'nom': the columns are identifier_type, identifier")
    assert refused.stdout == ""
    assert embedded.command("structures", "import", str(tmp_path / "nulle-part.csv"), check=False).returncode == 2
