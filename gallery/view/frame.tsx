import { useEffect, useRef, useState } from "preact/hooks";
import type { Slot } from "../model/slots.ts";
import { shortDate } from "../model/time.ts";

interface Parts {
  slot: Slot;
  /** When the job and its files may be removed. */
  keptUntil: string | undefined;
  isAway: boolean;
  /** A link that has died, or a thumbnail that is gone: the job is to be read afresh. */
  onDead: () => void;
}

// A file that is gone would be asked for with each fresh link.
const maxRetries = 2;

/** One frame of the film: a slot as it stands. */
export function Frame({ slot, keptUntil, isAway, onDead }: Parts) {
  const [broken, setBroken] = useState("");
  const retries = useRef(0);
  useEffect(() => {
    setBroken("");
    retries.current = 0;
  }, [isAway]);
  switch (slot.state) {
    case "made": {
      const { image } = slot;
      const address = image.thumbnail_url ?? image.url;
      if (broken === address) {
        return (
          <span class="frame gone">
            <Word text={isAway ? "Will show when you are back online" : goneWords(keptUntil)} />
          </span>
        );
      }
      return (
        <span class="frame made">
          <img
            src={address}
            alt=""
            width={image.width}
            height={image.height}
            loading="lazy"
            decoding="async"
            onError={() => {
              setBroken(address);
              if (retries.current >= maxRetries) return;
              retries.current += 1;
              onDead();
            }}
          />
        </span>
      );
    }
    case "developing":
      return (
        <span class="frame developing" data-step={slot.step}>
          <img src={slot.url} alt="" />
        </span>
      );
    case "refused":
    case "failed":
      return (
        <span class={`frame ${slot.state}`}>
          <Word text={slot.state === "refused" ? "Refused" : "Failed"} />
        </span>
      );
    case "none":
      return (
        <span class="frame none">
          <Word text="Not made" />
        </span>
      );
    default:
      return <span class="frame waiting" />;
  }
}

/** A file that went before its day was removed by somebody. */
function goneWords(keptUntil: string | undefined): string {
  if (keptUntil === undefined || Date.parse(keptUntil) > Date.now()) return "No longer here";
  return `Kept until ${shortDate.format(new Date(keptUntil))}`;
}

function Word({ text }: { text: string }) {
  return <span class="frame-word">{text}</span>;
}
