/** The window of the keys: each provider's form, and a connection in each of its states. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { SMALL, ZOOMED } from "./browser";
import { checkScreens, type Screen } from "./checkScreens";

const scene = "providers";
const at = "/prompts?dialog=keys";
const list = (page: Page) => page.getByRole("navigation", { name: "Connections" });
const open = (name: string) => (page: Page) => list(page).getByRole("button", { name }).click();
const says = (words: string | RegExp) => (page: Page) => page.getByRole("dialog").getByText(words).first().waitFor();
/** Room for everything that stands behind Advanced. */
const TALL = { width: 1280, height: 1700 };
const CREDENTIALS = JSON.stringify({
  type: "service_account",
  project_id: "labeling-team-4711",
  client_email: "labeling@labeling-team-4711.iam.gserviceaccount.com",
  private_key: "-----BEGIN PRIVATE KEY-----\nnot a key\n-----END PRIVATE KEY-----\n",
});

const forms: Screen[] = ["OpenAI", "Gemini", "Vertex AI", "Anthropic", "Azure OpenAI", "Azure AI Foundry"].map(
  (provider) => ({
    name: `keys-add-${provider.toLowerCase().replaceAll(" ", "-")}`,
    scene: "lived",
    at,
    size: TALL,
    ready: async (page) => {
      await open(`Add ${provider}`)(page);
      await page.getByRole("heading", { name: `Add ${provider}` }).waitFor();
      await page.getByRole("button", { name: "Advanced" }).click();
      await page.getByRole("textbox", { name: "Base URL" }).waitFor();
    },
  }),
);

/** What goes wrong with a test, in the words of Rust, of which connection, and what leads on. */
const FAULTS: readonly [fault: string, of: string, message: string, more?: { address?: string; ms?: number }][] = [
  ["permission", "OpenAI", "the key works but may not use gpt-6-luna: 403 Project has no access to the model."],
  ["model", "OpenAI", "“gpt-6-moon” is not a model of this server: 404 The model does not exist."],
  ["deployment", "mini-us", "There is no such deployment at this endpoint: 404 DeploymentNotFound."],
  [
    "endpoint",
    "mini-us",
    "The server answers, but not at this address: 404 Not Found.",
    { address: "https://labeling-us.openai.azure.com/openai/v1" },
  ],
  [
    "region",
    "Vertex AI",
    "The model is not served in this region: 400 User location is not supported for the API use.",
  ],
  [
    "quota",
    "OpenAI",
    "The account has no credit left: 429 You exceeded your current quota, please check your plan and billing details.",
  ],
  [
    "dns",
    "mini-us",
    "No address is known for labeling-us.openai.azure.com: check the spelling, or whether you are online.",
  ],
  [
    "authority",
    "mini-us",
    "No secure connection to labeling-us.openai.azure.com: its certificate is signed by itself, or by an authority that this computer does not know. Add the authority as custom CA if you trust it.",
  ],
  [
    "tls",
    "mini-us",
    "No secure connection to labeling-us.openai.azure.com: its certificate has expired, by this computer's clock.",
  ],
  ["nothing_listening", "qwen3:8b", "Nothing listens at 127.0.0.1:11434. Is Ollama running?"],
  ["network", "mini-us", "The connection to labeling-us.openai.azure.com was lost before it answered."],
  ["timeout", "qwen3:8b", "No answer came within 10 s.", { ms: 10_000 }],
  ["server", "Anthropic", "The server is overloaded: 529 Overloaded."],
  ["request", "qwen3:8b", "The server refuses the request: 400 messages: unknown role developer."],
  ["answer", "qwen3:8b", "qwen3:8b answered in 9.1 s, but its answer is empty.", { ms: 9_100 }],
];

const failures: Screen[] = FAULTS.map(([fault, of, message, { address = null, ms = 640 } = {}]) => ({
  name: `keys-fails-${fault.replace("_", "-")}`,
  scene,
  at,
  ready: async (page) => {
    await list(page).waitFor();
    await page.evaluate(
      ([fault, of, message, address, ms]) => {
        const { world, send } = window.fake;
        const [working] = world.connections.flatMap(({ last_test }) => last_test ?? []);
        const connection = world.connections.find(({ name }) => name === of);
        if (working === undefined || connection === undefined) throw new Error("there is none");
        const model = connection.models[0]?.id ?? of;
        const failed = { ok: false, fault, message, suggested_endpoint: address, latency_ms: ms, model };
        connection.last_test = { ...working, ...failed, answered_by: null, structure: null, abilities: null };
        send.changed({ kind: "connections" });
      },
      [fault, of, message, address, ms] as const,
    );
    await list(page).getByRole("button", { name: of }).first().click();
    await says(message.slice(1, 30))(page);
  },
}));

