"""The `pupitre` command as data: does it have a verb, without running it."""

import click


def accepts(words: list[str]) -> bool:
    """Whether the command line would run these words: every sub-command exists, every option and argument parses."""
    from pupitre.cli import cli  # imported late: most tests of the repository need no service

    command: click.Command = cli
    context = click.Context(cli, info_name="pupitre")
    remaining = list(words)
    while isinstance(command, click.Group):
        if not remaining or (following := command.get_command(context, remaining[0])) is None:
            return False
        context = click.Context(following, info_name=remaining.pop(0), parent=context)
        command = following
    try:
        command.parse_args(context, remaining)
    except click.UsageError:
        return False
    return True


def verbs() -> dict[str, click.Command]:
    """Every command by its full words: `dead-letters list` -> command."""
    from pupitre.cli import cli

    return dict(_walk(cli, ()))


def _walk(command: click.Command, path: tuple[str, ...]) -> list[tuple[str, click.Command]]:
    if isinstance(command, click.Group) and command.commands:  # those of `espaces run` are what is installed
        return [found for name, each in command.commands.items() for found in _walk(each, (*path, name))]
    return [(" ".join(path), command)]
