import pytest

from kerasgan.serving.server.access import Access


@pytest.mark.parametrize(
    "access, headers, word",
    [
        ({}, {}, None),
        ({}, {"host": "localhost:8501"}, None),
        ({}, {"host": "127.0.0.1:8501"}, None),
        ({}, {"host": "[::1]:8501"}, None),
        ({}, {"host": "192.168.1.7"}, None),
        ({}, {"host": "evil.example:8501"}, "--allow-host evil.example"),
        ({}, {"host": "localhost.evil.example"}, "--allow-host"),
        ({}, {"host": "127.0.0.1.evil.example"}, "--allow-host"),
        ({}, {"host": ""}, "--allow-host"),
        ({"hosts": ("faces.example",)}, {"host": "faces.example:80"}, None),
        ({"hosts": ("Faces.Example",)}, {"host": "FACES.example"}, None),
        ({"hosts": ("*",)}, {"host": "faces.example"}, None),
        ({}, {"host": "["}, "--allow-host"),
        ({}, {"host": "localhost", "origin": "http://["}, "--allow-origin"),
        ({}, {"host": "a:1", "origin": "http://a:1"}, "--allow-host a"),
        (
            {},
            {"host": "localhost:1", "origin": "http://localhost:1"},
            None,
        ),
        (
            {},
            {"host": "localhost:1", "origin": "http://localhost:2"},
            "--allow-origin http://localhost:2",
        ),
        ({}, {"host": "localhost.:1"}, None),
        ({}, {"host": "localhost:1", "origin": "null"}, "--allow-origin '*'."),
        (
            {"origins": ("https://A.example",)},
            {"host": "localhost:1", "origin": "https://a.example"},
            None,
        ),
        (
            {"origins": ("https://a.example",)},
            {"host": "localhost:1", "origin": "https://a.example"},
            None,
        ),
        (
            {"origins": ("*",)},
            {"host": "evil.example", "origin": "https://a.example"},
            "--allow-host",
        ),
    ],
)
def test_who_may_ask(access, headers, word):
    reason = Access(**access).reason(headers)
    assert reason is None if word is None else word in reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"hosts": ("a:1",)},
        {"hosts": ("",)},
        {"hosts": (".",)},
        {"hosts": ("a b",)},
        {"origins": ("a.example",)},
        {"origins": ("https://a.example/",)},
    ],
)
def test_what_is_no_name_and_no_site(wrong):
    with pytest.raises(ValueError, match="Received: allow_"):
        Access(**wrong)


def test_requests_of_browsers(start, tmp_path):
    """Also before their body is read, and with the answer to a preflight."""
    origin = {"Origin": "https://a.example"}
    with start(tmp_path, models=Nothing()) as server:
        rebound = {"Host": "evil.example"}
        assert server.json("/healthz", headers=rebound)[0] == 403
        assert server.json("/healthz", "{}", "POST", origin)[0] == 403
        assert server.json("/healthz")[0] == 200
    access = Access(origins=("https://a.example",))
    with start(tmp_path, models=Nothing(), access=access) as server:
        asked = {**origin, "Access-Control-Request-Method": "POST"}
        status, headers, _ = server.ask("/healthz", None, "OPTIONS", asked)
        assert status == 200
        assert headers["access-control-allow-origin"] == "https://a.example"
        status, headers, _ = server.ask("/healthz", headers=origin)
        assert headers["access-control-allow-origin"] == "https://a.example"


class Nothing:
    """Stands in for models: none are loaded."""

    loaded = prepared = False

    def load(self):
        pass

    refresh = load
