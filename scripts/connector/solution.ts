import { createHash } from "node:crypto";
import { strToU8, zipSync } from "fflate";
import { about } from "./about.ts";
import { type EnvironmentVariable, type Flow, prefix, referenceName } from "./flows/flow.ts";
import { objectAt, type JsonObject } from "./json.ts";

/**
 * Solutions of Power Platform: what is imported into an environment. One has the connector, another the sample flows with it;
 * both in a package are what certification takes, with `intro.md` beside it (ConnectorPackageValidator.ps1 of
 * microsoft/PowerPlatformConnectors says of which parts). Identifiers are made of names, so that an import updates what is there.
 */
export interface SolutionSource {
  definition: JsonObject;
  /** `apiProperties.json`. */
  properties: JsonObject;
  icon: Uint8Array;
}

const connectorName = `${prefix}_images`;
const folder = "Connector";

export function connectorSolution(source: SolutionSource): Uint8Array {
  return zipped({
    ...connectorFiles(source),
    "solution.xml": solutionXml("DarkroomConnector", `${about.title} connector`, [connectorRoot]),
    "customizations.xml": customizationsXml({ flows: {}, references: [] }),
  });
}

export function flowsSolution(source: SolutionSource, flows: Readonly<Record<string, Flow>>): Uint8Array {
  const variables = Object.values(flows).flatMap((flow) => flow.variables);
  const references = [...new Set(Object.values(flows).flatMap(({ connections }) => connections))].sort();
  const roots = [
    connectorRoot,
    ...Object.keys(flows).map((name) => `<RootComponent type="29" id="{${idOf(name)}}" behavior="0" />`),
    ...variables.map(
      ({ schemaName }) => `<RootComponent type="380" schemaName="${schemaName}" behavior="0" />`,
    ),
  ];
  return zipped({
    ...connectorFiles(source),
    ...Object.fromEntries(
      Object.entries(flows).map(([name, { file }]) => [fileOf(name), JSON.stringify(file, null, 2)]),
    ),
    ...Object.fromEntries(variables.map((variable) => [variableFileOf(variable), variableXml(variable)])),
    "solution.xml": solutionXml("DarkroomFlows", `${about.title} sample flows`, roots),
    "customizations.xml": customizationsXml({ flows, references }),
  });
}

/** What is submitted for certification: an introduction, and a package of both solutions. */
export function certificationPackage(
  source: SolutionSource,
  flows: Readonly<Record<string, Flow>>,
  intro: string,
): Uint8Array {
  const assets = {
    "PkgAssets/DarkroomConnector.zip": connectorSolution(source),
    "PkgAssets/DarkroomFlows.zip": flowsSolution(source, flows),
  };
  return zipped({ "intro.md": intro, "package.zip": zipped(assets) });
}

function connectorFiles({
  definition,
  properties,
  icon,
}: SolutionSource): Record<string, string | Uint8Array> {
  const facts = objectAt(properties, "properties");
  const file = (part: string) => `${folder}/${connectorName}_${part}`;
  return {
    "[Content_Types].xml": contentTypes,
    [file("openapidefinition.json")]: JSON.stringify(definition, null, 2),
    [file("connectionparameters.json")]: JSON.stringify(facts["connectionParameters"] ?? {}, null, 2),
    [file("connectionparametersets.json")]: JSON.stringify(facts["connectionParameterSets"] ?? {}, null, 2),
    [file("policytemplateinstances.json")]: JSON.stringify(facts["policyTemplateInstances"] ?? [], null, 2),
    [file("iconblob.Png")]: icon,
  };
}

const connectorElement = `
    <Connector>
      <connectorid>${idOf(connectorName)}</connectorid>
      <description>${escaped(about.description)}</description>
      <displayname>${escaped(about.title)}</displayname>
      <iconbrandcolor>${about.brandColor}</iconbrandcolor>
      <name>${connectorName}</name>
      <connectortype>1</connectortype>
${[
  "openapidefinition.json",
  "connectionparameters.json",
  "connectionparametersets.json",
  "policytemplateinstances.json",
  "iconblob.Png",
]
  .map((part) => {
    const element = part.slice(0, part.indexOf("."));
    return `      <${element}>/${folder}/${connectorName}_${part}</${element}>`;
  })
  .join("\n")}
    </Connector>`;

function customizationsXml({
  flows,
  references,
}: {
  flows: Readonly<Record<string, Flow>>;
  references: readonly string[];
}): string {
  const names = Object.keys(flows);
  const workflows =
    names.length === 0 ? "" : `\n  <Workflows>${names.map(workflowElement).join("")}\n  </Workflows>`;
  const connections =
    references.length === 0
      ? ""
      : `\n  <connectionreferences>${references.map(referenceElement).join("")}\n  </connectionreferences>`;
  return `${declaration}
<ImportExportXml ${schemaInstance}>
  <Entities />
  <Roles />${workflows}
  <FieldSecurityProfiles />
  <Templates />
  <EntityMaps />
  <EntityRelationships />
  <OrganizationSettings />
  <optionsets />
  <CustomControls />
  <EntityDataProviders />
  <Connectors>${connectorElement}
  </Connectors>${connections}
  <Languages>
    <Language>1033</Language>
  </Languages>
</ImportExportXml>
`;
}

