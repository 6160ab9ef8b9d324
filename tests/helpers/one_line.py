"""What the command line says when it cannot do something."""


def refused(result, *expected, code=2, notes=()):
    """One line on stderr, nothing on stdout, no traceback.

    Args:
        result: of `CliRunner.invoke`.
        expected: what the line says.
        code: the exit code.
        notes: how lines may begin that come before it.
    """
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    *before, last = result.stderr.splitlines()
    assert last.startswith("kerasgan: error: ")
    assert all(line.startswith(notes) for line in before)
    for text in expected:
        assert text in last
