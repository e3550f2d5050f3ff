import pytest
import sqlalchemy as sa
from pupitre_contracts import account_life, errors, identity
from pupitre_identity import tables

PASSPHRASE, NEW = "sept bateaux verts dérivent", "neuf camions bleus reculent"
EMAIL, HOME = "camille.durand@exemple.invalid", "192.0.2.10"
QUESTION, ANSWER = "Mon premier chat ?", "Félix le 2e"


@pytest.fixture
def policy():
    """Whether secret questions are the policy here."""
    return "1"


@pytest.fixture
def service(start_identity, policy):
    return start_identity(8, PUPITRE_RECOVERY_QUESTION=policy)


@pytest.fixture
def choose(me, service_clock):
    def choose(question=QUESTION, answer=ANSWER, current=PASSPHRASE):
        values = {"question": question, "answer": answer, "current": current, "network": HOME}
        me.call(account_life.SetSecretQuestion, **values)

    return choose


@pytest.fixture
def reset_link(anybody, link_for, service_clock):
    def ask():
        service_clock.advance(61)
        anybody.call(identity.AskForLink, email=EMAIL, purpose="reset", network=HOME)
        return link_for("reset")

    return ask


def reset(bus, link, answer=None):
    return bus.call(identity.ResetPassword, link=link, password=NEW, answer=answer)


@pytest.mark.requirement("RS-56")
@pytest.mark.requirement("R029")
@pytest.mark.parametrize("policy", ["0"])
def test_no_question_is_asked_unless_it_is_the_policy(me, anybody, choose, reset_link):
    with pytest.raises(errors.Forbidden):
        choose()
    assert me.call(identity.GetAccount).account.wants_question is False
    link = reset_link()
    described = anybody.call(account_life.DescribeLink, link=link)
    assert (described.question, described.wants_question) == (None, False)
    assert reset(anybody, link)


@pytest.mark.requirement("R029")
@pytest.mark.requirement("RS-56")
def test_question_and_answer_are_chosen_with_the_password_and_asked_only_beside_a_mailed_link(me, anybody, choose, reset_link, bench):
    with pytest.raises(errors.PasswordWrong):
        choose(current="faux mot de passe")
    bench.clock.advance(2)
    choose("Ma rue ?", "des Lilas")
    choose()
    assert me.call(identity.GetAccount).account.question == QUESTION
    assert anybody.call(identity.SignIn, email=EMAIL, password=PASSPHRASE, network=HOME).session
    link = reset_link()
    assert anybody.call(account_life.DescribeLink, link=link).question == QUESTION
    for wrong in (None, "", "des Lilas"):
        with pytest.raises(errors.AnswerWrong):
            reset(anybody, link, wrong)
    assert reset(anybody, link, " FELIX le-2E ").email == "Camille.Durand@exemple.invalid"


@pytest.mark.requirement("RS-56")
def test_an_answer_has_five_tries_a_day_whatever_the_link(anybody, choose, reset_link, service_clock):
    choose()
    left = []
    for number in range(6):
        link = reset_link()
        with pytest.raises(errors.AnswerWrong) as caught:
            reset(anybody, link, f"faux {number}")
        left.append(caught.value.details["left"])
    assert left == [4, 3, 2, 1, 0, 0]
    with pytest.raises(errors.AnswerWrong):
        reset(anybody, reset_link(), ANSWER)
    service_clock.advance(days=1)
    assert reset(anybody, reset_link(), ANSWER)


@pytest.mark.requirement("RS-56")
def test_what_is_kept_of_an_answer_is_a_slow_hash(bench, choose, anybody, reset_link):
    choose()
    with pytest.raises(errors.AnswerWrong):
        reset(anybody, reset_link(), "Médor")
    database = bench.database("identity")
    with database.reading() as db:
        (row,) = db.execute(sa.select(tables.user_account)).all()
        everything = str([db.execute(sa.select(table)).all() for table in tables.metadata.sorted_tables]).casefold()
    database.close()
    assert row.answer_hash.startswith("$argon2id$")
    assert not any(word in everything for word in ("félix", "felix", "médor", "medor"))
    assert "felix" not in str(bench.told("identity")).casefold()


@pytest.mark.parametrize(
    "question, answer, field",
    [("", ANSWER, "question"), (QUESTION, " é ! ", "answer"), ("Mon chat Félix ?", "felix", "answer")],
)
def test_a_question_that_is_worth_nothing_is_refused(choose, question, answer, field):
    with pytest.raises(errors.Invalid) as caught:
        choose(question, answer)
    assert list(caught.value.details["fields"]) == [field]


@pytest.mark.requirement("R055")
def test_who_comes_back_answers_the_former_question_and_chooses_another(me, anybody, choose, structures, link_for, service_clock):
    choose()
    me.call(account_life.DeactivateAccount, successors=[])
    anybody.call(account_life.AskReactivation, email=EMAIL, network=HOME)
    link = link_for("reactivation")
    described = anybody.call(account_life.DescribeLink, link=link)
    assert (described.purpose, described.question, described.wants_question) == ("reactivation", QUESTION, True)
    values = {"link": link, "password": NEW}
    with pytest.raises(errors.Invalid) as caught:
        anybody.call(account_life.ReactivateAccount, **values, answer=ANSWER)
    assert "question" in caught.value.details["fields"]
    values |= {"question": "Ma rue ?", "new_answer": "des Lilas"}
    with pytest.raises(errors.AnswerWrong):
        anybody.call(account_life.ReactivateAccount, **values, answer="des Lilas")
    anybody.call(account_life.ReactivateAccount, **values, answer=ANSWER)
    assert me.call(identity.GetAccount).account.question == "Ma rue ?"
