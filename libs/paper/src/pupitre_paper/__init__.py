"""Draws what Pupitre puts on paper (docs/decisions/0022): `parts` makes a document of data, `page` draws it with Typst, `fonts` knows which
signs can be shown. It knows no service and no invoice; texts may be a stranger's."""
