import type { UploadValues } from "./values.js";

/** Where a store answers. */
export interface Endpoint {
  /** Undefined: as the shared AWS configuration of the profile says. */
  readonly region: string | undefined;
  /** Undefined: AWS, by region. */
  readonly url: string | undefined;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. */
  readonly forcePathStyle: boolean;
}

// Stores that are not AWS sign with whatever region they are told; this one all of them know.
const ANY_REGION = "us-east-1";

/** The endpoint that the settings mean; they have no `endpointFaults`. */
export function endpointOf(values: UploadValues): Endpoint {
  const region = regionOf(values);
  const given = givenUrl(values);
  const ofProvider = values.s3Provider === "scaleway" ? `https://s3.${region}.scw.cloud` : undefined;
  const { s3ForcePathStyle, scwForcePathStyle, s3Provider } = values;
  const wanted = s3ForcePathStyle ?? (s3Provider === "scaleway" ? scwForcePathStyle : undefined);
  return {
    region: region ?? (given === undefined ? undefined : ANY_REGION),
    url: given ?? ofProvider,
    forcePathStyle: wanted ?? (isOwnServer(given) || bucketHasDot(values)),
  };
}

/** What is wrong about region and address, a line for each. */
export function endpointFaults(values: UploadValues): string[] {
  const url = givenUrl(values);
  const faults = url === undefined ? [] : urlFaults(url, values);
  const region = regionOf(values);
  if (region !== undefined && !/^[a-z0-9-]{1,64}$/.test(region))
    faults.push(`S3_REGION "${region}" is no region: write it like ${exampleRegion(values)}`);
  const needed = url === undefined && values.awsProfile === undefined;
  if (region === undefined && (values.s3Provider === "scaleway" || needed))
    faults.push(missingRegion(values));
  return faults;
}

function missingRegion(values: UploadValues): string {
  const other = values.s3Provider === "aws" ? "AWS_REGION" : "SCW_REGION";
  return `S3_REGION is missing (or ${other}): the region of the bucket, like ${exampleRegion(values)}`;
}

function exampleRegion({ s3Provider }: UploadValues): string {
  return s3Provider === "aws" ? "eu-central-1" : "fr-par, nl-ams, pl-waw";
}

function givenUrl({ s3Provider, s3ServiceUrl, scwServiceUrl }: UploadValues): string | undefined {
  return s3ServiceUrl ?? (s3Provider === "scaleway" ? scwServiceUrl : undefined);
}

function regionOf(values: UploadValues): string | undefined {
  const { s3Provider, s3Region, awsRegion, scwRegion } = values;
  const given = s3Region ?? (s3Provider === "aws" ? awsRegion : scwRegion);
  if (given !== undefined || s3Provider === "aws") return given;
  // https://s3.nl-ams.scw.cloud says it already; at another address (a test server) the region means nothing
  const url = givenUrl(values);
  const named = url === undefined ? undefined : /\bs3\.([a-z]+-[a-z]+)\.scw\.cloud\b/.exec(url)?.[1];
  return named ?? (isOwnServer(url) ? ANY_REGION : undefined);
}

function urlFaults(text: string, values: UploadValues): string[] {
  const url = parsed(text);
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return [`S3_SERVICE_URL "${withoutPassword(text)}" is no address: write it like https://s3.example.com`];
  const bucket = values.s3Bucket ?? (values.s3Provider === "aws" ? values.awsBucket : values.scwBucket);
  const bare = `${url.protocol}//${url.host.replace(`${bucket}.`, "")}`;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    return [`S3_SERVICE_URL must be an address alone, like ${bare}: no user, password, ? or #`];
  if (bucket !== undefined && (url.host.startsWith(`${bucket}.`) || url.pathname !== "/"))
    return [`S3_SERVICE_URL "${text}" must be the store's address without bucket and path: ${bare}`];
  return [];
}

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//***@");
}

function isOwnServer(url: string | undefined): boolean {
  return url !== undefined && !/\.(amazonaws\.com|scw\.cloud)$/.test(parsed(url)?.hostname ?? "");
}

// A certificate for *.s3.eu-central-1.amazonaws.com does not cover a bucket name with a dot in it.
function bucketHasDot({ s3Bucket, awsBucket, scwBucket, s3Provider }: UploadValues): boolean {
  return (s3Bucket ?? (s3Provider === "aws" ? awsBucket : scwBucket) ?? "").includes(".");
}
