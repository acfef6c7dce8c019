import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { TestRecord } from "@/ipc/bindings";
import { connect } from "@/ipc/client";
import { followEvents } from "@/ipc/events";
import { createFake, type Scene } from "@/ipc/fake";
import { connectionsQuery, createQueryClient } from "@/ipc/queries";
import { ConnectionPanel } from "./ConnectionPanel";

const nothing = () => {};

function Panel({ id }: { id: string }) {
  const connection = useQuery(connectionsQuery()).data?.find((connection) => connection.id === id);
  if (connection === undefined) return null;
  return (
    <ConnectionPanel
      connection={connection}
      warnings={[]}
      onWarningsRead={nothing}
      offline={false}
      testing={false}
      testError={null}
      testedBySave={false}
      onTest={nothing}
      onSaved={nothing}
      onRemoved={nothing}
    />
  );
}

function opened(scene: Scene, test: Partial<TestRecord> = {}, id = "connection-qwen") {
  const fake = createFake(scene);
  Object.assign(fake.world.connections.find((connection) => connection.id === id)?.last_test ?? {}, test);
  connect(fake);
  const client = createQueryClient();
  followEvents(client);
  render(
    <QueryClientProvider client={client}>
      <Panel id={id} />
    </QueryClientProvider>,
  );
  const stored = () => fake.world.connections.find((connection) => connection.id === id);
  return { client, stored, user: userEvent.setup() };
}

const field = (label: string) => screen.getByLabelText(label, { selector: "input" }) as HTMLInputElement;
const button = (name: string) => screen.getByRole("button", { name });
const alerts = () => screen.queryAllByRole("alert").map(({ textContent }) => textContent ?? "");

it("keeps what was typed in one form when another is saved", async () => {
  const { stored, user } = opened("lived");
  await user.click(await screen.findByRole("button", { name: "Add token" }));
  await user.type(field("Auth token"), "token-1");
  await user.type(field("Endpoint"), "/beta");
  await user.click(button("Add key"));
  await user.type(field("API key"), "sk-1234567890ab");
  await user.click(button("Save key"));
  await screen.findByText(/90ab/);
  expect(field("Endpoint").value).toBe("http://127.0.0.1:11434/v1/beta");
  expect(field("Auth token").value).toBe("token-1");
  await user.click(button("Save and test"));
  await waitFor(() => expect(stored()?.endpoint).toBe("http://127.0.0.1:11434/v1/beta"));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Save and test" })).toBeNull());
  expect(field("Auth token").value).toBe("token-1");
});

it("says what was refused once, where it was entered", async () => {
  const { user } = opened("no-keychain");
  await user.click(await screen.findByRole("button", { name: "Advanced" }));
  await user.click(button("Add a header"));
  await user.click(button("Add token"));
  await user.type(field("Auth token"), "token-1");
  await user.click(button("Add key"));
  await user.type(field("API key"), "sk-1234567890ab");
  await user.click(button("Save key"));
  await waitFor(() => expect(alerts()).toEqual([expect.stringContaining("nothing was stored")]));
  const form = field("API key").closest("form");
  expect(form?.contains(screen.getByRole("alert"))).toBe(true);
  await user.clear(field("Endpoint"));
  await user.type(field("Endpoint"), "nowhere");
  await user.click(button("Save and test"));
  expect(await screen.findByText(/^An endpoint begins with/)).toBeTruthy();
  expect(alerts(), "the refusal of a field is told below it").toHaveLength(1);
  await user.type(field("Endpoint"), "-else");
  expect(screen.queryByText(/^An endpoint begins with/), "something else stands there now").toBeNull();
  await user.clear(field("Endpoint"));
  await user.click(button("Save and test"));
  expect(screen.getByText(/^Enter the endpoint, for example/)).toBeTruthy();
  expect(document.activeElement).toBe(field("Endpoint"));
});

