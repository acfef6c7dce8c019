import { useMatch, useRouter } from "@tanstack/react-router";
import { useCallback } from "react";

/**
 * The way to another place of this screen (`route.useNavigate()`), which leads nowhere once the screen is left: what was waited
 * for until then must not bring back, and without the ids that the address had it would name a prompt "undefined".
 */
export function useWhileHere<Navigate extends (...args: never[]) => Promise<void>>(navigate: Navigate): Navigate {
  const { history } = useRouter();
  const here = useMatch({ strict: false, select: ({ pathname }) => pathname });
  return useCallback(
    ((...args) => (history.location.pathname === here ? navigate(...args) : Promise.resolve())) as Navigate,
    [history, here, navigate],
  );
}
