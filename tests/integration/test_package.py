"""The package: a wheel that needs no checkout, no Node and no make.

It is installed alone into an empty environment. Libraries are lent to it by the environment that the tests
run in, so that nothing is downloaded; that it names them all is a test of its own.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.request import urlopen
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from chatapp import __version__
from chatapp.client import ChatClient
from chatapp.settings import VARIABLES
from cluster.databases import free_port
from tests.clusters import is_ready
from tests.running import ROOT, START_SECONDS, until

pytestmark = pytest.mark.slow

HELLO, ANSWER = "Hello from a client", "Hello from a terminal"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    here = [f"BIN={Path(sys.executable).parent}", f"PACKAGES={folder}"]
    subprocess.run(["make", "--silent", "--old-file=setup", *here, "wheel"], cwd=ROOT, check=True, timeout=60)
    [built] = folder.iterdir()
    return built


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel in it, and the folder where somebody runs the chat."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": str(self.programs), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}

    def chat(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return self.run(str(self.programs / "chat"), *arguments, typed=typed)

    def run(self, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=typed,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    libraries = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    lent = [path for path in sys.path if path.endswith("site-packages")]
    Path(libraries, "lent.pth").write_text("\n".join(lent))
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--disable-pip-version-check", str(wheel)], check=True, timeout=60)
    return Installed(home / "bin", tmp_path_factory.mktemp("folder"), free_port())


@pytest.fixture(scope="module")
def running(installed: Installed) -> Iterator[subprocess.Popen[bytes]]:
    """``chat run`` in a folder where nothing is but files that have the names of libraries."""
    for name in ("flask.py", "celery.py"):
        (installed.folder / name).write_text("raise ImportError('this is no library')")
    with (
        (installed.folder / "log").open("wb") as log,
        subprocess.Popen(
            [installed.programs / "chat", "run"],
            cwd=installed.folder,
            env=installed.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            until(lambda: process.poll() is not None or is_ready(installed.url), START_SECONDS)
            yield process
        finally:
            process.terminate()
            process.wait(20)
            sys.stderr.write((installed.folder / "log").read_text())


def test_the_wheel_names_every_library_that_its_code_imports(wheel: Path) -> None:
    [about] = metadata.distributions(path=[str(wheel)])
    required = [wanted for wanted in map(Requirement, about.requires or []) if wanted.marker is None]
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    brought = {library for wanted in required for library in with_its_own(wanted)}
    makers = metadata.packages_distributions()

    imported = {name for path in (ROOT / "chatapp").rglob("*.py") for name in imports_of(path)}

    assert about.version == __version__
    assert {lowered(wanted) for wanted in required} == {lowered(Requirement(line)) for line in declared}
    strangers = imported - {*sys.stdlib_module_names, "chatapp"}
    assert [name for name in strangers if not brought & set(map(canonicalize_name, makers[name]))] == []


def lowered(wanted: Requirement) -> str:
    return str(wanted).lower()


def with_its_own(wanted: Requirement) -> Iterator[str]:
    """A library, and all that it brings with it."""
    yield canonicalize_name(wanted.name)
    extras = ["", *wanted.extras]
    for line in metadata.requires(wanted.name) or []:
        further = Requirement(line)
        if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras):
            yield from with_its_own(further)


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_the_wheel_holds_all_that_the_chat_is_made_of_and_nothing_else(wheel: Path) -> None:
    ours = {
        f"{place}/{path.relative_to(folder).as_posix()}"
        for place, folder in {
            "chatapp": ROOT / "chatapp",
            "chatapp/templates": ROOT / "templates",
            "chatapp/static": ROOT / "static",
        }.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    held = {name for name in ZipFile(wheel).namelist() if not name.startswith("chatapp-")}

    assert held == ours
    assert "chatapp/static/dist/manifest.json" in held, "what `make setup` makes"
    assert any(name.startswith("chatapp/store/migrations/versions/") for name in held)


def test_nothing_is_taken_from_the_checkout(installed: Installed) -> None:
    code = "from chatapp import places; print(places.__file__, places.TEMPLATES, places.STATIC, sep='\\n')"
    found = installed.run(str(installed.programs / "python"), "-c", code).stdout.splitlines()

    assert len(found) == 3
    assert all(Path(place).is_relative_to(installed.programs.parent) for place in found)


def test_a_node_lists_its_settings(installed: Installed) -> None:
    """The help of the others needs no process of their own: tests/unit/test_cli.py."""
    helped = installed.chat("node", "--help")

    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.startswith("usage: chat node ")
    assert all(f"  {variable.name} " in helped.stdout for variable in VARIABLES)


def test_chat_run_opens_pages_and_carries_messages(
    installed: Installed, running: subprocess.Popen[bytes]
) -> None:
    page = fetch(f"{installed.url}/chat/lobby").decode()
    files = set(re.findall(r"""["'](/static/[^"'?]+\.(?:js|css|svg|png|webmanifest))["']""", page))
    assert files
    assert all(fetch(installed.url + file) for file in files)

    heard: list[str] = []
    with ChatClient(installed.url, name="Ana") as ana:
        ana.on_event = lambda event: heard.append(event["body"]["content"])
        ana.join("lobby")
        ana.wait_sent("lobby", ana.send("lobby", HELLO))
        room = f"{installed.url}/chat/lobby"
        terminal = installed.chat("terminal", room, "--name", "Bo", typed=f"{ANSWER}\n")
        until(lambda: ANSWER in heard)

    assert terminal.returncode == 0, terminal.stderr
    assert f" Ana: {HELLO}\n" in terminal.stdout


def test_its_worker_works_and_its_data_can_be_saved(
    installed: Installed, running: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    log, copy = installed.folder / "log", tmp_path / "copy"
    until(lambda: "cleanup" in log.read_text().rpartition("worker | started")[2], START_SECONDS)

    saved = installed.chat("backup", str(copy))
    refused = installed.chat("restore", str(copy))
    running.terminate()

    assert running.wait(20) == 0
    assert "HOST=0.0.0.0 chat run" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert (installed.folder / "instance" / "chat.db").exists()
    assert (saved.returncode, saved.stderr) == (0, "")
    assert HELLO.encode() in copy.read_bytes()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "A web node is running on this database: stop every node first.\n"


def fetch(url: str) -> bytes:
    with urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
    return body
