"""The secret question (R029), where an operator made it the policy (RS-56).

It is asked beside a link in a mail, never in its place: an answer is easier to find out than a password. What is kept of it is a slow
hash of its letters and digits.
"""

from typing import Any

from pupitre_contracts import account_life
from pupitre_contracts.errors import AnswerWrong, Forbidden, Invalid

from . import model, queries, repository
from .own_account import checked_password

FEWEST_CHARACTERS = 3


def set_question(request: Any, scope: Any) -> account_life.SetSecretQuestion.Reply:
    if not scope.settings.recovery_question:
        raise Forbidden(needed="PUPITRE_RECOVERY_QUESTION")
    user = checked_password(request, scope)
    values = hashed(scope, request.question, request.answer, answer_field="answer")
    with scope.begin() as tx:
        repository.change_user(tx, scope.actor_reference, user.user_id, values)
        repository.log(tx, scope.actor_reference, "secret_question.changed", scope.actor_reference)
    return account_life.SetSecretQuestion.Reply()


def hashed(scope: Any, question: str | None, answer: str | None, *, answer_field: str) -> dict[str, Any]:
    """Return what is stored of a question and its answer. Raises Invalid."""
    asked = model.checked_text("secret question", "question", question, model.QUESTION_CHARACTERS)
    key = model.answer_key(answer)
    if len(key) < FEWEST_CHARACTERS:
        fault = f"au moins {FEWEST_CHARACTERS} lettres ou chiffres / at least {FEWEST_CHARACTERS} letters or digits"
        raise Invalid(what="secret question", fields={answer_field: [fault]})
    if key in model.answer_key(asked):
        fault = "la réponse est dans la question / the answer is in the question"
        raise Invalid(what="secret question", fields={answer_field: [fault]})
    return {
        "question": asked,
        "answer_hash": scope.resources.hasher.hash(key),
        "wrong_answers": 0,
        "wrong_answer_at": None,
    }


def check_answer(scope: Any, user: Any, answer: str | None) -> None:
    """Raise AnswerWrong unless ``answer`` is right, or none is asked for: no such policy, or no question chosen.

    Each look is counted before it is taken, so that answers sent all at once are no more than five either.
    """
    if not scope.settings.recovery_question or user.answer_hash is None:
        return
    with scope.begin() as tx:
        present = queries.user(tx, user.user_id, lock=True)
        recent = present.wrong_answer_at is not None and tx.now - present.wrong_answer_at < model.ANSWERS_FORGOTTEN
        count = (present.wrong_answers if recent else 0) + 1
        name = f"user:{user.user_id}"
        if count <= model.MOST_ANSWERS:
            repository.change_user(tx, name, user.user_id, {"wrong_answers": count, "wrong_answer_at": tx.now})
        repository.log(tx, name, "secret_question.asked", name, count=count)
    if count > model.MOST_ANSWERS or not scope.resources.hasher.verify(model.answer_key(answer), user.answer_hash):
        raise AnswerWrong(left=max(0, model.MOST_ANSWERS - count))
    with scope.begin() as tx:
        repository.change_user(tx, name, user.user_id, {"wrong_answers": 0, "wrong_answer_at": None})
