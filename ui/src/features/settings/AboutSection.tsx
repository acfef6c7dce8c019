/** Which program this is, and whose work is in it. */
import { useQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/Button";
import { appInfoQuery } from "@/ipc/queries";
import type { Reading } from "./parts";

export function AboutSection({ onRead }: { onRead: (what: Reading) => void }) {
  const version = useQuery(appInfoQuery()).data?.version;
  return (
    <>
      <p className="text-sm">
        <span className="select-text">Touchstone {version}</span>
        <span className="text-subtler">, under the Apache License 2.0</span>
      </p>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => onRead("news")}>What is new</Button>
        <Button onClick={() => onRead("licences")}>Licences</Button>
      </div>
    </>
  );
}
