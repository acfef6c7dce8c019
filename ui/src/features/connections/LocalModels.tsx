import { useMutation } from "@tanstack/react-query";
import { Activity, Plus, RefreshCw, SearchX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Field, TextInput } from "@/components/ui/Field";
import { Progress } from "@/components/ui/Progress";
import type {
  LocalModel,
  LocalProblem,
  LocalServer,
  LocalTest,
  LocalTestProgress,
  SavedConnection,
} from "@/ipc/bindings";
import { fieldError, IpcFailure, ipc, listen, messageOf } from "@/ipc/client";
import { formatCount, formatTokens, sentence } from "@/lib/format";
import { speedWords } from "@/lib/models";
import { AbilityList } from "./AbilityList";

type LocalModelsProps = {
  onAdded: (saved: SavedConnection) => void;
  onShowConnection: (name: string) => void;
  /** Opens the form for a server that wants a key. */
  onEnterKey: (endpoint: string) => void;
};

/** The model servers of this computer. Opening this is asking for them: they are looked for at once. */
export function LocalModels({ onAdded, onShowConnection, onEnterKey }: LocalModelsProps) {
  const [servers, setServers] = useState<LocalServer[]>([]);
  const [port, setPort] = useState("");
  const look = useMutation({
    mutationFn: (ports: number[]) => ipc.findLocalServers(ports),
    onSuccess: (found, ports) => {
      if (ports.length === 0) return setServers(found);
      setPort("");
      setServers((before) => [...before.filter((old) => !ports.includes(old.port)), ...found]);
    },
  });
  const { mutate, isPending } = look;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate([]);
  }, [mutate]);
  const lastPort = look.variables?.[0];
  const isBare = look.isSuccess && lastPort !== undefined && !servers.some((server) => server.port === lastPort);
  const portError = fieldError(look.error, "port");
  const keepTest = (server: LocalServer, model: LocalModel, test: LocalTest) =>
    setServers((before) =>
      before.map((other) =>
        other.port === server.port
          ? { ...other, models: other.models.map((one) => (one.id === model.id ? { ...one, test } : one)) }
          : other,
      ),
    );
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
        <Button icon={RefreshCw} waiting={isPending} onClick={() => mutate([])}>
          {isPending ? "Looking…" : "Look again"}
        </Button>
      </div>
      <div role="status" className="sr-only">
        {isPending ? "Looking for models" : look.isSuccess ? `${formatCount(servers.length, "server")} found` : ""}
      </div>
      {look.isError && portError === undefined && (
        <Banner kind="negative" role="alert" title="Nothing could be looked for">
          {messageOf(look.error)}
        </Banner>
      )}
      {look.isSuccess && servers.length === 0 && (
        <EmptyState icon={SearchX} title="No model server answers" className="py-6">
          Start one, then look again. One that listens elsewhere is found by its port.
        </EmptyState>
      )}
      {servers.map((server) => (
        <Server
          key={server.port}
          server={server}
          onTested={(model, test) => keepTest(server, model, test)}
          onAdded={onAdded}
          onShowConnection={onShowConnection}
          onEnterKey={onEnterKey}
        />
      ))}
      <form
        className="border-t pt-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (/^\d+$/.test(port.trim())) mutate([Number(port)]);
        }}
      >
        <Field
          label="Another port"
          hint="Where a server listens that was told otherwise."
          error={portError ?? (isBare ? `No model server answers on port ${lastPort}.` : undefined)}
        >
          <div className="flex gap-2">
            <TextInput
              size="medium"
              value={port}
              onChange={(text) => setPort(text.replace(/\D/g, "").slice(0, 5))}
              inputMode="numeric"
              placeholder="8081"
              className="max-w-32"
            />
            <Button
              type="submit"
              waiting={isPending}
              disabledReason={
                port === "" || Number(port) < 1 || Number(port) > 65_535 ? "Enter a port from 1 to 65535." : undefined
              }
            >
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
  onTested: (model: LocalModel, test: LocalTest) => void;
};

function Server({ server, onTested, onAdded, onShowConnection, onEnterKey }: ServerProps) {
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
          <Model
            key={model.id}
            server={server}
            model={model}
            onTested={(test) => onTested(model, test)}
            onAdded={onAdded}
            onShowConnection={onShowConnection}
          />
        ))}
      </ul>
      {leftOut > 0 && (
        <p className="border-t px-3 py-2 text-xs text-subtler">
          {formatCount(leftOut, "model is", "models are")} left out: for embeddings, or answering from another computer.
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
          <span className="flex-1">It wants a key, and says nothing without one.</span>
          <Button size="small" icon={Plus} onClick={onEnterKey}>
            Add with a key
          </Button>
        </div>
      );
  }
}

type ModelProps = {
  server: LocalServer;
  model: LocalModel;
  onTested: (test: LocalTest) => void;
  onAdded: (saved: SavedConnection) => void;
  onShowConnection: (name: string) => void;
};

function Model({ server, model, onTested, onAdded, onShowConnection }: ModelProps) {
  const [progress, setProgress] = useState<LocalTestProgress | null>(null);
  const test = useMutation({
    mutationFn: () => ipc.testLocalModel(server.port, model.id),
    onMutate: () => setProgress(null),
    onSuccess: onTested,
  });
  const { isPending } = test;
  useEffect(() => (isPending ? listen("localTest", setProgress) : undefined), [isPending]);
  // A test that nobody waits for any more would keep the computer busy.
  const atWork = useRef(false);
  atWork.current = isPending;
  useEffect(
    () => () => {
      if (atWork.current) void ipc.cancelLocalTest();
    },
    [],
  );
  const add = useMutation({ mutationFn: () => ipc.addLocalModel(server.port, model.id), onSuccess: onAdded });
  const isCanceled = test.error instanceof IpcFailure && test.error.code === "canceled";
  const failure = add.error ?? (isCanceled ? null : test.error);
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
        {isPending ? (
          <Button size="small" onClick={() => void ipc.cancelLocalTest()}>
            Cancel
          </Button>
        ) : (
          <Button
            size="small"
            icon={Activity}
            aria-label={`${model.test === null ? "Test" : "Test again"} ${model.id}`}
            title="Asks it some twenty short questions"
            onClick={() => test.mutate()}
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
            waiting={add.isPending}
            disabledReason={isPending ? "Wait for the test, or cancel it." : undefined}
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
      {isPending && (
        <div className="flex flex-col gap-1.5">
          <Progress label={`Testing ${model.id}`} share={null} />
          <p role="status" className="text-xs text-subtler">
            {stepWords(progress)}
          </p>
        </div>
      )}
      {!isPending && model.test !== null && <Tested test={model.test} />}
      {failure !== null && (
        <Banner kind="negative" role="alert" title={add.isError ? "It was not added" : "It could not be tested"}>
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
      return "Showing it pictures, and asking how sure it is.";
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
        {sentence(record.message)}
      </Banner>
    );
  }
  return (
    <div className="flex flex-col gap-1.5">
      {record.abilities !== null && <AbilityList abilities={record.abilities} />}
      <p className="text-xs text-subtle">{speed === null ? "Too slow to be measured." : speedWords(speed)}</p>
    </div>
  );
}