it("holds on to no key that was saved", async () => {
  const { client, user } = opened("lived");
  const held = () =>
    JSON.stringify(
      client
        .getMutationCache()
        .getAll()
        .map(({ state }) => state.variables),
    );
  await user.click(await screen.findByRole("button", { name: "Add key" }));
  await user.type(field("API key"), "sk-1234567890ab");
  await user.click(button("Save key"));
  await screen.findByRole("button", { name: "Replace key" });
  await waitFor(() => expect(held()).not.toContain("sk-1234567890ab"), { timeout: 1000 });
});

it("leads to what a failed test suggests, as often as it is wished", async () => {
  const { user } = opened("lived", { ok: false, fault: "authority" });
  const wish = await screen.findByRole("button", { name: "Add a custom CA" });
  const authority = () => screen.getByRole("textbox", { name: /Custom CA/ });
  await user.click(wish);
  await waitFor(() => expect(document.activeElement).toBe(authority()));
  await user.click(button("Advanced"));
  await user.click(wish);
  await waitFor(() => expect(document.activeElement).toBe(authority()));
});

it("takes the focus along when a suggestion is taken", async () => {
  const { stored, user } = opened("lived", { ok: false, suggested_endpoint: "http://127.0.0.1:11434/v2" });
  await user.click(await screen.findByRole("button", { name: "Use http://127.0.0.1:11434/v2" }));
  await waitFor(() => expect(document.activeElement).toBe(button("Test")));
  expect(stored()?.endpoint).toBe("http://127.0.0.1:11434/v2");
});

it("takes what is suggested for a gateway as its base URL", async () => {
  const test = { ok: false, suggested_endpoint: "https://gateway.example.com/team/v1" };
  const { stored, user } = opened("providers", test, "connection-openai");
  await user.click(await screen.findByRole("button", { name: `Use ${test.suggested_endpoint}` }));
  await waitFor(() => expect(stored()?.base_url).toBe(test.suggested_endpoint));
});

it("says of headers too that they are kept until the end of the program, and where they are", async () => {
  const { stored, user } = opened("no-keychain");
  await user.click(await screen.findByRole("button", { name: "Advanced" }));
  await user.click(button("Add a header"));
  await user.keyboard("x-team");
  await user.type(field("Value of x-team"), "blue");
  expect(screen.getByText(/^Sent with every request/).textContent).toContain("in the system's keychain");
  await user.click(button("Save and test"));
  await user.click(await screen.findByRole("checkbox", { name: "Keep these values only until I quit" }));
  await user.click(button("Save and test"));
  await waitFor(() => expect(stored()?.header_names).toEqual(["x-team"]));
  expect(stored()?.key_storage).toBe("until_quit");
  await waitFor(() => expect(button("Remove the header x-team")).toBeTruthy());
  expect(screen.getByText(/^Sent with every request/).textContent).toContain("in memory until you quit");
});

it("calls a token a token where there is no keychain", async () => {
  const { user } = opened("no-keychain");
  await user.click(await screen.findByRole("button", { name: "Add token" }));
  await user.type(field("Auth token"), "token-1{Enter}");
  expect(await screen.findByRole("checkbox", { name: "Keep this token only until I quit" })).toBeTruthy();
});

it.each([
  ["connection-openai", "key", "2 prompts that use its models cannot run until another one is added."],
  ["connection-anthropic", "key", "No prompt uses this connection now."],
  ["connection-vertex", "credentials", "No prompt uses this connection now."],
  ["connection-azure", "key", "No prompt uses this connection now."],
])("removes the secret of %s, after it said for whom it is missed", async (id, noun, words) => {
  const { stored, user } = opened("providers", {}, id);
  await user.click(await screen.findByRole("button", { name: `Remove ${noun}` }));
  const question = await screen.findByRole("alertdialog");
  expect(question.textContent).toContain(words);
  await user.click(within(question).getByRole("button", { name: `Remove ${noun}` }));
  expect(await screen.findByRole("button", { name: `Add ${noun}` })).toBeTruthy();
  expect(stored()?.has_api_key).toBe(false);
  expect(screen.getByText(/ must be added$/)).toBeTruthy();
  expect(button("Test").getAttribute("aria-disabled"), "there is nothing to test").toBe("true");
});

