/** Model servers of the computer of the scripted world. */
import type {
  ConnectionSummary,
  LocalModel,
  LocalServer,
  LocalTest,
  LocalTestProgress,
  SavedConnection,
} from "./bindings";
import { ago, blankConnection, unknownModel, type World } from "./fake-world";

type Outside = {
  world: World;
  canceled: () => Error;
  busy: () => Error;
  progress: (progress: LocalTestProgress) => void;
  added: (made: Omit<ConnectionSummary, "id">) => SavedConnection;
};

/** A port on which the scripted computer has a server that is no usual one. */
const OTHER_PORT = 8081;

function server(part: Pick<LocalServer, "kind" | "name" | "port"> & Partial<LocalServer>): LocalServer {
  const endpoint = `http://127.0.0.1:${part.port}/v1`;
  return { endpoint, version: null, models: [], left_out: 0, problem: null, ...part };
}

function model(id: string, part: Partial<LocalModel> = {}): LocalModel {
  return { id, context_tokens: null, has_vision: null, connection_name: null, test: null, ...part };
}

const usual = (): LocalServer[] => [
  server({
    kind: "ollama",
    name: "Ollama",
    port: 11_434,
    version: "0.40.12",
    models: [model("qwen3:8b", { context_tokens: 4096 }), model("gemma3:4b", { has_vision: true })],
    left_out: 2,
  }),
  server({ kind: "llama_cpp", name: "llama.cpp", port: 8080, problem: "loading" }),
  server({ kind: "vllm", name: "vLLM", port: 8000, problem: "needs_key" }),
];

const other = (): LocalServer =>
  server({
    kind: "other",
    name: "a model server",
    port: OTHER_PORT,
    models: [model("mistralai/Mistral-Small-3.2-24B-Instruct-2506", { context_tokens: 131_072 })],
  });

function tested(id: string): LocalTest {
  const record = {
    fault: null,
    latency_ms: 640,
    suggested_endpoint: null,
    model: id,
    answered_by: id,
    about_form: null,
    vendor: null,
    usage: null,
    tested_at: ago(0),
  };
  if (id === "qwen3:8b") {
    return {
      record: {
        ...record,
        ok: false,
        message: `${id} answered in 9.1 s, but its answer is empty.`,
        structure: null,
        abilities: null,
        ability_sources: null,
      },
      context_tokens: null,
      speed: null,
    };
  }
  return {
    record: {
      ...record,
      ok: true,
      message: `Works: ${id} answered in 0.6 s, in the form that was asked for.`,
      structure: "json_schema",
      abilities: { schema: true, json: true, images: true, pdf: false, logprobs: false },
      ability_sources: { schema: "test", json: "test", images: "test", pdf: "test", logprobs: "test" },
    },
    context_tokens: 4096,
    speed: { parallel: 4, tokens_per_second: 38.2, tokens_per_second_parallel: 91.7 },
  };
}

export function localCommands({ world, canceled, busy, progress, added }: Outside) {
  const tests = new Map<string, LocalTest>();
  /** Ends the test at work. */
  let end: (() => void) | null = null;
  const described = (found: LocalServer): LocalServer => ({
    ...found,
    models: found.models.map((one) => ({
      ...one,
      test: tests.get(`${found.port} ${one.id}`) ?? null,
      connection_name:
        world.connections.find(({ endpoint, models }) => endpoint === found.endpoint && models[0]?.id === one.id)
          ?.name ?? null,
    })),
  });
  return {
    findLocalServers: (ports: number[]): LocalServer[] =>
      (ports.length === 0 ? usual() : [...usual(), other()].filter(({ port }) => ports.includes(port))).map(described),
    testLocalModel: async (port: number, id: string): Promise<LocalTest> => {
      if (end !== null) throw busy();
      let isCanceled = false;
      end = () => {
        isCanceled = true;
      };
      try {
        for (const [step, parallel] of [
          ["answer", null],
          ["schema", null],
          ["abilities", null],
          ["speed", 1],
          ["speed", 4],
        ] as const) {
          progress({ port, model: id, step, parallel });
          // The last step is long enough to be seen.
          await new Promise((resolve) => setTimeout(resolve, parallel === 4 ? 800 : 40));
          if (isCanceled) throw canceled();
        }
      } finally {
        end = null;
      }
      const test = tested(id);
      tests.set(`${port} ${id}`, test);
      return test;
    },
    cancelLocalTest: () => {
      end?.();
      return null;
    },
    addLocalModel: (port: number, id: string): SavedConnection => {
      const test = tests.get(`${port} ${id}`);
      return added({
        ...blankConnection,
        name: id,
        endpoint: `http://127.0.0.1:${port}/v1`,
        models: [
          {
            ...unknownModel(id),
            context_tokens: test?.context_tokens ?? null,
            has_vision: test?.record.abilities?.images ?? null,
            structure: test?.record.structure ?? null,
            speed: test?.speed ?? null,
          },
        ],
        last_test: test?.record ?? null,
        created_at: ago(0),
      });
    },
  };
}
