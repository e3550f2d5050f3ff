"""A role that several structures have: what a kind may ask of it, and how the desk names them."""

from urllib.parse import parse_qsl, urlsplit

import marshmallow
import pytest
from espace_kinds import NAME, a_kind, a_plugin
from pupitre_espaces import Cadre, InvoiceCadre, Label, Lifecycle, Party, Payment, RequestKind, Role, Transition, forms
from pupitre_espaces.lifecycle import AT_ONCE, DRAFT, SYSTEM
from pupitre_espaces.parties import MOST_HOLDERS
from pupitre_espaces.testing import a_request, a_structure
from pupitre_espaces.testing_desk import Desk, NotReady

AUTHOR = a_structure()
FIRST = a_structure(id="1", name="Un", siret="11122233300011")
SECOND = a_structure(id="2", name="Deux", siret="22233344400012")
TOWN = a_structure(id="v", name="Ville", siret="21750001600019", type="public")


class Form(marshmallow.Schema):
    subject = forms.text(NAME)


class Line(marshmallow.Schema):
    amount = forms.money(NAME)


ROWS = [
    Transition(DRAFT, "DEPOSEE", "author", call="send"),
    Transition("DEPOSEE", "SIGNEE", "member"),
    Transition("SIGNEE", "RENDUE", SYSTEM, call=AT_ONCE, if_named={"guest"}),
]
CORRECTING = Transition("DEPOSEE", "ABANDONNEE", "author", corrects={"member"})
LABELS = {"SIGNEE": NAME, "RENDUE": NAME}
TABLE = Lifecycle("circulaire", ROWS, labels=LABELS)


def roles(member=3, guest=2, **of_guest):
    guests = Role("guest", NAME, structure_types={"private"}, most=guest, **of_guest)
    return (Role("author", NAME), Role("member", NAME, most=member), guests)


def a_circular(**changes):
    values = {
        "key": "circulaire",
        "label": NAME,
        "roles": roles(),
        "cadres": (Cadre("K1", NAME, "author", needs=("member",), may_name=("guest",), after={"K1"}, begins=True),),
        "lifecycles": (TABLE,),
        "form": Form,
        "line": Line,
        "has_dossier": True,
    }
    return RequestKind(**(values | changes))


@pytest.fixture
def desk():
    return Desk(a_plugin(a_circular()))


def save(desk, **parties):
    return desk.save("circulaire", "K1", AUTHOR, parties=parties)


@pytest.mark.parametrize("most", [0, -1, MOST_HOLDERS + 1])
def test_a_role_is_had_by_one_structure_or_by_a_number_of_them_that_has_a_bound(most):
    with pytest.raises(ValueError, match=f"by 1 to {MOST_HOLDERS} structures, not {most}"):
        Role("member", NAME, most=most)
    assert not Role("member", NAME).several and Role("member", NAME, most=2).several


def test_what_is_always_one_structure_s_is_not_several_ones():
    with pytest.raises(ValueError, match="always one structure's"):
        Role("state", NAME, always="11000000000011", most=2)


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"roles": (Role("author", NAME, most=2), *roles()[1:])}, "author is one structure's: it deposits with K1"),
        (
            {
                "cadres": (Cadre("K1", NAME, "author", needs=("member",), after={"K1"}, begins=True, also=("member",)),),
                "lifecycles": (Lifecycle("c", [*ROWS, Transition(DRAFT, "DEPOSEE", "member", call="send")], labels=LABELS),),
            },
            "member is one structure's: it deposits with K1",
        ),
        (
            {"cadres": (Cadre("K1", NAME, "author", needs=("member",), unless=({"guest": {"moa_only": True}},)),)},
            "guest is one structure's: it decides whether K1 is offered",
        ),
        ({"payment": Payment("member", "author")}, "member is one structure's: it pays or is paid"),
        ({"payment": Payment("author", "guest")}, "guest is one structure's"),
        ({"payment": Payment("author", "author", instead=("guest",))}, "guest is one structure's"),
        (
            {"lifecycles": (Lifecycle("c", [*ROWS, CORRECTING], labels=LABELS),)},
            "member is one structure's: it is named anew from DEPOSEE to ABANDONNEE",
        ),
        ({"line": None, "roles": roles(sees_lines=False)}, "guest sees no lines, and the kind circulaire has none"),
        ({"roles": (Role("author", NAME, sees_lines=False), *roles()[1:])}, "author deposits, and so sees the lines"),
    ],
)
def test_what_needs_one_structure_is_refused_where_several_may_have_the_role(changes, said):
    with pytest.raises(ValueError, match=said):
        a_circular(**changes)