it.each([
  ["connection-openai", "Its key is deleted"],
  ["connection-vertex", "Its secrets are deleted"],
  ["connection-azure-us", "Its secrets are deleted"],
  ["connection-qwen", undefined],
])("says what goes with %s", async (id, words) => {
  const { stored, user } = opened("providers", {}, id);
  await user.click(await screen.findByRole("button", { name: "Remove connection" }));
  const question = await screen.findByRole("alertdialog");
  expect(/Its .+ deleted/.exec(question.textContent ?? "")?.[0]).toBe(words);
  expect(stored(), "only asked").toBeDefined();
});

it("says of a test that works in which form the server is asked instead", async () => {
  const about_form = "The server ignores a schema beside the request for JSON; runs ask by words in the prompt.";
  opened("providers", { about_form }, "connection-openai");
  expect(await screen.findByText(about_form)).toBeTruthy();
  expect(screen.queryByText("The answer had the form that was asked for.")).toBeNull();
});

it("says what a test took", async () => {
  const usage = { questions: 5, prompt_tokens: 1_420, completion_tokens: 60, cost_usd: 0.0042 };
  opened("lived", { ok: true, usage });
  await screen.findByText("This test took 5 questions: 1,420 tokens in, 60 out, $0.0042.");
});

it("offers no custom CA where the certificate's authority is not the matter", async () => {
  opened("lived", { ok: false, fault: "tls" });
  expect(await screen.findByText(/^Does not work: the secure connection/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Add a custom CA" })).toBeNull();
});

it("says of a test how long it took, however it ended, and of how many models that was one", async () => {
  opened("providers", {}, "connection-openai");
  expect(await screen.findByText("Works, answered in 840 ms")).toBeTruthy();
  expect(screen.getByText(/^gpt-6-luna, tested.+, one of 6 models$/)).toBeTruthy();
  cleanup();
  opened("providers", {}, "connection-anthropic");
  expect(await screen.findByText("Does not work: the key, after 231 ms")).toBeTruthy();
  cleanup();
  opened("providers", {}, "connection-vertex");
  expect(await screen.findByText(/^gemini-3\.8-flash, tested/)).toBeTruthy();
  expect(screen.queryByText(/, one of /), "it was not asked for its list").toBeNull();
});

it("leaves the name of a model as it is", async () => {
  opened("lived", { ok: false, fault: "answer", model: "ghost", message: "ghost refused: “I cannot help with that.”" });
  expect(await screen.findByText("ghost refused: “I cannot help with that.”")).toBeTruthy();
});

it("says where a deployment of Azure is asked", async () => {
  const { user } = opened("providers", {}, "connection-azure-us");
  expect(await screen.findByText("https://labeling-us.openai.azure.com/openai/v1/chat/completions")).toBeTruthy();
  await user.type(field("Endpoint"), "?api-version=2024-10-21");
  const dated = "/openai/deployments/mini-us/chat/completions?api-version=2024-10-21";
  expect(screen.getByText(`https://labeling-us.openai.azure.com${dated}`)).toBeTruthy();
});

it("says of each ability whether the test tried it or where it is known from", async () => {
  opened("lived", {
    ability_sources: { schema: "earlier_test", json: "test", images: "catalogue", pdf: null, logprobs: "test" },
  });
  const list = await screen.findByRole("list", { name: "What the model can do" });
  const said = within(list)
    .getAllByRole("listitem")
    .map(({ textContent }) => textContent);
  expect(said).toEqual([
    "Schema: yes, by an earlier test",
    "JSON: yes, tried by this test",
    "Images: no, by the catalogue",
    "PDF: not known",
    "Logprobs: yes, tried by this test",
  ]);
});

it("says on what it rests that a model on this computer counts as free", async () => {
  const { client, stored } = opened("lived");
  await screen.findByText(/The answer had the form/);
  expect(screen.queryByText(/enter a price/), "Ollama runs its models itself").toBeNull();
  Object.assign(stored()?.models[0] ?? {}, { is_free: true, is_assumed_free: true });
  await client.invalidateQueries();
  expect(await screen.findByText(/passes requests on to a paid service, enter a price/)).toBeTruthy();
  expect(screen.getByText("counted as free, on this computer")).toBeTruthy();
});
