"""Tries an installed wbtui as a stranger does: run it by the Python that it is installed for.

It is started as a script, away from the source, and ends with an error if anything of the package is missing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from importlib import metadata, resources
from pathlib import Path

CONFIG = """\
default_profile = "acme"
[profiles.acme.beebox]
url = "{url}"
project = "{project}"
login = "{login}"
"""


def run(*words: str, **env: str) -> str:
    """Return what `python -m wbtui` prints; raises `CalledProcessError` unless it ends well."""
    command = [sys.executable, "-m", "wbtui", *words]
    return subprocess.run(command, env=os.environ | env, check=True, capture_output=True, text=True).stdout


def read_a_service(folder: Path) -> int:
    """Serve the simulated Wordbee, read its Beebox once, and return the number of its records."""
    command = [sys.executable, "-m", "wbtui", "demo", "--serve", "--files", "3", "--locales", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        beebox = json.loads(served.stdout.readline())["beebox"]
        config = folder / "config.toml"
        config.write_text(CONFIG.format(**beebox))
        told = run("status", "--json", WBTUI_CONFIG=str(config), WBTUI_BEEBOX_PASSWORD=beebox["password"])
        served.terminate()
    return len(json.loads(told)["beebox"])


def main() -> None:
    """Try the version, the entry point, the files beside the code, and one reading over HTTP."""
    version = metadata.version("wbtui")
    assert version in run("--version"), "the installed version is not the one it tells"
    script = Path(sys.executable).with_name("wbtui")
    subprocess.run([script, "--help"], check=True, stdout=subprocess.DEVNULL)
    for kept in ("py.typed", "tui/wbtui.tcss"):
        assert resources.files("wbtui").joinpath(kept).is_file(), f"{kept} is missing"
    with tempfile.TemporaryDirectory() as folder:
        records = read_a_service(Path(folder))
    assert records == 6, f"{records} records instead of 6"
    sys.stdout.write(f"wbtui {version} works, installed in {Path(sys.executable).parents[1]}\n")


if __name__ == "__main__":
    main()
