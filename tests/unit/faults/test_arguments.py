"""How `make faults` is told what to do."""

from __future__ import annotations

import pytest

from faults.__main__ import main


@pytest.mark.parametrize("less", ["F6", "--no-builds"])
def test_some_faults_alone_are_not_written_into_the_document(
    less: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["faults", less, "--write-docs"])

    with pytest.raises(SystemExit):
        main()

    assert "--write-docs is for all faults and builds" in capsys.readouterr().err
