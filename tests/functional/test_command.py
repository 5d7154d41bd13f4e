"""The ``cogen`` command, as its user knows it."""

import contextlib
import json
import signal
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.functional.command import APPLICATION, Command, clean, run
from tests.functional.servers import write_certificate

INI = """
[app:main]
paste.app_factory = site_here:make

[server:main]
use = {use}
host = 127.0.0.1
port = {port}
{more}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site_here.py").write_text(
        APPLICATION + "\ndef make(global_conf=None, **settings): return application\n"
    )
    return tmp_path


def test_an_application_is_served_until_a_signal(folder):
    with Command(folder, "site_here") as command:
        command.listen()
        assert command.ask() == f"{command.process.pid} one False"
        command.process.send_signal(signal.SIGTERM)
        assert command.process.wait(20) == 0
        assert f"cogen listens on http://127.0.0.1:{command.port}" in command.log
        assert "Traceback" not in command.log


def test_python_m_cogen_and_another_folder(folder):
    line = [sys.executable, "-m", "cogen", "--chdir", str(folder), "site_here:make()"]
    done = subprocess.run(
        [*line, "--check-config"], env=clean({}), capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "OK\n", "")


def test_the_version(folder):
    code, out, _ = run(folder, "--version")
    assert code == 0
    assert out.startswith("cogen ")


@pytest.mark.parametrize("use", ["egg:ChatApp#cogen", "egg:Paste#http"])
def test_an_ini_file(folder, use):
    (folder / "some.ini").write_text(INI.format(use=use, port=1, more=""))
    with Command(folder, "--paste", "some.ini") as command:
        command.listen()
        assert command.ask().endswith("one False")


def test_check_config_says_ok_and_listens_on_nothing(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (folder / "a.ini").write_text(INI.format(use="egg:ChatApp#cogen", port=port, more=""))
        assert run(folder, "--check-config", "--paste", "a.ini") == (0, "OK\n", "")
        bind = f"127.0.0.1:{port}"
        assert run(folder, "--check-config", "site_here", "--bind", bind) == (0, "OK\n", "")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["site_here:nothing"], 1, "site_here has no nothing"),
        (["nowhere:app"], 1, "there is no module nowhere"),
        (["site_here", "--port", "http"], 2, "--port = 'http'"),
        (["site_here", "--workers", "0"], 2, "--workers = '0'"),
        (["site_here", "--certfile", "/nowhere"], 2, "certfile: cannot read '/nowhere'"),
        (["site_here", "--keyfile", "/nowhere"], 2, "keyfile is nothing without a certfile"),
        (["site_here", "--forwarded-allow-ips", "me"], 2, "forwarded_allow_ips: 'me'"),
        (["site_here", "--access-log-format", "xml"], 2, "--access-log-format = 'xml'"),
        (["site_here", "--chdir", "/nowhere"], 2, "--chdir: cannot go to '/nowhere'"),
        (["site_here", "--reload", "--workers", "2"], 2, "--reload watches one process"),
        (["--paste", "nowhere.ini"], 2, "--paste: cannot read 'nowhere.ini'"),
        (["--paste", "bad.ini"], 2, "unknown setting 'prot' (did you mean 'port'?)"),
        (["--paste", "broken.ini"], 2, "--paste: broken.ini: "),
        (["--paste", "noapp.ini"], 1, "the application cannot be loaded"),
    ],
)
def test_what_is_wrong_is_said(folder, arguments, code, says):
    text = INI.format(use="egg:ChatApp#cogen", port=0, more="prot = 80")
    (folder / "bad.ini").write_text(text)
    (folder / "broken.ini").write_text("[server:main\n")
    (folder / "noapp.ini").write_text("[server:main]\nuse = egg:ChatApp#cogen\n")
    found, out, err = run(folder, "--check-config", *arguments)
    assert (found, out) == (code, "")
    assert err.splitlines()[-1].startswith("cogen: ")
    assert says in err.splitlines()[-1]
    if "noapp.ini" not in arguments:
        assert err.count("\n") == 1, err


def test_what_the_application_raises_is_shown_whole(folder):
    (folder / "site_here.py").write_text("import nothing_of_this_name\n")
    code, _, err = run(folder, "site_here")
    assert code == 1
    assert "Traceback" in err
    assert 'site_here.py", line 1' in err
    assert "No module named 'nothing_of_this_name'" in err


def test_an_address_that_is_taken(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        for workers in "12":
            found = run(folder, "site_here", "--bind", bind, "--workers", workers)
            assert found == (1, "", f"cogen: cannot listen on {bind}: Address already in use\n")


def test_a_log_that_cannot_be_written(folder):
    found = run(folder, "site_here", "--bind", "127.0.0.1:0", "--access-logfile", "/nowhere/log")
    assert found[0] != 0
    last = found[2].splitlines()[-1]
    assert last == "cogen: access_log: cannot write '/nowhere/log': No such file or directory"


def test_print_config_shows_what_would_be(folder):
    (folder / "password").write_text("secret words")
    code, out, _ = run(
        folder,
        "--print-config",
        "--keep-alive",
        "3",
        HOST="::1",
        WEB_CONCURRENCY="5",
        COGEN_KEYFILE_PASSWORD_FILE=str(folder / "password"),
    )
    assert code == 0
    lines = out.splitlines()
    assert lines[:2] == ["[server:main]", "use = egg:ChatApp#cogen"]
    assert {"host = ::1", "keep_alive = 3.0", "workers = 5", "debug = false"} <= set(lines)
    assert "keyfile_password = (set)" in lines
    assert "secret" not in out


def test_web_concurrency_counts_least_and_not_with_reload(folder):
    def workers(*flags, **environment):
        out = run(folder, "--print-config", *flags, **environment)[1]
        return next(line for line in out.splitlines() if line.startswith("workers"))

    text = INI.format(use="egg:ChatApp#cogen", port=0, more="workers = 1")
    (folder / "one.ini").write_text(text)
    assert workers(WEB_CONCURRENCY="4") == "workers = 4"
    assert workers("-w", "2", WEB_CONCURRENCY="4") == "workers = 2"
    assert workers("--paste", "one.ini", WEB_CONCURRENCY="4") == "workers = 1"
    assert workers("--reload", WEB_CONCURRENCY="4") == "workers = 1"
    code, _, err = run(folder, "--print-config", WEB_CONCURRENCY="many")
    assert (code, err) == (2, "cogen: WEB_CONCURRENCY is a number of processes, not 'many'\n")


def test_the_log_level(folder):
    with Command(folder, "site_here", "--log-level", "warning") as command:
        command.listen()
        command.process.terminate()
        assert command.process.wait(20) == 0
        assert command.log == ""
    code, _, err = run(folder, "site_here", LOG_LEVEL="loud")
    assert code == 2
    assert err.startswith("cogen: LOG_LEVEL is one of debug, info")


def test_lines_of_json_on_standard_output(folder):
    arguments = ["site_here", "--access-logfile", "-", "--access-logformat", "json"]
    with Command(folder, *arguments, "--log-level", "warning") as command:
        command.listen()
        command.ask("/somewhere?token=hidden")
        command.process.terminate()
        assert command.process.wait(20) == 0
        last = json.loads(command.log.splitlines()[-1])
        assert (last["path"], last["status"], last["remote"]) == ("/somewhere", 200, "127.0.0.1")


def test_a_renewed_certificate_is_loaded_by_sighup(folder):
    settings = write_certificate(folder)
    flags = ["--certfile", settings["certfile"], "--keyfile", settings["keyfile"]]
    with Command(folder, "site_here", *flags) as command:
        command.until(lambda: b"localhost" in served_certificate(command.port))
        write_certificate(folder, "renewed.example")
        command.process.send_signal(signal.SIGHUP)
        command.until(lambda: b"renewed.example" in served_certificate(command.port))
        (folder / "key.pem").write_text("nothing")
        command.process.send_signal(signal.SIGHUP)
        command.until(lambda: "the certificate stays as it was" in command.log)
        assert b"renewed.example" in served_certificate(command.port)


def served_certificate(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    sock = socket.create_connection(("127.0.0.1", port), 10)
    with sock, context.wrap_socket(sock) as secured:
        return secured.getpeercert(binary_form=True)


def test_under_reload_a_request_is_still_answered_at_the_end(folder):
    with Command(folder, "site_here", "--reload") as command, ThreadPoolExecutor(1) as somebody:
        command.listen()
        asked = somebody.submit(command.ask, "/busy")
        command.until(lambda: "busy" in command.log)
        command.process.terminate()
        assert asked.result(20) == "done"
        assert command.process.wait(20) == 0


def test_reload_serves_the_changed_module(folder):
    with Command(folder, "site_here", "--reload") as command:
        command.listen()
        source = (folder / "site_here.py").read_text()
        for number in range(6):  # a change before the watcher's first look is no change to it
            (folder / "site_here.py").write_text(source.replace('"one"', '"two"') + "#" * number)
            with contextlib.suppress(AssertionError):
                command.until(lambda: " two " in command.ask(), seconds=5)
                break
        assert " two " in command.ask()
        command.process.terminate()
        assert command.process.wait(20) == 0
