import { beforeEach, expect, it, vi } from "vitest";
import { connect } from "@/ipc/client";
import { createFake } from "@/ipc/fake";

const root = document.documentElement;

/** The window as it starts with what was kept. */
async function start(kept?: unknown) {
  if (kept !== undefined) localStorage.setItem("appearance", JSON.stringify(kept));
  vi.resetModules();
  const client = await import("@/ipc/client");
  client.connect(createFake());
  const appearance = await import("./appearance");
  appearance.applyAppearance();
  return appearance;
}

beforeEach(() => {
  localStorage.clear();
  for (const name of Object.keys(root.dataset)) delete root.dataset[name];
  connect(createFake());
});

it("goes by steps between half and twice the size, and keeps what was chosen", async () => {
  const { zoomBy, changeAppearance } = await start();
  expect(root.dataset.zoom, "as made, the window is left alone").toBeUndefined();
  zoomBy(1);
  expect(root.dataset.zoom).toBe("1.1");
  changeAppearance({ zoom: 200 });
  zoomBy(1);
  expect(root.dataset.zoom, "the largest stays").toBe("2");
  for (let step = 0; step < 20; step += 1) zoomBy(-1);
  expect(root.dataset.zoom).toBe("0.5");
  delete root.dataset.zoom;
  await start();
  expect(root.dataset.zoom).toBe("0.5");
});

it("tells the style sheets of more contrast and of reduced motion, until they are taken back", async () => {
  const { changeAppearance } = await start();
  changeAppearance({ contrast: "more", motion: "reduced" });
  expect([root.dataset.contrast, root.dataset.motion]).toEqual(["more", "reduced"]);
  changeAppearance({ contrast: "system", motion: "system" });
  expect([root.dataset.contrast, root.dataset.motion]).toEqual([undefined, undefined]);
});

it("starts as made where what was kept is none of what can be chosen", async () => {
  await start({ zoom: 1000, contrast: 3, motion: null });
  expect([root.dataset.zoom, root.dataset.contrast, root.dataset.motion]).toEqual([undefined, undefined, undefined]);
});