/** Off until somebody turns it on: a run costs images. */
function workflowElement(name: string): string {
  const facts: [string, string | number][] = [
    ["JsonFileName", `/${fileOf(name)}`],
    ...Object.entries({ Type: 1, Subprocess: 0, Category: 5, Mode: 0, Scope: 4, OnDemand: 0 }),
    ...Object.entries({ TriggerOnCreate: 0, TriggerOnDelete: 0, AsyncAutodelete: 0 }),
    ...Object.entries({ SyncWorkflowLogOnFailure: 0, StateCode: 0, StatusCode: 1, RunAs: 1 }),
    ...Object.entries({ IsTransacted: 1, IntroducedVersion: "1.0.0.0", IsCustomizable: 1 }),
    ...Object.entries({ BusinessProcessType: 0, IsCustomProcessingStepAllowedForOtherPublishers: 1 }),
    ...Object.entries({ ModernFlowType: 0, PrimaryEntity: "none" }),
  ];
  return `
    <Workflow WorkflowId="{${idOf(name)}}" Name="${escaped(titleOf(name))}">
${facts.map(([fact, value]) => `      <${fact}>${value}</${fact}>`).join("\n")}
      <LocalizedNames>
        <LocalizedName languagecode="1033" description="${escaped(titleOf(name))}" />
      </LocalizedNames>
    </Workflow>`;
}

function referenceElement(connection: string): string {
  const isOwn = connection === prefix;
  const own = `
      <customconnectorid>
        <connectorid>${idOf(connectorName)}</connectorid>
      </customconnectorid>`;
  return `
    <connectionreference connectionreferencelogicalname="${referenceName(connection)}">
      <connectionreferencedisplayname>${connection}</connectionreferencedisplayname>
      <connectorid>/providers/Microsoft.PowerApps/apis/shared_${connection}</connectorid>${isOwn ? own : ""}
      <iscustomizable>1</iscustomizable>
      <statecode>0</statecode>
      <statuscode>1</statuscode>
    </connectionreference>`;
}

function variableXml({ schemaName, displayName, initial }: EnvironmentVariable): string {
  return `${declaration}
<environmentvariabledefinition schemaname="${schemaName}">${initial === undefined ? "" : `\n  <defaultvalue>${escaped(initial)}</defaultvalue>`}
  <displayname default="${escaped(displayName)}">
    <label description="${escaped(displayName)}" languagecode="1033" />
  </displayname>
  <introducedversion>1.0.0.0</introducedversion>
  <iscustomizable>1</iscustomizable>
  <isrequired>${initial === undefined ? 1 : 0}</isrequired>
  <secretstore>0</secretstore>
  <type>100000000</type>
</environmentvariabledefinition>
`;
}

function solutionXml(name: string, title: string, roots: readonly string[]): string {
  return `${declaration}
<ImportExportXml version="9.2" SolutionPackageVersion="9.2" languagecode="1033" generatedBy="CrmLive" ${schemaInstance}>
  <SolutionManifest>
    <UniqueName>${name}</UniqueName>
    <LocalizedNames>
      <LocalizedName description="${escaped(title)}" languagecode="1033" />
    </LocalizedNames>
    <Descriptions />
    <Version>${about.version}.0</Version>
    <Managed>0</Managed>
    <Publisher>
      <UniqueName>${about.publisher}</UniqueName>
      <LocalizedNames>
        <LocalizedName description="${about.publisher}" languagecode="1033" />
      </LocalizedNames>
      <Descriptions />
      <EMailAddress>${about.contact.email}</EMailAddress>
      <SupportingWebsiteUrl>${about.website}</SupportingWebsiteUrl>
      <CustomizationPrefix>${prefix}</CustomizationPrefix>
      <CustomizationOptionValuePrefix>28541</CustomizationOptionValuePrefix>
      <Addresses />
    </Publisher>
    <RootComponents>
      ${roots.join("\n      ")}
    </RootComponents>
    <MissingDependencies />
  </SolutionManifest>
</ImportExportXml>
`;
}

const declaration = `<?xml version="1.0" encoding="utf-8"?>`;
const schemaInstance = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;
const connectorRoot = `<RootComponent type="372" id="{${idOf(connectorName)}}" schemaName="${connectorName}" behavior="0" />`;
const contentTypes = `${declaration}
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${["xml", "json", "Png"]
  .map((extension) => `<Default Extension="${extension}" ContentType="application/octet-stream" />`)
  .join("")}</Types>
`;

const titleOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll("-", " ")}`;
const fileOf = (name: string) => {
  const words = name.split("-").map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `Workflows/${words.join("")}-${idOf(name).toUpperCase()}.json`;
};
const variableFileOf = ({ schemaName }: EnvironmentVariable) =>
  `environmentvariabledefinitions/${schemaName}/environmentvariabledefinition.xml`;

/** A UUID of version 8 (RFC 9562): the same for the same name. */
function idOf(name: string): string {
  const hex = createHash("sha256").update(`darkroom solution ${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** The same bytes for the same parts, whenever it is made. */
function zipped(parts: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const files = Object.entries(parts).map(([name, part]) => [
    name,
    typeof part === "string" ? strToU8(part) : part,
  ]);
  return zipSync(Object.fromEntries(files) as Record<string, Uint8Array>, { mtime: new Date(1980, 0, 1) });
}
