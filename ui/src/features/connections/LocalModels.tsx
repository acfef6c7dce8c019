import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { Activity, Plus, RefreshCw, SearchX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Field, TextInput } from "@/components/ui/Field";
import { Progress } from "@/components/ui/Progress";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import type {
  LocalModel,
  LocalProblem,
  LocalServer,
  LocalTest,
  LocalTestProgress,
  SavedConnection,
} from "@/ipc/bindings";
import { ipc, isCanceled, listen, messageOf } from "@/ipc/client";
import { localServersQuery } from "@/ipc/queries";
import { formatCount, formatTokens, sentence } from "@/lib/format";
import { speedWords } from "@/lib/models";
import { AbilityList } from "./AbilityList";

type LocalModelsProps = {
  onAdded: (saved: SavedConnection) => void;
  onShowConnection: (name: string) => void;
  /** Opens the form for a server that wants a key. */
  onEnterKey: (endpoint: string) => void;
};

/** A model of this computer, by where it is asked. */
type LocalPlace = { port: number; id: string };

const isSame = (one: LocalPlace | null | undefined, other: LocalPlace) =>
  one?.port === other.port && one.id === other.id;

/** The model servers of this computer. Opening this is asking for them: they are looked for at once. */
export function LocalModels({ onAdded, onShowConnection, onEnterKey }: LocalModelsProps) {
  const client = useQueryClient();
  /** Those asked beside the usual ones; the last was entered last. */
  const [ports, setPorts] = useState<number[]>([]);
  const [typed, setTyped] = useState("");
  const [isNoPort, setIsNoPort] = useState(false);
  const looks = useQueries({ queries: [null, ...ports].map((port) => localServersQuery(port)) });
  const usual = looks[0];
  const newest = ports.length === 0 ? undefined : looks.at(-1);
  // A usual port that was entered too is there twice; what was found last is the newer.
  const found = looks.flatMap(({ data }) => data ?? []).map((server) => [server.port, server] as const);
  const servers = [...new Map(found).values()];

  const [progress, setProgress] = useState<LocalTestProgress | null>(null);
  // One at a time: two would measure each other.
  const test = useMutation({
    mutationFn: ({ port, id }: LocalPlace) => ipc.testLocalModel(port, id),
    onMutate: () => setProgress(null),
    // Rust keeps what was found. It is at work until that is read.
    onSuccess: () => client.invalidateQueries({ queryKey: ["local-servers"] }),
  });
  const testing = test.isPending ? test.variables : null;
  useEffect(() => {
    if (testing === null) return;
    return listen("localTest", (told) => {
      if (isSame(testing, { port: told.port, id: told.model })) setProgress(told);
    });
  }, [testing]);
  // A test that nobody waits for any more would keep the computer busy.
  const atWork = useRef(false);
  atWork.current = testing !== null;
  useEffect(
    () => () => {
      if (atWork.current) void ipc.cancelLocalTest();
    },
    [],
  );
  const look = (port?: number) => {
    // What was looked for last is what is told, not a test before it.
    if (testing === null) test.reset();
    const queryKey = port === undefined ? ["local-servers"] : localServersQuery(port).queryKey;
    void client.invalidateQueries({ queryKey });
  };
  const isLooking = testing === null && looks.some(({ isFetching }) => isFetching);
  const announcement = () => {
    if (testing !== null) return `Testing ${testing.id}. ${stepWords(progress)}`;
    if (isLooking) return "Looking for models";
    if (test.isSuccess) return sentence(test.data.record.message, test.data.record.model);
    if (test.isError) return isCanceled(test.error) ? "The test was canceled" : "";
    return `${formatCount(servers.length, "server")} found`;
  };
  return (
    <div className="flex max-w-[44rem] flex-col gap-4">
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="text-lg font-semibold">Models on this computer</h2>
          <p className="mt-0.5 text-sm text-subtler">
            Ollama, LM Studio, llama.cpp, vLLM and SGLang are looked for where they usually listen, on this computer
            only and only when you ask.
          </p>
        </div>
        <Button icon={RefreshCw} waiting={isLooking} onClick={() => look()}>
          {isLooking ? "Looking…" : "Look again"}
        </Button>
      </div>
      <div role="status" className="sr-only">
        {announcement()}
      </div>
      {usual?.isError && (
        <Banner kind="negative" role="alert" title="Nothing could be looked for">
          {messageOf(usual.error)}
        </Banner>
      )}
      {usual?.isPending && (
        <Delayed>
          <Skeleton className="h-24 rounded-md" />
          <Skeleton className="h-24 rounded-md" />
        </Delayed>
      )}
      {usual?.isSuccess && servers.length === 0 && (
        <EmptyState icon={SearchX} title="No model server answers" className="py-6">
          Start one, then look again. One that listens elsewhere is found by its port.
        </EmptyState>
      )}
      {servers.map((server) => (
        <Server
          key={server.port}
          server={server}
          testing={testing}
          progress={progress}
          failed={test.isError && !isCanceled(test.error) ? { ...test.variables, error: test.error } : null}
          onTest={test.mutateAsync}
          onAdded={onAdded}
          onShowConnection={onShowConnection}
          onEnterKey={onEnterKey}
        />
      ))}
      <form
        className="border-t pt-4"
        onSubmit={(event) => {
          event.preventDefault();
          const port = Number(typed);
          setIsNoPort(port < 1 || port > 65_535);
          if (port < 1 || port > 65_535) return;
          setTyped("");
          setPorts([...ports.filter((other) => other !== port), port]);
          look(port);
        }}
      >
        <Field
          label="Another port"
          hint="Where a server listens that was told otherwise."
          error={
            isNoPort
              ? "Enter a port from 1 to 65535."
              : newest?.isError
                ? messageOf(newest.error)
                : newest?.data?.length === 0
                  ? `No model server answers on port ${ports.at(-1)}.`
                  : undefined
          }
        >
          <div className="flex gap-2">
            <TextInput
              size="medium"
              value={typed}
              onChange={(text) => {
                setIsNoPort(false);
                setTyped(text.replace(/\D/g, "").slice(0, 5));
              }}
              inputMode="numeric"
              placeholder="8081"
              className="max-w-32"
            />
            <Button type="submit" waiting={isLooking}>
              Look there
            </Button>
          </div>
        </Field>
      </form>
    </div>
  );
}

