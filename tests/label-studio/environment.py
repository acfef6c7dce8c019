"""Where Label Studio is installed for the tests that need the real one."""

import os
import subprocess
import venv

VERSION = "1.23.2"


def environment(folder):
    """The folder of its programs; they are installed from PyPI if they are not there."""
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    if not any(programs.glob("label-studio*")):
        print(f"installing Label Studio {VERSION} into {folder}")
        venv.create(folder, with_pip=True)
        subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", f"label-studio=={VERSION}"], check=True)
    return programs
