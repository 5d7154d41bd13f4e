"""The site of the docs: it can be made, has every page, and its snippets name what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from cogen.web.flags import flag_names
from cogen.web.settings import ServerSettings
from tests.chatapp.harness import ADMIN, Site

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def unit(text: str) -> ConfigParser:
    """A unit of systemd: its keys may come again, and are in capitals."""
    parser = ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    return parser


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def test_it_is_made_without_a_warning(tmp_path):
    """Of pages that no list has, links that lead nowhere, blocks that cannot be read."""
    site = tmp_path / "site"
    # As `make docs` does.
    flags = ["-qEW", "--keep-going", "-n", "-d", str(tmp_path / "doctrees")]
    command = [sys.executable, "-m", "sphinx", *flags, str(DOCS), str(site)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    front = (site / "index.html").read_text()
    for page in DOCS.rglob("*.md"):
        address = page.relative_to(DOCS).with_suffix(".html")
        assert (site / address).exists(), address
        if page.stem != "index":
            assert f'href="{address}"' in front, address


def test_make_docs_is_what_the_test_makes():
    plan = subprocess.run(["make", "-n", "docs"], cwd=ROOT, capture_output=True, text=True)
    assert "sphinx-build -qEW --keep-going -n -d build/doctrees docs build/docs\n" in plan.stdout


@pytest.mark.parametrize(("page", "count"), [("systemd", 1), ("proxy", 1)])
def test_the_units_start_cogen_with_flags_that_there_are(page, count):
    flags = {flag for each in flag_names() for flag in each}
    starts = re.findall(r"^ExecStart=(.+)$", "".join(blocks(f"howto/{page}.md", "ini")), re.M)
    assert len(starts) == count
    for start in starts:
        program, *arguments = start.split()
        assert program == "/srv/chat/.venv/bin/cogen"
        assert {each for each in arguments if each.startswith("--")} <= flags


def test_the_unit_gives_the_server_the_time_that_it_takes_to_end():
    (text,) = blocks("howto/systemd.md", "ini")
    service = unit(text)["Service"]
    assert int(service["TimeoutStopSec"]) > ServerSettings().graceful_timeout
    assert service["Environment"] == f"CHAT_DATA=/var/lib/{service['StateDirectory']}"


def test_the_figures_that_an_alarm_asks_for_are_there():
    text = (DOCS / "howto" / "monitoring.md").read_text()
    answer = Site().curl().get("/metrics", **ADMIN).text
    names = set(re.findall(r"\b(?:chat|cogen|process)_[a-z_]+\b", text)) - {"chat_rules"}
    assert len(names) > 6
    there = set(re.findall(r"^# TYPE (\S+)", answer, re.MULTILINE))
    there |= set(re.findall(r"^(\w+)[ {]", answer, re.MULTILINE))
    assert names <= there
