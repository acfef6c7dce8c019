/** Whether other machines may be reached, and which ones were: host, purpose, sizes and time, never what was said. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { type Ref, useEffect, useRef, useState } from "react";
import { Loaded } from "@/components/Loaded";
import { Button } from "@/components/ui/Button";
import { Checkbox } from "@/components/ui/Checkbox";
import { ScrollTable, scrollCell } from "@/components/ui/ScrollTable";
import { RelativeTime } from "@/components/ui/Time";
import { toast } from "@/components/ui/toast";
import type { ContactPurpose, HostContacts } from "@/ipc/bindings";
import { ipc, messageOf } from "@/ipc/client";
import { contactsQuery } from "@/ipc/queries";
import { formatBytes, formatCount } from "@/lib/format";

const PURPOSES: Record<ContactPurpose, string> = {
  model: "Asked a model",
  check: "Tested, or listed models",
  count: "Counted tokens for an estimate",
  sign_in: "Signed in",
  media: "Read pictures or PDFs of tasks",
  link: "Compared a linked space",
  label_studio: "Read or wrote projects of Label Studio",
};

/** More are shown on request: a project's pictures may come from hundreds of hosts. */
const SHOWN = 50;

const COLUMNS = [
  { title: "Host" },
  { title: "Sent", className: "text-right" },
  { title: "Received", className: "text-right" },
  { title: "Last", className: "text-right" },
];

type NetworkSectionProps = {
  offline: boolean;
  onOffline: (offline: boolean) => void;
  /** The switch. */
  ref?: Ref<HTMLElement> | undefined;
};

export function NetworkSection({ offline, onOffline, ref }: NetworkSectionProps) {
  return (
    <>
      <Checkbox
        ref={ref}
        checked={offline}
        onChange={onOffline}
        hint="Only this computer is reached: models on localhost work as before. What is under way to other computers ends, and runs that ask them pause."
      >
        Offline
      </Checkbox>
      <p className="text-sm text-subtle">
        Connections are made only to models that you ask, to pictures and PDFs that tasks name, and to servers that you
        connected or linked. Nothing is reported home, and no update is looked for.
      </p>
      <Loaded query={useQuery(contactsQuery())} what="the list of hosts">
        {(contacts) => <Contacts contacts={contacts} />}
      </Loaded>
    </>
  );
}

function Contacts({ contacts }: { contacts: HostContacts[] }) {
  const [all, setAll] = useState(false);
  const clear = useMutation({
    mutationFn: ipc.clearContacts,
    onError: (error) => toast({ kind: "failed", title: "The list was not cleared", description: messageOf(error) }),
  });
  // What is pressed here goes with what it does; the focus goes on in what is left.
  const isEmpty = contacts.length === 0;
  const hosts = useRef<HTMLElement>(null);
  const nothing = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (clear.isSuccess && isEmpty) nothing.current?.focus();
  }, [clear.isSuccess, isEmpty]);
  if (isEmpty) {
    return (
      <p ref={nothing} tabIndex={-1} className="rounded-sm text-sm text-subtler outline-offset-2">
        No host is listed. Each that is contacted stays here for 90 days.
      </p>
    );
  }
  const shown = all ? contacts : contacts.slice(0, SHOWN);
  return (
    <>
      <ScrollTable ref={hosts} label="Hosts that were contacted" columns={COLUMNS}>
        {shown.map((contact) => (
          <tr key={`${contact.host} ${contact.purpose}`}>
            <td className={scrollCell}>
              <span className="font-medium break-all select-text">{contact.host}</span>
              {contact.is_loopback && <span className="text-subtler"> (this computer)</span>}
              <div className="text-xs text-subtler">
                {PURPOSES[contact.purpose]}, {formatCount(contact.requests, "request")}
                {!contact.has_answered && ": nothing answered"}
              </div>
            </td>
            <td className={`${scrollCell} text-right whitespace-nowrap tabular-nums`}>
              {formatBytes(contact.bytes_sent)}
            </td>
            <td className={`${scrollCell} text-right whitespace-nowrap tabular-nums`}>
              {formatBytes(contact.bytes_received)}
            </td>
            <td className={`${scrollCell} text-right whitespace-nowrap`}>
              <RelativeTime iso={contact.last_at} />
            </td>
          </tr>
        ))}
      </ScrollTable>
      <div className="flex w-full flex-wrap items-center gap-2">
        {shown.length < contacts.length && (
          <Button
            onClick={() => {
              hosts.current?.focus();
              setAll(true);
            }}
          >
            Show all {formatCount(contacts.length, "entry", "entries")}
          </Button>
        )}
        <Button onClick={() => clear.mutate()} waiting={clear.isPending}>
          Clear the list
        </Button>
        <span className="text-xs text-subtler">
          The last 90 days. Sizes are those of requests and replies with their headers; what they said is not kept.
        </span>
      </div>
    </>
  );
}
