"""A process that runs invoicing on the embedded backend in the folder given, with a fake organisation and engine.

``python process_to_kill.py FOLDER SHA256`` deposits the flux of that SHA-256 unless there is one, says its number, and then
processes until it is killed or the flux has ended.
"""

import importlib.util
import sys
import uuid
from pathlib import Path

import pupitre_bus.patch  # noqa: F401  first of all
from pupitre_bus import settings, testing
from pupitre_bus.actors import Actor
from pupitre_bus.blobs import BlobStore
from pupitre_bus.sealing import KeySealer
from pupitre_bus.write_once import WriteOnce
from pupitre_contracts import invoicing as contract
from pupitre_espaces.host import Host
from pupitre_invoicing import resources as means
from pupitre_invoicing.service import InvoicingService

_spec = importlib.util.spec_from_file_location("invoicing_stage", Path(__file__).with_name("conftest.py"))
conftest = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(conftest)


def main(folder: Path, sha256: str, most: float) -> None:
    backend = testing.Embedded(folder)
    bench = testing.Bench(backend)
    bench.settings = settings.load("pupitre_invoicing", environ={"PUPITRE_STATE": str(folder)})
    world = conftest.World()
    supplier = world.structure(conftest.Stage.SELLER, "Fournitures du Quai", structure_id=uuid.UUID(int=1))
    world.structure(conftest.Stage.BUYER, "Commune d'Exempleville", public=True, structure_id=uuid.UUID(int=2))
    actor = Actor("user", str(uuid.UUID(int=3)), "Camille Durand")
    world.grant(actor, (supplier, conftest.EMITTED, "MODIFICATION"))
    bench.fake_service("organisation", world.replies())
    bench.fake_service("identity", world.replies_of_identity())
    bench.start(_service(backend, folder, most))
    bus = bench.caller(actor)
    found = bus.call(contract.SearchFlux).flux
    if not found:
        values = {
            "structure_id": supplier.structure_id,
            "file_name": "lot.tar.gz",
            "syntaxe_flux": "IN_DP_E1_UBL_INVOICE",
        }
        found = [bus.call(contract.DepositFlux, sha256=sha256, size=1, **values).flux]
    print(found[0].numero_flux, flush=True)
    ends = ("IN_INTEGRE", "IN_INTEGRE_PARTIEL", "IN_REJETE", "IN_INCIDENTE")
    testing.wait_until(lambda: bus.call(contract.SearchFlux).flux[0].state in ends, timeout=300, every=0.1)
    bench.close()


def _service(backend: testing.Backend, folder: Path, most: float) -> type[InvoicingService]:
    class Killed(InvoicingService):
        @staticmethod
        def build_resources(found: object) -> means.Resources:
            return means.Resources(
                blobs=BlobStore.from_uri(folder / "blobs"),
                engine=conftest.FakeEngine(most),
                espaces=Host("invoicing", discover=False),
                workers=2,
                sealer=KeySealer.from_file(Path(backend.keys) / "invoicing.key"),
                anchors=WriteOnce.from_uri(backend.folder / "anchors"),
            )

    return Killed


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
