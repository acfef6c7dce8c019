/** What the parts of an open result are made of. */
import { Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { CopyButton } from "@/components/ui/CopyButton";
import type { Repair } from "@/ipc/bindings";

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 text-xs font-semibold text-subtler">{title}</h3>
      {children}
    </section>
  );
}

/** A text as it went over the wire; `label` names the button that copies it. */
export function Source({ text, label, children }: { text: string; label: string; children: ReactNode }) {
  return (
    <>
      <div className="mb-2 flex items-center gap-2">
        <p className="min-w-0 flex-1 truncate text-xs text-subtler">{children}</p>
        <CopyButton text={text} label={label} iconOnly size="small" />
      </div>
      <pre className="rounded-sm bg-surface p-3 font-mono text-xs leading-5 break-words whitespace-pre-wrap">
        {text}
      </pre>
    </>
  );
}

export function Repairs({ repairs }: { repairs: readonly Repair[] }) {
  return (
    <ul className="flex flex-col gap-1">
      {repairs.map((repair) => (
        <li key={`${repair.control} ${repair.detail}`} className="flex items-start gap-1.5 select-text">
          <Wrench aria-hidden className="mt-0.5 size-3.5 shrink-0 text-warning-content" />
          <span>
            <span className="font-medium">{repair.control}:</span> {repair.detail}
          </span>
        </li>
      ))}
    </ul>
  );
}
