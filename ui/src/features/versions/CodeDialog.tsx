/** A version as code: the request that a run sends, for a program of one's own. */
import { useQuery } from "@tanstack/react-query";
import { CodeXml } from "lucide-react";
import { useState } from "react";
import { CodeView } from "@/components/code/CodeView";
import { QueryProblem } from "@/components/QueryProblem";
import { CopyButton } from "@/components/ui/CopyButton";
import { Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Delayed, Skeleton } from "@/components/ui/Skeleton";
import { Tab, TabList, TabPanel, Tabs } from "@/components/ui/Tabs";
import type { SnippetLanguage, VersionCode, VersionSummary } from "@/ipc/bindings";
import { IpcFailure, messageOf } from "@/ipc/client";
import { versionCodeQuery } from "@/ipc/queries";

const LANGUAGES = {
  curl: { name: "curl", syntax: "shell" },
  python: { name: "Python", syntax: "python" },
  typescript: { name: "TypeScript", syntax: "typescript" },
} as const satisfies Record<SnippetLanguage, unknown>;

export function CodeDialog({ version, onClose }: { version: VersionSummary; onClose: () => void }) {
  const code = useQuery(versionCodeQuery(version.id));
  const [language, setLanguage] = useState<SnippetLanguage>("curl");
  const shown = code.data?.snippets.find((snippet) => snippet.language === language);
  const isNone = code.error instanceof IpcFailure && code.error.code === "invalid";
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Version ${version.number} as code`}
      description={
        isNone
          ? undefined
          : "It asks exactly what a run asks: the same address, model, parameters, messages and schema."
      }
      size={isNone ? "medium" : "full"}
      bare
    >
      {isNone ? (
        <EmptyState icon={CodeXml} title="There is no code for this version">
          {messageOf(code.error)}
        </EmptyState>
      ) : code.isError ? (
        <QueryProblem title="The code could not be made" error={code.error} onRetry={() => void code.refetch()} />
      ) : code.data === undefined || shown === undefined ? (
        <Delayed>
          <div role="status" aria-label="Writing the code" className="p-6">
            <Skeleton className="h-60" />
          </div>
        </Delayed>
      ) : (
        <Tabs
          value={language}
          onChange={(next) => setLanguage(next as SnippetLanguage)}
          look="pill"
          className="flex-1 gap-3 px-6 py-4"
        >
          <div className="flex flex-wrap items-center gap-3">
            <TabList label="Language">
              {code.data.snippets.map((snippet) => (
                <Tab key={snippet.language} value={snippet.language}>
                  {LANGUAGES[snippet.language].name}
                </Tab>
              ))}
            </TabList>
            <p className="min-w-0 flex-1 basis-60 text-xs text-subtler select-text">{aboutKeys(code.data)}</p>
            <CopyButton text={shown.code} label="Copy" />
          </div>
          {code.data.left_out.length > 0 && (
            <p className="text-xs text-subtle select-text">As in a run, {code.data.left_out.join(" ")}</p>
          )}
          {code.data.snippets.map((snippet) => (
            <TabPanel key={snippet.language} value={snippet.language} className="flex flex-col">
              <CodeView
                text={snippet.code}
                language={LANGUAGES[snippet.language].syntax}
                label={`${LANGUAGES[snippet.language].name} code`}
                className="flex-1"
              />
            </TabPanel>
          ))}
        </Tabs>
      )}
    </Dialog>
  );
}

function aboutKeys({ environment }: VersionCode): string {
  if (environment.length === 0) return "The server wants no key.";
  return `No key is in it: it reads ${environment.join(" and ")} from the environment.`;
}
