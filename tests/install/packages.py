"""The packages of a Linux system, as their users meet them: looked into, installed, started, upgraded and removed.

Usage: packages.py NOW LATER. Each is a folder in which `cargo verify` made packages: those of this version, and one of a
later version. What changes the system takes root, and a Debian on which Touchstone is not installed; it is skipped elsewhere.
"""

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "touchstone"
TYPE = "application/x-touchstone-workspace"
ENTRY = "usr/share/applications/Touchstone.desktop"
METAINFO = "usr/share/metainfo/app.touchstone.desktop.metainfo.xml"
ICONS = "usr/share/icons/hicolor"
# What both packages bring; each has its own file about the licence on top of that.
FILES = {
    "usr/bin/touchstone",
    "usr/bin/touchstone-desktop",
    ENTRY,
    METAINFO,
    "usr/share/mime/packages/app.touchstone.desktop.xml",
    f"{ICONS}/scalable/apps/touchstone-desktop.svg",
    f"{ICONS}/scalable/mimetypes/application-x-touchstone-workspace.svg",
    *(f"{ICONS}/{size}x{size}/apps/touchstone-desktop.png" for size in (16, 24, 32, 48, 64, 128, 256, 512)),
}
MEGABYTE = 1_000_000
PATIENCE_S = 60


