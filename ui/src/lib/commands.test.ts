import { describe, expect, it } from "vitest";
import { accelerator, type CommandId, commandTable, keyCaps, keysOf, matches, menus, programMenu } from "./commands";

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "shiftKey" | "altKey", boolean>> = {},
  code = "",
) => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe("a combination", () => {
  it("means Ctrl on Windows and Linux and Command on macOS", () => {
    expect(matches(press("k", { ctrlKey: true }), "Mod+k", false)).toBe(true);
    expect(matches(press("k", { metaKey: true }), "Mod+k", true)).toBe(true);
    expect(matches(press("k", { ctrlKey: true }), "Mod+k", true)).toBe(false);
  });

  it("needs exactly its modifiers", () => {
    expect(matches(press("Enter", { ctrlKey: true, shiftKey: true }), "Mod+Enter", false)).toBe(false);
    expect(matches(press("M", { ctrlKey: true, shiftKey: true }), "Mod+Shift+m", false)).toBe(true);
  });

  it("finds a symbol wherever the keyboard has it", () => {
    expect(matches(press("?", { shiftKey: true }), "?", false), "US layout").toBe(true);
    expect(matches(press("+", { ctrlKey: true }), "Mod+Plus", false), "German layout").toBe(true);
    expect(matches(press("+", { ctrlKey: true, shiftKey: true }), "Mod+Plus", false), "US layout").toBe(true);
    expect(matches(press("{", { ctrlKey: true, shiftKey: true }, "BracketLeft"), "Mod+Shift+[", false)).toBe(true);
  });

  it("is shown as the system prints it", () => {
    expect(keyCaps("Mod+Shift+m", true)).toEqual(["⇧", "⌘", "M"]);
    expect(keyCaps("Mod+Shift+m", false)).toEqual(["Ctrl", "Shift", "M"]);
    expect(keyCaps("Mod+Plus", true)).toEqual(["⌘", "+"]);
  });
});

describe("the menus", () => {
  const listed = [programMenu, ...menus].flatMap(({ groups }) => groups.flat());

  it("name each command once", () => {
    expect(listed).toEqual([...new Set(listed)]);
  });

  it("hold everything that works on every screen", () => {
    const everywhere = (Object.keys(commandTable) as CommandId[]).filter(
      (id) => commandTable[id].group !== "This screen",
    );
    expect(everywhere.filter((id) => !listed.includes(id))).toEqual(["app.menu", "app.notice"]);
  });

  it("show keys as the system's menu writes them, and none that are typed into text", () => {
    expect(accelerator("go.keys", true)).toBe("CmdOrCtrl+Shift+M");
    expect(accelerator("app.zoom-in", true)).toBe("CmdOrCtrl+Plus");
    expect(accelerator("app.fullscreen", true)).toBe("Control+CmdOrCtrl+F");
    expect(accelerator("app.shortcuts", true)).toBeNull();
    expect(accelerator("go.spaces", true)).toBeNull();
    for (const id of listed) {
      const keys = accelerator(id, true);
      if (keys !== null) expect(keysOf(id).length, id).toBeGreaterThan(0);
    }
  });
});

describe("the table of commands", () => {
  // Ctrl+Enter confirms a dialog, under which the command of the page rests; of several screens one is there at a time.
  const shared = new Set<CommandId>([
    "form.submit",
    "label.submit",
    "config.save",
    "mark.remove",
    "review.correct",
    "review.undo",
  ]);

  it.each(["mac", "other"] as const)("gives no combination to two commands (%s)", (system) => {
    const owners = new Map<string, CommandId>();
    for (const id of Object.keys(commandTable) as CommandId[]) {
      if (shared.has(id)) continue;
      for (const keys of commandTable[id].keys[system]) {
        expect(owners.get(keys), `${keys} of ${id}`).toBeUndefined();
        owners.set(keys, id);
      }
    }
  });
});
