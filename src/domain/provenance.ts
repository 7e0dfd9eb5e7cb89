/**
 * IPTC's terms for what made a picture (https://cv.iptc.org/newscodes/digitalsourcetype/): a model alone, or a model from pictures
 * that it was given.
 */
export const digitalSourceTypes = [
  "trainedAlgorithmicMedia",
  "compositeWithTrainedAlgorithmicMedia",
] as const;
export type DigitalSourceType = (typeof digitalSourceTypes)[number];

export function digitalSourceTypeOf(kind: "generation" | "edit"): DigitalSourceType {
  return kind === "edit" ? "compositeWithTrainedAlgorithmicMedia" : "trainedAlgorithmicMedia";
}

/** `c2pa`: the file is as its maker signed it; `iptc`: it was made anew here, and its XMP says what made the picture. */
export const provenanceMarks = ["c2pa", "iptc"] as const;
export type ProvenanceMark = (typeof provenanceMarks)[number];

/** An XMP packet that says so, for files that are made anew and lose what the first one said. */
export function provenanceXmp(type: DigitalSourceType): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/${type}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;
}
