/** Which program this is, and whose work is in it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { appInfoQuery } from "@/ipc/queries";
import { LicencesDialog } from "./LicencesDialog";

export function AboutSection() {
  const [isOpen, setOpen] = useState(false);
  const version = useQuery(appInfoQuery()).data?.version;
  return (
    <>
      <p className="text-sm">
        <span className="select-text">Touchstone {version}</span>
        <span className="text-subtler">, under the Apache License 2.0</span>
      </p>
      <Button onClick={() => setOpen(true)}>Licences</Button>
      {isOpen && <LicencesDialog onClose={() => setOpen(false)} />}
    </>
  );
}
