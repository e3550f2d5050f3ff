from pupitre_identity import secret_values


def test_a_secret_has_256_bits_and_is_never_the_same():
    made = {secret_values.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(secret) == 43 for secret in made)


def test_only_the_secret_itself_matches_its_digest():
    secret = secret_values.new_secret()
    stored = secret_values.digest(secret)
    assert secret not in stored
    assert secret_values.matches(secret, stored)
    assert not secret_values.matches(secret + "x", stored)
    assert not secret_values.matches(secret, None)