/** What is seen while the switch of that name is on. */
const offline =
  (then: Screen["ready"]): Screen["ready"] =>
  async (page) => {
    await list(page).waitFor();
    await page.evaluate(async () => {
      const { settings, setSettings } = window.fake.commands;
      const now = await settings();
      if (now.status === "ok") await setSettings({ ...now.data, offline: true });
    });
    await list(page).getByTitle("Offline").first().waitFor();
    await then(page);
  };

/** Lets a command of the scripted world wait for ever, or fail. */
const never = (command: "testConnection" | "refreshModels" | "findLocalServers") => (page: Page) =>
  page.evaluate((command) => {
    Object.assign(window.fake.commands, { [command]: () => new Promise(() => {}) });
  }, command);
const failing = (command: "refreshModels") => (page: Page) =>
  page.evaluate((command) => {
    const error = {
      code: "invalid" as const,
      message: "the provider rejected this key: 401 Incorrect API key provided",
      field: null,
    };
    window.fake.commands[command] = async () => ({ status: "error", error });
  }, command);
const removal =
  (connection: string, noun: string): Screen["ready"] =>
  async (page) => {
    await open(connection)(page);
    await page
      .getByRole("button", { name: `Remove ${noun}` })
      .first()
      .click();
    await page.getByRole("alertdialog").waitFor();
  };