@pytest.mark.parametrize("changes", [{"most": 2}, {"sees_lines": False}])
def test_an_invoice_is_validated_by_one_structure_that_sees_all_of_it(changes):
    rows = [Transition(None, "A_VALIDER_1", "supplier", call="send"), Transition("A_VALIDER_1", "DEPOSEE", "checker")]
    with pytest.raises(ValueError, match="one structure is checker, and sees the whole invoice"):
        InvoiceCadre("X9", NAME, (Role("checker", NAME, **changes),), Lifecycle("p", rows))


def test_several_are_named_in_one_role_and_all_see_the_request(desk):
    sent = desk.send(save(desk, member=[FIRST, Party("member", SECOND, "VOIRIE")], guest=FIRST))
    members = sent.view().holders("member")
    assert [(each.structure.name, each.code_service, each.place, each.term) for each in members] == [
        ("Un", None, 1, "party.member"),
        ("Deux", "VOIRIE", 2, "party.member.2"),
    ]
    assert sent.view().party("member") is members[0] and sent.view().holders("nobody") == ()
    assert desk.sees(sent, "member") and sent.awaits == {"member"}
    assert desk.move(sent, "member", "SIGNEE").status == "RENDUE"


def test_a_role_is_named_anew_as_a_whole(desk):
    first = desk.send(save(desk, member=[FIRST, SECOND, TOWN]))
    follows = desk.save("circulaire", "K1", AUTHOR, previous=first, parties={"guest": FIRST})
    assert [each.structure for each in follows.view().holders("member")] == [FIRST, SECOND, TOWN]
    changed = desk.save("circulaire", "K1", AUTHOR, previous=first, parties={"member": [TOWN]})
    assert [each.structure for each in changed.view().holders("member")] == [TOWN]


def test_more_than_may_have_it_are_not_named(desk):
    with pytest.raises(ValueError, match="guest is had by at most 2, and 3 are named"):
        save(desk, member=FIRST, guest=[FIRST, SECOND, AUTHOR])
    with pytest.raises(ValueError, match="author is had by at most 1"):
        save(desk, author=[AUTHOR, FIRST])


def test_nobody_has_a_role_twice_and_each_is_of_a_type_that_may_have_it(desk):
    draft = save(desk, member=[FIRST, SECOND, FIRST], guest=[SECOND, TOWN])
    assert desk.errors(draft) == ["role-type party.guest.2", "party-twice party.member.3"]
    [_, twice] = draft.findings
    assert twice.message == Label("Nom : Un (11122233300011) est désignée deux fois.", "Name: Un (11122233300011) is named twice.")
    with pytest.raises(NotReady):
        desk.send(draft)


def test_nobody_in_the_role_is_one_who_is_missing(desk):
    assert desk.errors(save(desk, member=[])) == ["role-missing party.member"]


def test_the_piece_before_shows_its_lines(desk):
    before = desk.send(desk.save("circulaire", "K1", AUTHOR, lines=[{"amount": "12,50"}], parties={"member": FIRST}))
    assert [str(line["amount"]) for line in before.view().lines] == ["12.50"]


def test_a_link_names_each_of_them():
    link = a_request("essai").link_to_new_request(
        "circulaire", "K1", parties={"member": ["1", "2"], "guest": "3"}, services={"member": ["", "VOIRIE"]}
    )
    query = dict(parse_qsl(urlsplit(str(link).replace("&amp;", "&")).query))
    assert {name: value for name, value in query.items() if "." in name} == {
        "party.member": "1",
        "party.member.2": "2",
        "service.member.2": "VOIRIE",
        "party.guest": "3",
    }


def test_a_kind_without_several_is_as_it_was():
    assert {role.most for role in a_kind().roles} == {1} and all(role.sees_lines for role in a_kind().roles)
