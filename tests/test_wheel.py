"""What the built wheel holds, and that it is what runs here: installed, and far from the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import dtmfdsl

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the source distribution, as an index would offer both."""
    from hatchling.build import build_sdist, build_wheel

    folder = tmp_path_factory.mktemp("dist")
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.chdir(ROOT)
        archive = build_sdist(str(folder))
        subprocess.run([sys.executable, "-m", "tarfile", "-e", archive, "src"], cwd=folder, check=True)
        patch.chdir(folder / "src" / archive.removesuffix(".tar.gz"))
        return folder / build_wheel(str(folder))


def test_the_tests_run_against_the_installed_wheel() -> None:
    assert ROOT not in Path(dtmfdsl.__file__).parents or "site-packages" in dtmfdsl.__file__


def test_the_wheel_holds_the_product_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    product = {name for name in names if ".dist-info/" not in name}
    (manpage,) = (name for name in product if ".data/" in name)
    assert manpage.endswith(".data/data/share/man/man1/dtmfdsl.1")
    product.remove(manpage)
    assert "dtmfdsl/grammar/dtmf.lark" in product
    assert "dtmfdsl/py.typed" in product
    in_checkout = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "dtmfdsl").rglob("*")
        if path.suffix in (".py", ".typed")
    }
    pages = {f"dtmfdsl/docs/diagnostics/{page.name}" for page in (ROOT / "docs" / "diagnostics").iterdir()}
    assert {name for name in product if not name.startswith("dtmfdsl/grammar/")} == in_checkout | pages
    assert any(name.endswith("/LICENSE") for name in names)


def run(folder: Path, *arguments: str, **options: str) -> str:
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **options},
    ).stdout


def test_the_wheel_runs_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    out = run(
        tmp_path,
        "-m",
        "dtmfdsl",
        "compile",
        "-e",
        "press 1; wait 3.5s; press 59#",
        PYTHONPATH=str(tmp_path / "installed"),
    )
    assert out == "1WWW,59#\n"
    where = run(
        tmp_path, "-c", "import dtmfdsl; print(dtmfdsl.__file__)", PYTHONPATH=str(tmp_path / "installed")
    )
    assert where.strip().startswith(str(tmp_path))


def test_the_wheel_runs_as_a_zip_on_the_path(wheel: Path, tmp_path: Path) -> None:
    out = run(tmp_path, "-c", "import dtmfdsl; print(dtmfdsl.compile('press 1').text)", PYTHONPATH=str(wheel))
    assert out == "1\n"


@pytest.mark.parametrize("place", ["unpacked", "zip", "checkout"])
def test_explain_finds_its_pages(place: str, wheel: Path, tmp_path: Path) -> None:
    if place == "unpacked":
        zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    path = {"unpacked": tmp_path / "installed", "zip": wheel, "checkout": ROOT}[place]
    out = run(tmp_path, "-m", "dtmfdsl", "explain", "recursion", PYTHONPATH=str(path))
    assert out.startswith("recursion: a define that runs itself\n")
    where = run(tmp_path, "-c", "import dtmfdsl; print(dtmfdsl.__file__)", PYTHONPATH=str(path))
    assert where.startswith(str(path))


def test_the_installed_command_is_there() -> None:
    command = Path(sys.executable).with_name("dtmfdsl")
    out = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout
    assert out == f"dtmfdsl {dtmfdsl.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "status", "shown"),
    [
        (["compile", "-e", "press 1"], 0, "1"),
        (["send", "-e", "press 1"], 2, "which is not installed: pip install 'dtmfdsl[send]'"),
        (["completion", "fish"], 0, "-a send"),
    ],
)
def test_without_the_packages_for_sending(arguments: list[str], status: int, shown: str) -> None:
    code = (
        "import sys; sys.modules |= dict.fromkeys(['dotenv', 'requests', 'rich', 'urllib3']);"
        f"from dtmfdsl.cli import main; sys.exit(main({arguments}))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    assert (done.returncode, shown in done.stdout + done.stderr) == (status, True)
    assert "Traceback" not in done.stderr
