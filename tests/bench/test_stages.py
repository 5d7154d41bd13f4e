"""The table of stages is of deliveries that really happened."""

from bench import stages


def test_every_stage_has_a_figure(monkeypatch, capsys):
    monkeypatch.setattr(stages, "CLIENTS", 3)
    monkeypatch.setattr(stages, "ROUNDS", 2)
    monkeypatch.setattr(stages, "alone", lambda function: (function() and 0.0) or 1e-6)
    stages.main()
    lines = capsys.readouterr().out.splitlines()
    names = [line.split("  ")[0] for line in lines]
    for name in ("read", "begin", "wake", "answer", "all", "parse a request that is new"):
        assert name in names
    assert all("inf" not in line for line in lines)


def test_a_message_reaches_every_client_of_the_crowd(monkeypatch):
    monkeypatch.setattr(stages, "CLIENTS", 3)
    crowds = []
    made = stages.Crowd.__init__

    def remember(crowd, application):
        made(crowd, application)
        crowds.append(crowd)

    monkeypatch.setattr(stages.Crowd, "__init__", remember)
    stages.engine()
    stages.chat()
    for crowd, expected in zip(crowds, (b"hello", b": hello\r\n"), strict=True):
        for _, transport in crowd.connections[:3]:
            assert transport.written.endswith(expected)
