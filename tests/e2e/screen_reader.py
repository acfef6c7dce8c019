"""What a screen reader finds in the window: the tree that the program gives to AT-SPI, as JSON on standard output.

Run with the bus of the window in the environment: `python3 screen_reader.py NAME`, NAME being that of the program. Needs the
system's Python with Debian's `python3-gi` and `gir1.2-atspi-2.0`.
"""

import json
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

START_S_MAX = 30


def told(node):
    """A part of the window with those in it, as far as they are shown."""
    states = node.get_state_set()
    children = [node.get_child_at_index(index) for index in range(node.get_child_count())]
    return {
        "role": node.get_role_name(),
        "name": node.get_name() or "",
        "description": node.get_description() or "",
        "focused": states.contains(Atspi.StateType.FOCUSED),
        "children": [told(child) for child in children if child is not None],
    }


def program(name):
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        found = desktop.get_child_at_index(index)
        if found is not None and found.get_name() == name:
            return found
    return None


def has_page(node):
    if node.get_role_name() == "document web":
        return node.get_child_count() > 0
    return any(has_page(node.get_child_at_index(index)) for index in range(node.get_child_count()) if node.get_child_at_index(index))


def main():
    Atspi.init()
    end = time.monotonic() + START_S_MAX
    while time.monotonic() < end:
        found = program(sys.argv[1])
        if found is not None and has_page(found):
            print(json.dumps(told(found)))
            return
        time.sleep(0.5)
    names = [Atspi.get_desktop(0).get_child_at_index(index).get_name() for index in range(Atspi.get_desktop(0).get_child_count())]
    raise SystemExit(f"no page of {sys.argv[1]} is there; programs are {names}")


main()
