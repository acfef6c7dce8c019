"""What a release is made by, without making one: the workflows, the Flatpak manifest, and the lists of what is inside.

Usage: release.py FOLDER TOOLS. FOLDER holds what `cargo sbom` wrote; what validates it is installed from PyPI into TOOLS if
it is not there. That the workflows are well formed is checked by actionlint, before this.
"""

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
VALIDATOR = "cyclonedx-python-lib[json-validation]==11.12.0"
YAML = "PyYAML==6.0.3"


def environment(folder):
    """The Python that has both libraries."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = folder / f"{VALIDATOR} {YAML}"
    if not stamp.exists():
        print(f"installing {VALIDATOR} and {YAML} into {folder}")
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", VALIDATOR, YAML], check=True)
        stamp.touch()
    return python


def check_workflows():
    """What is run is what was looked at, and what runs may read the repository alone."""
    import yaml

    paths = sorted((ROOT / ".github/workflows").glob("*.yml"))
    assert [path.name for path in paths] == ["release.yml", "verify.yml"]
    for path in paths:
        text = path.read_text()
        workflow = yaml.safe_load(text)
        assert workflow["permissions"] == {"contents": "read"}, f"{path.name} may read, unless a job says more"
        for job in (job for job, content in workflow["jobs"].items() if "permissions" in content):
            assert (path.name, job) == ("release.yml", "draft"), f"{job} of {path.name} may do more than read"
        actions = re.findall(r"uses: (.*)", text)
        assert actions, path.name
        for action in actions:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v[0-9.]+", action), f"{action} is named by its commit"
        assert "://" not in text, f"{path.name} names a host"
        assert not re.search(r"\$\{\{ *(github\.event|inputs)", text), "what strangers write is no part of a script"


def check_flatpak():
    """The manifest is about this program, and asks for no more than the design says."""
    import yaml

    config = json.loads((ROOT / "tauri.conf.json").read_text())
    identifier = config["identifier"]
    manifest = yaml.safe_load((ROOT / f"src-tauri/packaging/flatpak/{identifier}.yml").read_text())
    assert manifest["id"] == identifier
    assert manifest["command"] == "touchstone-desktop"
    assert sorted(manifest["finish-args"]) == [
        "--device=dri",
        "--share=ipc",
        "--share=network",
        "--socket=fallback-x11",
        "--socket=wayland",
        "--talk-name=org.freedesktop.secrets",
    ], "no files but those that are chosen in a dialog or given"
    [module] = manifest["modules"]
    version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE).group(1)
    names = {source["dest-filename"]: Path(source["path"]).name for source in module["sources"]}
    assert names == {"touchstone.deb": f"{config['productName']}_{version}_amd64.deb"}, "it packs this version"
    script = "\n".join(module["build-commands"])
    for name in (f"{identifier}.desktop", f"{identifier}.metainfo.xml", f"{identifier}.xml", f"{identifier}.svg"):
        assert name in script, f"{name}: what is exported is named as the program"


def check_bills(folder):
    """Each list is valid CycloneDX, whole, and hangs together."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    wanted = {
        "touchstone-crates.cdx.json": ["pkg:cargo/tauri@", "pkg:cargo/rusqlite@", "pkg:cargo/touchstone-engine@"],
        "touchstone-npm.cdx.json": ["pkg:npm/react@", "pkg:npm/%40tanstack/react-query@", "pkg:npm/%40visx/scale@"],
    }
    for name, urls in wanted.items():
        text = (folder / name).read_text()
        problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
        assert problem is None, f"{name}: {problem}"
        bill = json.loads(text)
        found = [component["bom-ref"] for component in bill["components"]]
        assert len(found) == len(set(found)), f"{name} names each once"
        for url in urls:
            assert any(ref.startswith(url) for ref in found), f"{url} in {name}"
        lines = {line["ref"]: line["dependsOn"] for line in bill["dependencies"]}
        reached, open_ = set(), ["touchstone"]
        while open_:
            ref = open_.pop()
            if ref not in reached:
                reached.add(ref)
                open_ += lines[ref]
        # What of a circle nothing else needs would not be.
        assert reached - {"touchstone"} == set(found), f"{name}: {set(found) ^ reached}"
        for component in bill["components"]:
            assert component["licenses"], component
            assert component.get("hashes") or component["name"].startswith("touchstone-"), component
    for tool in ("pkg:cargo/xtask@", "pkg:cargo/proptest@", "pkg:npm/vite@", "pkg:npm/typescript@"):
        assert not any(tool in (folder / name).read_text() for name in wanted), f"{tool} is in no program"


def main():
    folder, tools = map(Path, sys.argv[1:3])
    python = environment(tools)
    if Path(sys.executable).parent != python.parent:
        sys.exit(subprocess.run([python, __file__, folder, tools], check=False).returncode)
    check_workflows()
    check_flatpak()
    check_bills(folder)
    print("workflows, Flatpak manifest and bills of materials are sound")


if __name__ == "__main__":
    main()
