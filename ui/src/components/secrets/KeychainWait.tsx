import { Delayed } from "@/components/ui/Skeleton";

/** While a secret is being stored: the system may have asked to unlock its keychain, in a window behind ours. */
export function KeychainWait() {
  return (
    <Delayed ms={1500}>
      <p role="status" className="text-xs text-subtler">
        Waiting for the system's keychain. If it asks to be unlocked, its window may be behind this one.
      </p>
    </Delayed>
  );
}