checkScreens([
  ...forms,
  ...failures,
  {
    name: "keys-models-small",
    scene,
    at,
    size: SMALL,
    ready: async (page) => {
      await list(page)
        .getByRole("button", { name: /^OpenAI/ })
        .first()
        .click();
      const models = page.getByRole("region", { name: "List of models" });
      const facts = models.getByText(/^Context .+, output .+; (sees images|no images|images not known)\.$/);
      await facts.first().scrollIntoViewIfNeeded();
      expect(await facts.first().isVisible(), "what has no column stands below the id").toBe(true);
      expect(await facts.count()).toBe((await models.getByRole("row").count()) - 1);
      const hidden = await models.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      expect(hidden, "nothing is beyond the edge").toBe(0);
    },
  },
  {
    name: "keys-add-custom-llm",
    scene: "lived",
    at,
    size: TALL,
    ready: async (page) => {
      await open("Add Custom LLM")(page);
      await page.getByRole("button", { name: "Advanced" }).click();
      await page.getByRole("textbox", { name: "Proxy" }).waitFor();
    },
  },
  {
    name: "keys-add-azure-small",
    scene: "lived",
    at,
    size: SMALL,
    ready: async (page) => {
      await open("Add Azure OpenAI")(page);
      await page.getByRole("button", { name: "Advanced" }).click();
      await page.getByRole("button", { name: "Add a header" }).click();
      await page.getByRole("button", { name: "Save and test" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "keys-offline",
    scene,
    at,
    ready: offline(says("Offline is on")),
  },
  {
    name: "keys-offline-here",
    scene,
    at,
    ready: offline(async (page) => {
      await open("qwen3:8b")(page);
      await says("Works, answered in")(page);
      const test = page.getByRole("button", { name: "Test", exact: true });
      expect(await test.isEnabled(), "what is on this computer is asked as ever").toBe(true);
    }),
  },
  {
    name: "keys-unheld",
    scene,
    at,
    ready: async (page) => {
      await list(page).waitFor();
      await page.evaluate(() => {
        const { world, send } = window.fake;
        const connection = world.connections.find(({ name }) => name === "qwen3:8b");
        const [model] = connection?.models ?? [];
        if (connection?.last_test == null || model === undefined) throw new Error("there is none");
        connection.last_test.about_form =
          "The server ignores the schema beside JSON mode; answers are held to the schema here.";
        connection.last_test.abilities = { schema: false, json: true, images: null, pdf: false, logprobs: true };
        connection.last_test.ability_sources = {
          schema: "test",
          json: "test",
          images: null,
          pdf: "earlier_test",
          logprobs: "test",
        };
        model.structure = "json_object";
        send.changed({ kind: "connections" });
      });
      await open("qwen3:8b")(page);
      await says("The server enforces JSON, but not the schema.")(page);
      await page.getByText("free, on this computer").scrollIntoViewIfNeeded();
    },
  },
  { name: "keys-remove", scene, at, ready: removal("OpenAI Works", "key") },
  { name: "keys-remove-credentials", scene, at, ready: removal("Vertex AI", "credentials") },
  {
    name: "keys-removed",
    scene,
    at,
    ready: async (page) => {
      await removal("gpt-4-1-labeling", "key")(page);
      await page.getByRole("alertdialog").getByRole("button", { name: "Remove key" }).click();
      await says("A key must be added")(page);
    },
  },
  {
    name: "keys-stored-small",
    scene: "lived",
    at,
    size: SMALL,
    ready: async (page) => {
      await open("qwen3:8b")(page);
      await page.getByRole("button", { name: "Add key" }).click();
      await page.getByLabel("API key", { exact: true }).fill("a-key-of-ours-4711");
      await page.getByRole("button", { name: "Save key" }).click();
      await page.getByRole("button", { name: "Replace key" }).waitFor();
    },
  },
  {
    name: "keys-masked",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add OpenAI")(page);
      await page.getByLabel("API key", { exact: true }).fill("sk-****4f2a");
      await page.keyboard.press("Enter");
      await says(/only a key's picture/)(page);
    },
  },
  {
    name: "keys-unencrypted",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add Custom LLM")(page);
      await page.getByRole("textbox", { name: "Name" }).fill("labeler");
      await page.getByRole("textbox", { name: "Endpoint" }).fill("http://models.intern.example/v1");
      await page.getByLabel(/^API key/).fill("a-key-of-ours");
      await page.getByRole("button", { name: "Save and test" }).click();
      await says(/travels unencrypted/)(page);
    },
  },
  {
    name: "keys-testing",
    scene,
    at,
    ready: async (page) => {
      await open("mini-us")(page);
      await never("testConnection")(page);
      await page.getByRole("button", { name: "Test", exact: true }).click();
      await says("Asking the model for one short answer")(page);
    },
  },
  {
    name: "keys-listing",
    scene,
    at,
    ready: async (page) => {
      await open("Anthropic")(page);
      await never("refreshModels")(page);
      await page.getByRole("button", { name: "Refresh" }).click();
      await page.getByText("Those this program knows of Anthropic").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "keys-listing-fails",
    scene,
    at,
    size: SMALL,
    ready: async (page) => {
      await failing("refreshModels")(page);
      await page.getByRole("button", { name: "Refresh" }).click();
      await page.getByText("did not say which models your key may use").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "keys-local-searching",
    scene: "first-run",
    at,
    ready: async (page) => {
      await list(page).waitFor();
      await never("findLocalServers")(page);
      await open("Find local models")(page);
      await says("Looking…")(page);
      await page.getByRole("dialog").locator("[aria-hidden].bg-inset").first().waitFor();
    },
  },
  {
    name: "keys-local-none",
    scene: "first-run",
    at,
    ready: async (page) => {
      await list(page).waitFor();
      await page.evaluate(() => {
        window.fake.commands.findLocalServers = async () => ({ status: "ok", data: [] });
      });
      await open("Find local models")(page);
      await says("No model server answers")(page);
    },
  },
  { name: "keys-works", scene, at, ready: says("Works, answered in") },
  {
    name: "keys-models",
    scene,
    at,
    ready: async (page) => {
      await page.getByText("Retired 23 Oct 2026").scrollIntoViewIfNeeded();
      await page.getByRole("textbox", { name: "Add a model by its id" }).fill("gpt-4.1");
    },
  },
  {
    name: "keys-fails",
    scene,
    at,
    ready: async (page) => {
      await open("Anthropic")(page);
      await says("Does not work: the key")(page);
    },
  },
  {
    name: "keys-vertex",
    scene,
    at,
    ready: async (page) => {
      await open("Vertex AI")(page);
      await says("labeling@labeling-team-4711")(page);
    },
  },
  {
    name: "keys-credentials",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add Vertex AI")(page);
      await page.getByLabel("Credentials file").setInputFiles({
        name: "labeling-team.json",
        mimeType: "application/json",
        buffer: Buffer.from(CREDENTIALS),
      });
      await says("Credentials entered")(page);
      expect(await page.getByText("PRIVATE KEY").count(), "a private key is not shown").toBe(0);
    },
  },
  {
    name: "keys-credentials-over",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add Vertex AI")(page);
      await page.getByRole("textbox", { name: "JSON credentials" }).waitFor();
      await page.evaluate(() => window.fake.send.fileDrop({ kind: "over" }));
      await says("Drop the key file here")(page);
    },
  },
  {
    name: "keys-credentials-dropped",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add Vertex AI")(page);
      await page.getByRole("textbox", { name: "JSON credentials" }).waitFor();
      await page.evaluate(() => window.fake.send.fileDrop({ kind: "dropped", paths: ["/home/ann/team-4711.json"] }));
      await says("team-4711.json, dropped")(page);
    },
  },
  {
    name: "keys-credentials-refused",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add Vertex AI")(page);
      await page.getByRole("textbox", { name: "JSON credentials" }).fill('{"type": "authorized_user"}');
      await page.getByRole("button", { name: "Save and test" }).click();
      await says(/not the credentials of a service account/i)(page);
    },
  },
  {
    name: "keys-azure",
    scene,
    at,
    ready: async (page) => {
      await open("gpt-4-1-labeling")(page);
      await page.getByRole("textbox", { name: "Deployment", exact: true }).fill("gpt-4-1-other");
      await page.getByRole("button", { name: "Save and test" }).waitFor();
    },
  },
  {
    name: "keys-untested",
    scene,
    at,
    ready: async (page) => {
      await open("mini-us")(page);
      await says("Not tested yet")(page);
    },
  },
  {
    name: "keys-untrusted",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add Custom LLM")(page);
      await page.getByRole("textbox", { name: "Name" }).fill("labeler");
      await page.getByRole("textbox", { name: "Endpoint" }).fill("https://models.intern.example/v1");
      await page.getByRole("button", { name: "Save and test" }).click();
      await page.getByRole("button", { name: "Add a custom CA" }).click();
      const close = page.getByRole("button", { name: "Close", exact: true });
      expect((await close.boundingBox())?.y, "the window itself is not scrolled").toBeGreaterThan(40);
      await page
        .getByRole("textbox", { name: "Custom CA" })
        .fill("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----");
      await page.getByRole("button", { name: "Save and test" }).waitFor();
    },
  },
  {
    name: "keys-advanced",
    scene,
    at,
    ready: async (page) => {
      await open("mini-us")(page);
      await page.getByRole("button", { name: "Remove the header x-cost-center" }).click();
      await page.getByRole("button", { name: "Add a header" }).click();
      await page.getByPlaceholder("x-team").last().fill("Authorization");
      await page.getByPlaceholder("Value", { exact: true }).fill("planted");
      await page.getByRole("button", { name: "Save and test" }).click();
      await says(/enter the key in its own field/)(page);
      await page.getByRole("button", { name: "Save and test" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "keys-advanced-limits",
    scene,
    at,
    ready: async (page) => {
      await open("mini-us")(page);
      await page.getByRole("textbox", { name: "Requests at once" }).fill("8 at once");
      await page.getByRole("button", { name: "Save and test" }).click();
      await page.getByRole("textbox", { name: "Requests at once" }).scrollIntoViewIfNeeded();
      await expect.poll(() => page.getByRole("textbox", { name: "Requests at once" }).inputValue()).toBe("8");
      await page.getByRole("button", { name: "Save and test" }).waitFor({ state: "hidden" });
    },
  },
  {
    name: "keys-replace",
    scene,
    at,
    ready: async (page) => {
      await page.getByRole("button", { name: "Replace key" }).click();
      const key = page.getByLabel("New API key");
      await key.fill("sk-old-1234567890");
      await key.evaluate((input: HTMLInputElement) => {
        input.setSelectionRange(3, 6);
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", "KEY=“ant”,");
        input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      });
      await page.keyboard.type("-api03");
      expect(await key.inputValue(), "the cursor stands behind what was pasted").toBe("sk-ant-api03-1234567890");
      await says("This looks like a key of Anthropic")(page);
    },
  },
  {
    name: "keys-odd",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add OpenAI")(page);
      await page.getByLabel("API key", { exact: true }).fill("sk-ant-1234567890");
      await page.keyboard.press("Enter");
      await says("Is this what you meant?")(page);
    },
  },
  {
    name: "keys-custom",
    scene,
    at,
    ready: async (page) => {
      await open("Add Custom LLM")(page);
      await page.getByRole("button", { name: "LM Studio" }).click();
      expect(await page.getByRole("textbox", { name: "Endpoint" }).inputValue()).toBe("http://127.0.0.1:1234/v1");
    },
  },
  {
    name: "keys-missing",
    scene,
    at,
    ready: async (page) => {
      await open("Add Custom LLM")(page);
      await page.getByRole("button", { name: "Save and test" }).click();
      await says(/^Enter the name/)(page);
      await says(/^Enter the endpoint/)(page);
    },
  },
  {
    name: "keys-azure-uri",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Add Azure OpenAI")(page);
      await page
        .getByRole("textbox", { name: "Endpoint" })
        .fill("https://res.openai.azure.com/openai/deployments/gpt6/chat/completions?api-version=2025-01-01-preview");
      await page.getByLabel("API key", { exact: true }).fill("AIzaSy1234567890");
      await says("This looks like a key of Gemini")(page);
      expect(await page.getByRole("textbox", { name: "Deployment", exact: true }).inputValue()).toBe("gpt6");
    },
  },
  {
    name: "keys-saved-below",
    scene,
    at,
    size: SMALL,
    ready: async (page) => {
      await open("mini-us")(page);
      const budget = page.getByRole("textbox", { name: "Budget a day" });
      await budget.fill("7");
      await page.getByRole("button", { name: "Save and test" }).scrollIntoViewIfNeeded();
      await page.getByRole("button", { name: "Save and test" }).click();
      await says("Works, answered in")(page);
      const heading = page.getByRole("heading", { name: "mini-us" });
      await expect
        .poll(async () => (await heading.boundingBox())?.y ?? 0, { message: "the verdict is in sight" })
        .toBeGreaterThan(90);
    },
  },
  {
    name: "keys-here",
    scene,
    at,
    ready: async (page) => {
      await open("qwen3:8b")(page);
      await says("free, on this computer")(page);
    },
  },
  {
    name: "keys-here-assumed",
    scene,
    at,
    ready: async (page) => {
      await page.evaluate(() => {
        const { send, world } = window.fake;
        const connection = world.connections.find(({ name }) => name === "qwen3:8b");
        Object.assign(connection?.models[0] ?? {}, { is_free: true, is_assumed_free: true });
        send.changed({ kind: "connections" });
      });
      await open("qwen3:8b")(page);
      await says("enter a price")(page);
      await says("counted as free, on this computer")(page);
    },
  },
  {
    name: "keys-test-model",
    scene,
    at,
    ready: async (page) => {
      await page.getByRole("combobox", { name: "Model to test" }).click();
      await page.getByRole("option", { name: "gpt-6.1-sol" }).waitFor();
    },
  },
  {
    name: "keys-price",
    scene,
    at,
    ready: async (page) => {
      await page.getByRole("button", { name: "Change the price of gpt-6.1-sol" }).click();
      await page.getByRole("textbox", { name: "Output" }).fill("lots");
      await page.getByRole("button", { name: "Save price" }).click();
      await page.getByText("“lots” is no amount").waitFor();
    },
  },
  {
    name: "keys-price-unknown",
    scene,
    at,
    ready: async (page) => {
      await open("mini-us")(page);
      await page.getByRole("button", { name: "Enter the price of mini-us" }).click();
      await page.getByRole("textbox", { name: "Output" }).waitFor();
    },
  },
  {
    name: "keys-local",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Find local models")(page);
      await says("gemma3:4b")(page);
      await page.getByRole("button", { name: "Test gemma3:4b" }).click();
      await says("Up to 4 requests at once help")(page);
      await says("connected as qwen3:8b")(page);
      await says("still loading its model")(page);
      await says("It wants a key")(page);
      await page.getByRole("textbox", { name: "Another port" }).fill("8081");
      await page.keyboard.press("Enter");
      await says("mistralai/Mistral-Small")(page);
      await page.getByRole("textbox", { name: "Another port" }).fill("8082");
      await page.keyboard.press("Enter");
      await says("No model server answers on port 8082.")(page);
      await page.getByRole("button", { name: "Test qwen3:8b" }).click();
      await says("its answer is empty")(page);
      await page.getByRole("heading", { name: "Models on this computer" }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "keys-local-testing",
    scene: "first-run",
    at,
    ready: async (page) => {
      await page.getByRole("button", { name: "Find local models", exact: true }).click();
      await page.getByRole("button", { name: "Test gemma3:4b" }).click();
      await says("with 4 requests at once")(page);
    },
  },
  {
    name: "keys-local-key",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Find local models")(page);
      await page.getByRole("button", { name: "Add with a key" }).click();
      expect(await page.getByRole("textbox", { name: "Endpoint" }).inputValue()).toBe("http://127.0.0.1:8000/v1");
    },
  },
  {
    name: "keys-local-canceled",
    scene: "lived",
    at,
    size: SMALL,
    ready: async (page) => {
      await open("Find local models")(page);
      await page.getByRole("button", { name: "Test gemma3:4b" }).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("button", { name: "Test gemma3:4b" }).waitFor();
      expect(await page.getByText("could not be tested").count(), "canceling is no failure").toBe(0);
    },
  },
  {
    name: "keys-local-added",
    scene: "lived",
    at,
    ready: async (page) => {
      await open("Find local models")(page);
      await page.getByRole("button", { name: "Test gemma3:4b" }).click();
      await says("Up to 4 requests at once help")(page);
      await page.getByRole("button", { name: "Add gemma3:4b" }).click();
      await page.getByRole("heading", { name: "gemma3:4b" }).waitFor();
      await says("Works, answered in")(page);
      expect(await page.getByText("Asking the model").count(), "what was tested is not tested again").toBe(0);
    },
  },
  { name: "keys-empty", scene: "first-run", at, ready: says("No keys yet") },
  {
    name: "keys-providers-small",
    scene,
    at,
    size: SMALL,
    ready: async (page) => {
      const retired = page.getByText("Retired 23 Oct 2026");
      await page.getByRole("table", { name: "Models" }).hover();
      await page.mouse.wheel(0, 400);
      await retired.waitFor();
      // The wheel turns the panel, not the table under it.
      await expect.poll(async () => (await retired.boundingBox())?.y ?? SMALL.height).toBeLessThan(SMALL.height - 80);
      const hidden = await page
        .getByRole("region", { name: "List of models" })
        .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      expect(hidden, "in sight without scrolling sideways").toBe(0);
    },
  },
  { name: "keys-providers-zoomed", scene, at, size: ZOOMED, ready: says("Works, answered in") },
  {
    name: "model-select",
    scene,
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await page.getByText("gpt-4 was retired on 23 Oct 2026").waitFor();
      await page.getByRole("combobox", { name: "Base model" }).click();
      await page.getByRole("option", { name: /^gpt-6-luna/ }).waitFor();
    },
  },
  {
    name: "model-retired-run",
    scene,
    at: "/prompts/prompt-sample",
    ready: async (page) => {
      await page.getByText("gpt-4 was retired on 23 Oct 2026").waitFor();
      await page.keyboard.press("Control+Enter");
      await page.getByRole("button", { name: "Run all the same" }).waitFor();
    },
  },
  {
    name: "model-retires-small",
    scene,
    at: "/prompts/prompt-new",
    size: SMALL,
    ready: (page) => page.getByRole("button", { name: "Use gpt-6.1-sol" }).waitFor(),
  },
  {
    name: "model-select-search",
    scene,
    at: "/prompts/prompt-new",
    ready: async (page) => {
      await page.getByText("gpt-4.1 retires on 14 Jan 2027").waitFor();
      await page.getByRole("combobox", { name: "Base model" }).click();
      await page.getByRole("combobox", { name: "Search models" }).fill("sonnet");
      await page.getByRole("option", { name: /^claude-sonnet/ }).waitFor();
    },
  },
  {
    name: "model-select-offline",
    scene,
    at: "/prompts/prompt-new?dialog=settings",
    ready: async (page) => {
      await page.getByRole("checkbox", { name: "Offline" }).click();
      await page.keyboard.press("Escape");
      await page.getByRole("combobox", { name: "Base model" }).click();
      await page.getByRole("option", { name: /^claude-sonnet/ }).waitFor();
    },
  },
]);
