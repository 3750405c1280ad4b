"""Dockerfile and compose file are kept honest: what they name is there, and nothing is loose."""

from __future__ import annotations

import fnmatch
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from pipeline.cli import app
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
_INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}
_PINNED = re.compile(r"[a-z0-9./-]+:\d+\.\d+(\.\d+)?[-.a-z0-9]*")
# Of the Compose specification, what we use.
_SERVICE = {
    *("build", "image", "init", "read_only", "tmpfs", "cap_drop", "security_opt", "restart"),
    *("entrypoint", "command", "networks", "healthcheck", "mem_limit", "volumes", "depends_on"),
    *("ports", "environment", "profiles", "network_mode"),
}  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile, an instruction at a time."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    found = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in found]


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8")))


SERVICES: dict[str, dict[str, Any]] = compose()["services"]


def test_instructions_are_known_and_bases_are_pinned() -> None:
    assert {name for name, _ in instructions()} <= _INSTRUCTIONS
    bases = {rest.split()[0] for name, rest in instructions() if name == "FROM"}
    assert len(bases) == 1  # what is built runs where it was built
    (base,) = bases
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-bookworm", base)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert base.startswith(f"python:{project['project']['requires-python'].removeprefix('>=')}.")


def test_it_does_not_run_as_root() -> None:
    names = [name for name, _ in instructions()]
    (user,) = [rest for name, rest in instructions() if name == "USER"]
    assert user not in ("root", "0")
    assert names.index("USER") < names.index("ENTRYPOINT")
    made = " ".join(rest for name, rest in instructions() if name == "RUN")
    assert re.search(rf"useradd [^&]*--uid 10001 {user}\b", made)


def test_what_is_copied_is_there_and_is_not_ignored() -> None:
    kept = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    ]
    for name, rest in instructions():
        if name != "COPY" or "--from=" in rest:
            continue
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert any(fnmatch.fnmatch(source, pattern) for pattern in kept), source


def test_packages_come_without_what_is_not_needed() -> None:
    for name, rest in instructions():
        if name == "RUN" and "apt-get install" in rest:
            assert "--no-install-recommends" in rest
            assert "apt-get update" in rest
            assert "rm -rf /var/lib/apt/lists/*" in rest
        if name == "RUN" and "pip install" in rest:
            assert "--no-cache-dir" in rest
            assert "--constraint requirements.lock" in rest
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    extras = re.search(r'"\.\[([a-z0-9,]+)\]"', text)
    assert extras
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(extras[1].split(",")) <= set(project["optional-dependencies"])


def test_commands_of_the_image_exist() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for words in re.findall(r"bin/kehoach ([^;|&]+)", text):
        check_kehoach(shlex.split(words.replace('"$kind"', "no_marks")))
    assert dict(instructions())["ENTRYPOINT"] == '["kehoach"]'


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_sane(name: str) -> None:
    service = SERVICES[name]
    assert set(service) <= _SERVICE
    assert _PINNED.fullmatch(service["image"])
    assert not service.get("privileged")
    for other, how in service.get("depends_on", {}).items():
        assert "healthcheck" in SERVICES[other]
        assert how == {"condition": "service_healthy"}
    for network in service.get("networks", []):
        assert network in compose()["networks"]
    for volume in service.get("volumes", []):
        source = re.sub(r"\$\{[^}]*\}", "./", volume).split(":")[0]
        assert source.startswith((".", "/")) or source in compose()["volumes"]
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:")  # nothing is open to the network
    if service.get("build"):
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_is_told_exists(name: str) -> None:
    service = SERVICES[name]
    for variable in service.get("environment", {}):
        if variable.startswith("KEHOACH_"):
            assert variable.removeprefix("KEHOACH_").lower() in Settings.model_fields
    command = [str(word) for word in service.get("command", [])]
    if service.get("entrypoint") == ["dask"]:
        check_dask(command)
    elif service.get("build"):
        check_kehoach(command)


def test_the_program_and_the_image_have_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for service in SERVICES.values():
        if service.get("build"):
            assert service["image"] == f"kehoach:{project['version']}"


def test_no_password_stands_in_the_file() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if "PASSWORD:" in line or "postgresql://" in line:
            assert "${KEHOACH_DB_PASSWORD" in line


def check_kehoach(words: list[str]) -> None:
    """The command line is one that the program takes."""
    group: Any = get_command(app)
    command = group.commands[words[0]]
    command.make_context(words[0], list(words[1:]))


def check_dask(words: list[str]) -> None:
    """The command line is one that Dask takes."""
    pytest.importorskip("distributed", reason="kehoach[dask] is not installed")
    from distributed.cli import dask_scheduler, dask_worker

    kinds = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}
    kinds[words[0]].make_context(words[0], list(words[1:]))
