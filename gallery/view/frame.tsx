import type { Slot } from "../model/slots.ts";

/** One frame of the film: a slot as it stands. */
export function Frame({
  slot,
  alt,
  isLarge,
  onDead,
}: {
  slot: Slot;
  alt: string;
  isLarge?: boolean;
  onDead: () => void;
}) {
  switch (slot.state) {
    case "made": {
      const { image } = slot;
      const address = isLarge ? image.url : (image.thumbnail_url ?? image.url);
      // A link that has died, or a thumbnail that is gone: the job is read afresh.
      return (
        <span class="frame made">
          <img
            src={address}
            alt={alt}
            width={image.width}
            height={image.height}
            loading="lazy"
            decoding="async"
            onError={onDead}
          />
        </span>
      );
    }
    case "developing":
      return (
        <span class="frame developing" data-step={slot.step}>
          <img src={slot.url} alt={alt && `${alt}, still developing`} />
        </span>
      );
    case "refused":
    case "failed":
      return (
        <span class={`frame ${slot.state}`}>
          <span class="frame-word">{slot.state === "refused" ? "Refused" : "Failed"}</span>
        </span>
      );
    default:
      return <span class={`frame ${slot.state}`} />;
  }
}
