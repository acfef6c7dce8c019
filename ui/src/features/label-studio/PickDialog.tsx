/** Brings a project from a Label Studio server: which server, which of its projects, and what came. */
import { useQuery } from "@tanstack/react-query";
import { Plus, Server } from "lucide-react";
import { useRef, useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Banner } from "@/components/ui/Banner";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { EmptyState } from "@/components/ui/EmptyState";
import { Select } from "@/components/ui/Select";
import type { LabelStudioServer, ServerProject } from "@/ipc/bindings";
import { messageOf } from "@/ipc/client";
import { projectsQuery, serversQuery } from "@/ipc/queries";
import { sentence } from "@/lib/format";
import { keep, readKept } from "@/lib/kept";
import { ProjectPicker } from "./ProjectPicker";
import { PullReportView } from "./PullReportView";
import { pulling } from "./pulling";
import { ServerDialog } from "./ServerDialog";
import { usePull } from "./usePull";
import { serverWords } from "./words";

/** The server that was chosen last on this machine. */
const LAST_SERVER = "touchstone.label-studio-server";

type PickDialogProps = {
  onClose: () => void;
  onCreatePrompt: (projectId: string) => void;
  /** Not where the project is wanted for a prompt that is being created. */
  onOpenProject?: (projectId: string) => void;
};

export function PickDialog({ onClose, onCreatePrompt, onOpenProject }: PickDialogProps) {
  const servers = useQuery(serversQuery());
  const projects = useQuery(projectsQuery());
  const { pull, cancel, progress, failed } = usePull();
  const [wanted, setWanted] = useState<string>();
  const [connecting, setConnecting] = useState(false);
  const [changing, setChanging] = useState(false);
  const [chosen, setChosen] = useState<ServerProject | null>(null);
  const [taken, setTaken] = useState<ServerProject | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const known = servers.data ?? [];
  const kept = wanted ?? readKept(LAST_SERVER);
  const server = known.find(({ id }) => id === kept) ?? known[0];
  const choose = (id: string) => {
    keep(LAST_SERVER, id);
    setWanted(id);
    setChosen(null);
    pull.reset();
  };
  const use = onOpenProject ?? onCreatePrompt;
  /** Why it cannot be taken; one that is here can be looked at all the same. */
  const refusalOf = ({ ineligible, project_id }: ServerProject) =>
    ineligible === null || (project_id !== null && onOpenProject !== undefined) ? undefined : sentence(ineligible);
  const take = (project: ServerProject) => {
    if (refusalOf(project) !== undefined || server === undefined || pull.isPending) return;
    if (project.project_id !== null) return use(project.project_id);
    setTaken(project);
    const options = { take_config: true, gone: "leave" as const };
    pull.mutate({ serverId: server.id, remoteId: project.id, title: project.title, options });
  };

  if (pull.isSuccess && taken !== null) {
    const { project_id: projectId } = pull.data;
    const summary = projects.data?.find(({ id }) => id === projectId);
    const ineligible = summary?.ineligible ?? null;
    return (
      <Dialog
        open
        onClose={onClose}
        title="From Label Studio"
        description={`“${summary?.name ?? taken.title}” is here.`}
        onSubmit={() => use(projectId)}
        footer={
          onOpenProject === undefined ? (
            <>
              <Button onClick={onClose}>Close</Button>
              <Button
                variant="primary"
                look="filled"
                disabledReason={ineligible ?? undefined}
                onClick={() => onCreatePrompt(projectId)}
              >
                Use it for the prompt
              </Button>
            </>
          ) : (
            <>
              <Button onClick={() => onOpenProject(projectId)}>Open project</Button>
              <Button
                variant="primary"
                look="filled"
                disabledReason={ineligible === null ? undefined : sentence(ineligible)}
                onClick={() => onCreatePrompt(projectId)}
              >
                Create Prompt
              </Button>
            </>
          )
        }
      >
        <PullReportView report={pull.data} ineligible={ineligible} />
      </Dialog>
    );
  }
  if (pull.isPending && taken !== null) {
    const onCancel = () => cancel.mutate();
    return <Dialog open {...pulling({ title: taken.title, progress, onCancel, canceling: cancel.isPending })} />;
  }
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title="From Label Studio"
      description="Brings a project with its labeling config, tasks and annotations. It stays linked: changes can be pulled, and predictions given back."
      bare
      {...(server !== undefined && { initialFocus: search })}
      onSubmit={() => chosen !== null && take(chosen)}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            look="filled"
            disabledReason={chosen === null ? "Choose a project first." : refusalOf(chosen)}
            onClick={() => chosen !== null && take(chosen)}
          >
            {chosen?.project_id == null ? "Pull project" : onOpenProject === undefined ? "Use it" : "Open project"}
          </Button>
        </>
      }
    >
      <div className="flex h-140 min-h-0 flex-col gap-3 px-6 py-4 low:py-3">
        <Loaded query={servers} what="the servers">
          {(servers) =>
            server === undefined ? (
              <EmptyState
                icon={Server}
                title="Connect a Label Studio server"
                className="h-full justify-center py-4"
                actions={
                  <Button variant="primary" look="filled" icon={Plus} onClick={() => setConnecting(true)}>
                    Connect a server…
                  </Button>
                }
              >
                Its address and a token are enough, of the community edition or of an enterprise. The token stays in the
                system's keychain.
              </EmptyState>
            ) : (
              <>
                {failed !== null && taken !== null && (
                  <Banner
                    kind="negative"
                    role="alert"
                    title={`“${taken.title}” was not pulled`}
                    actions={
                      <Button size="small" onClick={() => take(taken)}>
                        Go on
                      </Button>
                    }
                  >
                    {messageOf(failed)}
                  </Banner>
                )}
                <ProjectPicker
                  key={server.id}
                  serverId={server.id}
                  onChoose={setChosen}
                  onTake={take}
                  inputRef={search}
                  onChangeServer={() => setChanging(true)}
                >
                  <Servers servers={servers} value={server.id} onChange={choose} />
                  <Button icon={Plus} onClick={() => setConnecting(true)}>
                    Connect another…
                  </Button>
                </ProjectPicker>
              </>
            )
          }
        </Loaded>
      </div>
      {changing && server !== undefined && <ServerDialog server={server} onClose={() => setChanging(false)} />}
      {connecting && <ServerDialog onClose={() => setConnecting(false)} onSaved={({ id }) => choose(id)} />}
    </Dialog>
  );
}

type ServersProps = { servers: readonly LabelStudioServer[]; value: string; onChange: (id: string) => void };

function Servers({ servers, value, onChange }: ServersProps) {
  return (
    <Select
      label="Server"
      value={value}
      onChange={onChange}
      options={servers.map((server) => ({
        value: server.id,
        label: server.name,
        hint: serverWords(server) || server.address,
      }))}
      className="max-w-60"
    />
  );
}