type ServerProps = LocalModelsProps & {
  server: LocalServer;
  /** The model whose test is at work, here or on another server. */
  testing: LocalPlace | null;
  progress: LocalTestProgress | null;
  failed: (LocalPlace & { error: Error }) | null;
  onTest: (model: LocalPlace) => Promise<LocalTest>;
};

function Server({ server, onEnterKey, ...rest }: ServerProps) {
  const { version, endpoint, models, left_out: leftOut, problem } = server;
  const title = server.kind === "other" ? "Model server" : server.name;
  return (
    <section aria-label={`${title} on port ${server.port}`} className="rounded-md border">
      <div className="flex flex-wrap items-baseline gap-x-3 border-b bg-surface px-3 py-2">
        <h3 className="text-sm font-semibold">{title}</h3>
        {version !== null && <span className="text-xs text-subtler">{version}</span>}
        <span className="ml-auto font-mono text-xs text-subtler select-text">{endpoint}</span>
      </div>
      {problem !== null && <Problem problem={problem} onEnterKey={() => onEnterKey(endpoint)} />}
      <ul className="divide-y">
        {models.map((model) => (
          <Model key={model.id} port={server.port} model={model} {...rest} />
        ))}
      </ul>
      {leftOut > 0 && (
        <p className="border-t px-3 py-2 text-xs text-subtler">
          {formatCount(leftOut, "model is", "models are")} left out: for embeddings or ranking, or answering from
          another computer.
        </p>
      )}
    </section>
  );
}

function Problem({ problem, onEnterKey }: { problem: LocalProblem; onEnterKey: () => void }) {
  switch (problem) {
    case "loading":
      return <p className="px-3 py-2.5 text-sm text-subtle">It is still loading its model. Look again in a moment.</p>;
    case "no_models":
      return <p className="px-3 py-2.5 text-sm text-subtle">It serves no model that answers.</p>;
    case "needs_key":
      return (
        <div className="flex flex-wrap items-center gap-3 px-3 py-2.5 text-sm text-subtle">
          <span className="flex-1">
            It wants a key, and says nothing without one. Once one model is added with it, the others are found.
          </span>
          <Button size="small" icon={Plus} onClick={onEnterKey}>
            Add with a key
          </Button>
        </div>
      );
  }
}

