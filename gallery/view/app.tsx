import { useState } from "preact/hooks";
import { goHome } from "../browser/route.ts";
import { session, takeKeyFromAddress } from "../browser/session.ts";
import { KeyForm } from "./key-form.tsx";
import { Room } from "./room.tsx";

/** The whole page: a key first, then the gallery. */
export function App() {
  const [key, setKey] = useState(firstKey);
  const [reason, setReason] = useState("");
  const [hasSignedIn, setSignedIn] = useState(false);
  const signOut = (why: string) => {
    // Who is put out by a key that has died finds what was being written again; who leaves, leaves nothing.
    if (why === "") session.clear();
    else session.keepKey("");
    goHome();
    setReason(why);
    setKey("");
  };
  if (key === "") {
    return (
      <KeyForm
        reason={reason}
        onOpen={(opened) => {
          session.keepKey(opened);
          setSignedIn(true);
          setKey(opened);
        }}
      />
    );
  }
  return <Room key={key} apiKey={key} hasSignedIn={hasSignedIn} onSignOut={signOut} />;
}

/** The address's key goes before one that was kept: it was opened on purpose. */
function firstKey(): string {
  const given = takeKeyFromAddress();
  if (given !== "") session.keepKey(given);
  return given || session.key();
}
