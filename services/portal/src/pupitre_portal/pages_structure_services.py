"""The services of a structure: consult, create, modify, switch on and off (R080 to R085)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors, organisation, structures

from . import bus, done
from .errors import message
from .forms_structures import NewServiceForm, ServiceForm
from .languages import gettext
from .pages_sign_up import show_faults
from .pages_structure_manage import sheet
from .paging import last_page, page_number
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("structure_services", __name__, url_prefix="/structures/<uuid:structure_id>/services")
PAGE_SIZE = 25


@blueprint.get("/")
@signed_in
def listing(structure_id: uuid.UUID) -> str:
    """List the services by code."""
    found, page = sheet(structure_id), page_number()
    services = found.structure.services
    first = min((page - 1) * PAGE_SIZE, max(0, (last_page(len(services), PAGE_SIZE) - 1) * PAGE_SIZE))
    return render_template(
        "structure_services.html",
        structure=found.structure,
        may_modify=found.may_modify,
        services=services[first : first + PAGE_SIZE],
        first=first,
        total=len(services),
        page=first // PAGE_SIZE + 1,
        last_page=last_page(len(services), PAGE_SIZE),
        done=done.said(),
    )


@blueprint.route("/creation", methods=["GET", "POST"])
@signed_in
def create(structure_id: uuid.UUID) -> Any:
    """Create a service."""
    structure, form = _kept(structure_id), NewServiceForm()
    if form.validate_on_submit():
        try:
            bus.call(
                organisation.CreateStructureService,
                key=form_key(),
                structure_id=structure_id,
                code=form.code.data,
                **_values(form),
            )
        except errors.StructureServiceExists as error:
            form.code.errors = [message(error)]
        except errors.Invalid as error:
            show_faults(form, error)
        else:
            done.say(gettext("Le service %(code)s est créé.", code=form.code.data))
            return redirect(url_for("structure_services.listing", structure_id=structure_id))
    return render_template("structure_service.html", structure=structure, form=form, service=None), 422 if form.errors else 200


@blueprint.route("/<uuid:service_id>", methods=["GET", "POST"])
@signed_in
def change(structure_id: uuid.UUID, service_id: uuid.UUID) -> Any:
    """Modify a service."""
    structure = _kept(structure_id)
    service = _service(structure, service_id)
    form, refusal, version, status = ServiceForm(data=service.values), None, service.version, 200
    if form.is_submitted():
        version = form_version()
    if form.validate_on_submit():
        try:
            _change(structure_id, service_id, version, enabled=service.enabled, **_values(form))
        except errors.Conflict as error:
            refusal, status = message(error), error.status
        except errors.Invalid as error:
            show_faults(form, error)
        else:
            done.say(gettext("Le service %(code)s est enregistré.", code=service.code))
            return redirect(url_for("structure_services.listing", structure_id=structure_id))
    values = {"structure": structure, "form": form, "service": service, "version": version, "refusal": refusal}
    return render_template("structure_service.html", **values), status if status != 200 else 422 if form.errors else 200


@blueprint.post("/<uuid:service_id>/etat")
@signed_in
def switch(structure_id: uuid.UUID, service_id: uuid.UUID) -> Any:
    """Activate or deactivate a service, whatever its dates."""
    service = _service(_kept(structure_id), service_id)
    enabled = request.form.get("enabled") == "oui"
    kept = ("label", "description", "starts_on", "ends_on", "requires_engagement")
    values = {name: getattr(service, name) for name in kept if getattr(service, name) is not None}
    try:
        _change(structure_id, service_id, form_version(), enabled=enabled, **values)
    except errors.Conflict as error:
        done.say(message(error))
    else:
        words = gettext("Le service %(code)s est activé.") if enabled else gettext("Le service %(code)s est désactivé.")
        done.say(words % {"code": service.code})
    return redirect(url_for("structure_services.listing", structure_id=structure_id))


def _change(structure_id: uuid.UUID, service_id: uuid.UUID, version: int, **values: Any) -> None:
    bus.call(
        structures.ChangeStructureService,
        key=form_key(),
        structure_id=structure_id,
        structure_service_id=service_id,
        version=version,
        **values,
    )


def _values(form: ServiceForm) -> dict[str, Any]:
    given = {name: form[name].data for name in ("label", "description", "starts_on", "ends_on")}
    return {name: value for name, value in given.items() if value} | {"requires_engagement": form.requires_engagement.data}


def _kept(structure_id: uuid.UUID) -> Any:
    found = sheet(structure_id)
    if not found.may_modify:
        raise errors.Forbidden(needed="organisation, MODIFICATION")
    return found.structure


def _service(structure: Any, service_id: uuid.UUID) -> Any:
    service = next((each for each in structure.services if each.structure_service_id == service_id), None)
    if service is None:
        raise errors.NotFound(what=f"structure_service {service_id}")
    return service
