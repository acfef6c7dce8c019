import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./Button";
import { copyText } from "./copyText";

type CopyButtonProps = { text: string; label: string; iconOnly?: boolean; size?: "small" | "medium" };

/** Puts `text` on the clipboard and says so on itself. */
export function CopyButton({ text, label, iconOnly = false, size = "medium" }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => setCopied(await copyText(text, "text"));
  const icon = copied ? Check : Copy;
  if (iconOnly) return <IconButton icon={icon} size={size} label={copied ? "Copied" : label} onClick={copy} />;
  return (
    <Button icon={icon} size={size} onClick={copy}>
      {copied ? "Copied" : label}
    </Button>
  );
}