type ModelProps = Omit<ServerProps, "server" | "onEnterKey"> & { port: number; model: LocalModel };

function Model({ port, model, testing, progress, failed, onTest, onAdded, onShowConnection }: ModelProps) {
  const place = { port, id: model.id };
  const isTested = isSame(testing, place);
  const add = useMutation({
    mutationFn: async () => {
      // Runs use what a test measures.
      const works = model.test !== null || (await onTest(place)).record.ok;
      return works ? ipc.addLocalModel(port, model.id) : null;
    },
    onSuccess: (saved) => saved !== null && onAdded(saved),
  });
  const added = isCanceled(add.error) ? null : add.error;
  const failure = added ?? (failed !== null && isSame(failed, place) ? failed.error : null);
  const refusal = testing === null ? undefined : "Wait for the test, or cancel it.";
  const context = model.test?.context_tokens ?? model.context_tokens;
  const connected = model.connection_name;
  return (
    <li className="flex flex-col gap-2 px-3 py-2.5">
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-56">
          <div className="font-mono text-sm break-all select-text">{model.id}</div>
          <div className="text-xs text-subtler">
            {[
              context === null ? null : `reads ${formatTokens(context)} tokens`,
              model.test === null && model.has_vision === true ? "sees pictures" : null,
              connected === null ? null : `connected as ${connected}`,
            ]
              .filter((words) => words !== null)
              .join(" · ")}
          </div>
        </div>
        {isTested ? (
          <Button size="small" onClick={() => void ipc.cancelLocalTest()}>
            Cancel
          </Button>
        ) : (
          <Button
            size="small"
            icon={Activity}
            aria-label={`${model.test === null ? "Test" : "Test again"} ${model.id}`}
            title="Asks it some twenty short questions"
            disabledReason={refusal}
            // What fails is told beside the model.
            onClick={() => void onTest(place).catch(() => {})}
          >
            {model.test === null ? "Test" : "Test again"}
          </Button>
        )}
        {connected === null ? (
          <Button
            size="small"
            variant="primary"
            look="filled"
            icon={Plus}
            aria-label={`Add ${model.id}`}
            title={model.test === null ? "Tests it first: runs use what is measured" : undefined}
            waiting={add.isPending}
            disabledReason={refusal}
            onClick={() => add.mutate()}
          >
            Add
          </Button>
        ) : (
          <Button size="small" aria-label={`Show ${connected}`} onClick={() => onShowConnection(connected)}>
            Show
          </Button>
        )}
      </div>
      {isTested && (
        <div className="flex flex-col gap-1.5">
          <Progress label={`Testing ${model.id}`} share={null} />
          <p className="text-xs text-subtler">{stepWords(progress)}</p>
        </div>
      )}
      {!isTested && model.test !== null && <Tested test={model.test} />}
      {failure !== null && (
        <Banner kind="negative" role="alert" title={added !== null ? "It was not added" : "It could not be tested"}>
          {messageOf(failure)}
        </Banner>
      )}
    </li>
  );
}

function stepWords(progress: LocalTestProgress | null): string {
  switch (progress?.step) {
    case undefined:
    case "answer":
      return "Asking for a first answer; a model that is not loaded yet takes a while.";
    case "schema":
      return "Finding out what form the server holds it to.";
    case "abilities":
      return "Showing it pictures and a PDF file, and asking how sure it is.";
    case "speed":
      return (progress?.parallel ?? 1) > 1
        ? `Measuring its speed with ${progress?.parallel} requests at once.`
        : "Measuring its speed.";
  }
}

function Tested({ test: { record, speed } }: { test: LocalTest }) {
  if (!record.ok) {
    return (
      <Banner kind="negative" title="Does not work">
        {sentence(record.message, record.model)}
      </Banner>
    );
  }
  return (
    <div className="flex flex-col gap-1.5">
      {record.abilities !== null && <AbilityList abilities={record.abilities} sources={record.ability_sources} />}
      <p className="text-xs text-subtle">{speed === null ? "Too slow to be measured." : speedWords(speed)}</p>
    </div>
  );
}
