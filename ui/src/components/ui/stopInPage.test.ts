import { expect, it } from "vitest";
import { stopInPage } from "./stopInPage";

it("begins anew where the last stop is gone", () => {
  document.body.innerHTML = '<div id="root"><main id="main" tabindex="-1"></main><button>Delete</button></div>';
  const button = document.querySelector("button");
  button?.focus();
  expect(stopInPage.last()).toBe(button);
  button?.remove();
  expect(stopInPage.last()?.id).toBe("main");
});
