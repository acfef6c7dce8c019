import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./Button";
import { toast } from "./toast";

type CopyButtonProps = { text: string; label: string; iconOnly?: boolean; size?: "small" | "medium" };

/** Puts `text` on the clipboard and says so on itself. */
export function CopyButton({ text, label, iconOnly = false, size = "medium" }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      toast({ kind: "failed", title: "The clipboard did not take the text" });
    }
  };
  const icon = copied ? Check : Copy;
  if (iconOnly) return <IconButton icon={icon} size={size} label={copied ? "Copied" : label} onClick={copy} />;
  return (
    <Button icon={icon} size={size} onClick={copy}>
      {copied ? "Copied" : label}
    </Button>
  );
}
