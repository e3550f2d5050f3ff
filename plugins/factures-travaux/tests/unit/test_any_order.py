"""Whatever anybody tries, in any order, with the documents of a contract."""

import contextlib
import itertools

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pupitre_espace_factures_travaux.kinds import all_kinds
from pupitre_espaces import statuses as known
from pupitre_espaces.lifecycle import DRAFT, NoPassage
from pupitre_espaces.passages import WrongMotive, effect_on_delay
from pupitre_espaces.testing_desk import NotReady
from works_market import HOLDER, MOA, MOE, PAYER, Market

#: B.1: the codes of the reference; no document of works has another status.
B1 = frozenset(known.LABELS)
_, FINAL, _ = all_kinds()
CADRES = sorted({cadre.code for kind in all_kinds()[:2] for cadre in kind.cadres})
ROLES = sorted({role.key for role in FINAL.roles})
STATUSES = sorted({row.target for kind in all_kinds()[:2] for row in kind.lifecycles[0].transitions} | {"DEPOSEE"})
EVERYBODY = {"moe": MOE, "moa": MOA, "titulaire": HOLDER, "service-financier": PAYER}


class AnyOrder(RuleBasedStateMachine):
    @initialize(first=st.sampled_from(["A4", "A10", "A13", "A5", "A7", "A14"]))
    def begin(self, first):
        self.market = Market()
        self.market.deposit(first)

    @property
    def pieces(self):
        return [each for each in self.market.desk.requests if each.status != DRAFT]

    @rule(cadre=st.sampled_from(CADRES), index=st.integers(0, 9), anew=st.booleans())
    def deposit(self, cadre, index, anew):
        previous = self.pieces[index % len(self.pieces)]
        codes = {each.code for each in previous.kind.cadres}
        if cadre in codes and cadre in previous.table.followed_by(previous.status, previous.cadre):
            parties = {role: each for role, each in EVERYBODY.items() if role in previous.kind.cadre(cadre).needs}
            form = {"autre_delai": True, "travaux": "5000", "ecart": "métré"} if anew else {"autre_delai": True}
            with contextlib.suppress(NotReady):
                self.market.deposit(cadre, previous, form=form, parties=parties)

    @rule(
        role=st.sampled_from(ROLES),
        to=st.sampled_from(STATUSES),
        index=st.integers(0, 9),
        code=st.sampled_from(["AUTRE", "MAUVAISE_MOE", "MAUVAISE_MOA", "MAUVAIS_VALIDEUR", "ERREUR_MONTANT"]),
    )
    def move(self, role, to, index, code):
        piece = self.pieces[index % len(self.pieces)]
        before = piece.status
        try:
            self.market.desk.move(piece, role, to, motive="x", motive_code=code, stated=True)
        except (NoPassage, WrongMotive):
            assert piece.status == before
        else:
            assert code != "ERREUR_MONTANT" or not to.startswith("REFUSEE_MO")
            assert role in piece.parties, "who is not named on a document never moves it"

    @rule(index=st.integers(0, 9), data=st.data())
    def move_as_the_table_says(self, index, data):
        """Go further than chance would: take any row that is there for somebody who is named."""
        piece = self.pieces[index % len(self.pieces)]
        rows = piece.table.allowed(piece.status, piece.parties, "move", piece.cadre)
        if rows:
            row = data.draw(st.sampled_from(rows))
            code = row.motives[0].code if row.motives else None
            self.market.desk.move(piece, row.who, row.target, motive="x", motive_code=code, stated=True)

    @rule(days=st.integers(1, 31))
    def wait(self, days):
        self.market.desk.pass_days(days)

    @invariant()
    def every_document_went_by_its_table(self):
        for piece in self.market.desk.requests if hasattr(self, "market") else ():
            rows = [row for row in piece.table.transitions if row.is_for(piece.cadre)]
            steps = {(row.source, row.target) for row in rows}
            path = [DRAFT, *(status for status, _ in piece.story)]
            assert set(path[1:]) <= B1
            for source, target in itertools.pairwise(path):
                assert (source, target) in steps or (source, "@before") in steps

    @invariant()
    def the_delay_of_a_claim_runs_once_from_where_it_has_to(self):
        if not hasattr(self, "market"):
            return
        done = []
        for what in self.market.desk.delay_of(self.pieces[0]):
            assert effect_on_delay(done, what) == what
            done.append(what)
        assert done.count("start") <= done.count("end") + 1
        for piece in self.pieces:
            begun = {"MISE_A_DISPOSITION_MOE", "MISE_A_DISPOSITION_MOA", "MISE_A_DISPOSITION"}
            if begun & {status for status, _ in piece.story}:
                assert "start" in done

    @invariant()
    def nothing_is_paid_twice(self):
        if hasattr(self, "market"):
            assert sum(each.handed_over for each in self.pieces) <= 1

    @invariant()
    def nobody_but_the_mandataire_lets_a_joint_contractor_s_account_go_on(self):
        for piece in self.market.desk.requests if hasattr(self, "market") else ():
            if piece.cadre in ("A13", "A14") and "DEPOSEE" in {status for status, _ in piece.story}:
                assert ("VALIDEE_1", "valideur-1") in piece.story


AnyOrder.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestAnyOrder = AnyOrder.TestCase
