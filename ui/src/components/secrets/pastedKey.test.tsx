import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { pastedKey } from "./pastedKey";
import { SecretInput } from "./SecretInput";

it.each([
  ["sk-proj-1", "sk-proj-1"],
  ["  sk-proj-1\n", "sk-proj-1"],
  ["“sk-proj-1”,", "sk-proj-1"],
  ["„sk-proj-1“", "sk-proj-1"],
  ["'sk-proj-1';", "sk-proj-1"],
  ["sk-proj-\n  1", "sk-proj-1"],
  ["Bearer sk-proj-1", "sk-proj-1"],
  ["Authorization: bearer sk-proj-1", "sk-proj-1"],
  ['"Bearer sk-proj-1"', "sk-proj-1"],
  ["Authorization: Token 3f9c1a", "3f9c1a"],
  ["OPENAI_API_KEY=sk-proj-1", "sk-proj-1"],
  ['export OPENAI_API_KEY = "sk-proj-1"', "sk-proj-1"],
  ['api_key: "sk-proj-1"', "sk-proj-1"],
  ['"apiKey":"sk-proj-1",', "sk-proj-1"],
  ["- token: 'sk-proj-1'", "sk-proj-1"],
  ['{"x-api-key": "sk-proj-1"}', "sk-proj-1"],
  ['$env:OPENAI_API_KEY = "sk-proj-1"', "sk-proj-1"],
  ["key:secret", "key:secret"],
  ["c2VjcmV0MDE=", "c2VjcmV0MDE="],
  ["AB12CD==", "AB12CD=="],
  ["account=team;until=2027", "account=team;until=2027"],
  ["Bearer", "Bearer"],
])("%j is pasted as %j", (text, key) => {
  expect(pastedKey(text)).toBe(key);
});

function Entered() {
  const [value, setValue] = useState("");
  return <SecretInput value={value} onChange={setValue} />;
}

it("cleans what is pasted, and leaves what is typed", async () => {
  render(<Entered />);
  const field = document.querySelector("input") as HTMLInputElement;
  const user = userEvent.setup();
  await user.click(field);
  await user.paste("OPENAI_API_KEY=“sk-proj-1”,");
  expect(field.value).toBe("sk-proj-1");
  await user.keyboard("2,3");
  expect(field.value).toBe("sk-proj-12,3");
  await user.clear(field);
  await user.keyboard("KEY=abc,");
  expect(field.value).toBe("KEY=abc,");
});

it("puts a pasted key in the place of what is marked", async () => {
  render(<Entered />);
  const field = document.querySelector("input") as HTMLInputElement;
  const user = userEvent.setup();
  await user.click(field);
  await user.keyboard("sk-old-end");
  field.setSelectionRange(3, 6);
  await user.paste("'new',");
  expect(field.value).toBe("sk-new-end");
});
