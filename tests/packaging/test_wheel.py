"""An installed wheel carries its queries, migrations, lock, page and demonstration data."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_built_from_the_sdist_is_complete(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    for folder, inside in (("cypher", "engine/_cypher"), ("migrations", "engine/_migrations")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert (unpacked / inside / path.relative_to(ROOT / folder)).is_file()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from engine import resources\n"
            "from engine.store.statements import catalogue\n"
            "assert resources.cypher_dir().name == '_cypher'\n"
            "assert resources.migrations_dir().name == '_migrations'\n"
            "from engine.usecases.demonstration_data import DemoData\n"
            "assert DemoData(resources.demo_dir()).events['user'].n_unique() == 300\n"
            "assert (resources.page_dir() / 'index.html').is_file()\n"
            "assert (resources.page_dir() / 'main.js').is_file()\n"
            "assert (resources.page_dir() / 'style.css').is_file()\n"
            "assert (resources.templates_dir() / 'comparison.html.jinja').is_file()\n"
            "assert len(catalogue()) > 10",
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