def run(*command, **more):
    """What a program prints; it must end well."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def one(folder, pattern):
    found = sorted(folder.rglob(pattern))
    assert len(found) == 1, f"one {pattern} below {folder}, found {found}"
    return found[0]


def until(what, condition):
    """The first true answer of `condition`."""
    end = time.monotonic() + PATIENCE_S
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < end, f"waited {PATIENCE_S} s for {what}"
        time.sleep(0.1)


def unpacked(folder):
    """Each file below `folder`, by its path there."""
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if not path.is_dir()}


def deb_unpacked(deb, folder):
    run("dpkg-deb", "--raw-extract", deb, folder)
    scripts = {path.name for path in (folder / "DEBIAN").iterdir()}
    assert scripts == {"control", "md5sums"}, f"nothing of ours runs as root at an installation: {scripts}"
    shutil.rmtree(folder / "DEBIAN")
    return unpacked(folder)


def rpm_unpacked(rpm, folder):
    folder.mkdir()
    # Without its result, which says only that the package does not name the length of what is in it; digests do.
    run("rpm", "--checksig", rpm)
    archive = subprocess.run(["rpm2cpio", rpm], capture_output=True, check=False).stdout
    subprocess.run(["cpio", "--extract", "--make-directories", "--quiet"], input=archive, cwd=folder, check=True)
    return unpacked(folder)


def check_deb(deb, version):
    """The description of a Debian package: what it is, and what it needs."""
    field = lambda name: run("dpkg-deb", "--field", deb, name).strip()
    assert field("Package") == PACKAGE and field("Version") == version
    assert field("Maintainer") and field("Section") == "science"
    assert "(none)" not in field("Description"), field("Description")
    needs = field("Depends")
    for name in ("libc6 (>= ", "libwebkit2gtk-4.1-0 (>= ", "libgtk-3-0 (>= ", "libdbus-1-3 (>= "):
        assert name in needs, f"{name} in {needs}"
    assert "gnome-keyring" in field("Recommends")


def check_rpm(rpm, version):
    query = lambda *what: run("rpm", "--query", "--package", *what, rpm)
    assert query("--queryformat", "%{NAME} %{VERSION} %{LICENSE}") == f"{PACKAGE} {version} Apache-2.0"
    assert query("--scripts").strip() == "", "nothing of ours runs as root at an installation"
    needs = query("--requires").split()
    for name in ("libwebkit2gtk-4.1.so.0()(64bit)", "libgtk-3.so.0()(64bit)", "libdbus-1.so.3()(64bit)"):
        assert name in needs, f"{name} in {needs}"
    assert any(name.startswith("libc.so.6(GLIBC_2.") for name in needs), needs


def check_files(files, own):
    """The file list of a package, each file readable by all, and those alone that are programs executable."""
    assert set(files) == FILES | own, f"differs in {set(files) ^ (FILES | own)}"
    for name, path in files.items():
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o755 if name.startswith("usr/bin/") else 0o644), f"{name} has mode {mode:o}"
    for size in (16, 24, 32, 48, 64, 128, 256, 512):
        picture = files[f"{ICONS}/{size}x{size}/apps/touchstone-desktop.png"].read_bytes()
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(picture[16:20]) == int.from_bytes(picture[20:24]) == size, f"icon of {size} pixels"


def entry_of(path):
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def check_metadata(files, version):
    """What launchers, file managers and software centres read."""
    run("desktop-file-validate", files[ENTRY])
    entry = entry_of(files[ENTRY])
    assert entry["Exec"] == "touchstone-desktop %U", "files and links reach the program"
    assert entry["MimeType"].split(";") == [TYPE, "x-scheme-handler/touchstone", ""]
    assert entry["Icon"] == "touchstone-desktop" and entry["Name"] == "Touchstone"

    print(run("appstreamcli", "validate", "--no-net", "--explain", files[METAINFO]))
    component = ElementTree.parse(files[METAINFO]).getroot()
    assert component.findtext("id") == json.loads((ROOT / "tauri.conf.json").read_text())["identifier"]
    assert component.findtext("launchable") == Path(ENTRY).name
    assert component.findtext("summary") == entry["Comment"], "one description everywhere"
    assert component.find("releases/release").get("version") == version, "the newest release is this one"
    assert component.findtext("provides/mediatype") == TYPE
    for binary in component.findall("provides/binary"):
        assert f"usr/bin/{binary.text}" in files

    types = ElementTree.parse(files["usr/share/mime/packages/app.touchstone.desktop.xml"]).getroot()
    assert [kind.get("type") for kind in types] == [TYPE]


class Desk:
    """A display, a session bus and an empty home, on which the installed program is started as a launcher would."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.started = []
        for name in ("home", "run"):
            (folder / name).mkdir(mode=0o700)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "NO_PROXY": "*",
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }
        screen = ["-screen", "0", "1280x800x24", "-nolisten", "tcp"]
        self.env["DISPLAY"] = ":" + self.spawn(["Xvfb", "-displayfd", "1", *screen])
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self.spawn(["dbus-daemon", "--session", "--nofork", "--print-address=1"])

    def spawn(self, command):
        """Starts something that says on its first line where it is."""
        process = subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.started.append(process)
        return process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        for process in reversed(self.started):
            process.terminate()
            process.wait(timeout=30)

    def programs(self):
        """Processes of the installed program that have our home, by their ids."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                program = os.readlink(process / "exe").removesuffix(" (deleted)")
                if program == "/usr/bin/touchstone-desktop" and f"HOME={self.home}".encode() in (process / "environ").read_bytes():
                    found.append(int(process.name))
            except OSError:
                # It ended meanwhile, or is none of ours.
                continue
        return found

    def open(self, file):
        """Opens `file` with the installed entry, as a file manager does; returns the window's class."""
        # Nothing of it is read: what it starts would keep the pipe open.
        subprocess.run(["gio", "launch", f"/{ENTRY}", file], env=self.env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        [program] = until("the program to run", self.programs)
        arguments = Path(f"/proc/{program}/cmdline").read_bytes().split(b"\0")
        assert Path(file).name.encode() in arguments[1], f"the entry hands the file over: {arguments}"
        return until("a window that shows", self.window_class)

    def window_class(self):
        for line in run("xwininfo", "-root", "-tree", env=self.env).splitlines():
            if '"Touchstone' not in line and "Touchstone\"" not in line:
                continue
            window = line.split()[0]
            if "IsViewable" in run("xwininfo", "-id", window, "-stats", env=self.env):
                words = run("xprop", "-id", window, "WM_CLASS", env=self.env).partition("=")[2]
                if words:
                    return [word.strip().strip('"') for word in words.split(",")]
        return None

    def close(self):
        for program in self.programs():
            os.kill(program, signal.SIGTERM)
        until("the program to end", lambda: not self.programs())


def installed():
    """Version of the installed package, or None."""
    shown = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Version}", PACKAGE],
        capture_output=True, text=True, check=False,
    ).stdout.split()
    return shown[1] if shown[:1] == ["installed"] else None


def apt(*arguments):
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "-o", "DPkg::Lock::Timeout=600", "-q", "-y", "--no-install-recommends", *arguments, env=env)


def leftovers():
    """Files of the system that bear our name, but for what the package manager notes about a package that was there."""
    places = ("/etc", "/opt", "/usr", "/var/lib", "/var/cache")
    tests = ["-xdev", "-iname", "*touchstone*", "-not", "-path", "/var/cache/apt/*"]
    return set(run("find", *places, *tests).splitlines())


def contents(workspace):
    """What a user would miss, as one hash: the file itself may be tidied by SQLite."""
    with sqlite3.connect(f"file:{workspace}?mode=ro", uri=True) as database:
        prompts = database.execute("SELECT * FROM prompt ORDER BY 1").fetchall()
    assert prompts, "the sample is there"
    return hashlib.sha256(repr(prompts).encode()).hexdigest()


def check_life(now, later, version):
    """Installed, started, upgraded, removed."""
    before = leftovers()
    with tempfile.TemporaryDirectory(prefix="touchstone-install-") as folder, Desk(Path(folder)) as desk:
        file = Path(folder) / "mine.touchstone"
        workspace = desk.home / ".local/share/app.touchstone.desktop/workspace.touchstone"
        try:
            apt("install", str(now))
            assert installed() == version
            assert run("touchstone", "--version", env=desk.env).split()[-1] == version
            run("touchstone", "--workspace", file, "demo", env=desk.env)
            renamed = shutil.copy(file, Path(folder) / "renamed")
            for path in (file, renamed):
                kind = run("gio", "info", "--attributes", "standard::content-type", path, env=desk.env)
                assert TYPE in kind, f"a workspace is known by its name and by what it holds: {kind}"
            opener = run("gio", "mime", TYPE, env=desk.env)
            assert Path(ENTRY).name in opener, f"a workspace is opened by Touchstone: {opener}"
            opener = run("gio", "mime", "x-scheme-handler/touchstone", env=desk.env)
            assert Path(ENTRY).name in opener, f"a link is opened by Touchstone: {opener}"

            names = desk.open(file)
            assert entry_of(Path("/") / ENTRY)["StartupWMClass"] in names, f"the window belongs to its entry: {names}"
            until("the workspace to be made", workspace.exists)
            desk.close()
            kept = contents(workspace)

            apt("install", str(later))
            assert installed() == "99.0.0"
            desk.open(file)
            desk.close()
            assert contents(workspace) == kept, "an upgrade leaves the user's data"
        finally:
            if installed():
                apt("purge", PACKAGE)
        left = leftovers() - before
        assert not left, f"removed without leaving {left}"
        assert contents(workspace) == kept, "a removal leaves the user's data"


def main():
    now, later = map(Path, sys.argv[1:])
    deb, rpm, later_deb = one(now, "*.deb"), one(now, "*.rpm"), one(later, "*.deb")
    version = deb.name.split("_")[1]
    check_deb(deb, version)
    check_deb(later_deb, "99.0.0")
    check_rpm(rpm, version)
    with tempfile.TemporaryDirectory(prefix="touchstone-packages-") as folder:
        debian, red_hat = Path(folder) / "deb", Path(folder) / "rpm"
        files = deb_unpacked(deb, debian)
        check_files(files, {"usr/share/doc/touchstone/copyright"})
        check_metadata(files, version)
        others = rpm_unpacked(rpm, red_hat)
        check_files(others, {"usr/share/licenses/touchstone/LICENSE"})
        # The desktop program knows how it was packed; all else is the same.
        for name in FILES - {"usr/bin/touchstone-desktop"}:
            assert files[name].read_bytes() == others[name].read_bytes(), f"{name} is the same in both packages"
        sizes = {name: path.stat().st_size for name, path in files.items()}
    for name in ("usr/bin/touchstone-desktop", "usr/bin/touchstone"):
        print(f"{name}: {sizes[name] / MEGABYTE:.1f} MB")
    print(f"installed: {sum(sizes.values()) / MEGABYTE:.1f} MB; "
          f"to download: {deb.stat().st_size / MEGABYTE:.1f} MB (.deb), {rpm.stat().st_size / MEGABYTE:.1f} MB (.rpm)")

    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print("skipped: installing, starting, upgrading and removing the package takes root on Debian or Ubuntu")
    elif installed():
        print(f"skipped: Touchstone {installed()} is installed here, and is not this test's to remove")
    else:
        check_life(deb, later_deb, version)
        print("installed, started, upgraded and removed")


if __name__ == "__main__":
    main()
