/** Settings of the upload by the names that people use, each as it was given: `resolveUpload` puts them together. */
export interface UploadValues {
  readonly s3Enabled: boolean;
  readonly s3Provider: "aws" | "scaleway";
  readonly s3Bucket: string | undefined;
  readonly s3Region: string | undefined;
  readonly s3ServiceUrl: string | undefined;
  readonly s3ForcePathStyle: boolean | undefined;
  readonly s3Prefix: string;
  readonly s3UploadWav: boolean;
  readonly s3UploadBin: boolean;
  readonly s3Key: string;
  readonly s3KeyPcm: string;
  readonly s3RemoveLocal: boolean;
  /** 0 = no limit */
  readonly s3BytesPerSecond: number;
  readonly s3Concurrency: number;
  readonly s3PartMb: number;
  readonly s3TimeoutSeconds: number;
  readonly s3Checksums: "auto" | "when-required" | "when-supported";
  readonly awsAccessKeyId: string | undefined;
  readonly awsSecretAccessKey: string | undefined;
  readonly awsSessionToken: string | undefined;
  readonly awsProfile: string | undefined;
  readonly awsBucket: string | undefined;
  readonly awsRegion: string | undefined;
  readonly scwAccessKey: string | undefined;
  readonly scwSecretKey: string | undefined;
  readonly scwDefaultOrganizationId: string | undefined;
  readonly scwDefaultProjectId: string | undefined;
  readonly scwBucket: string | undefined;
  readonly scwRegion: string | undefined;
  readonly scwServiceUrl: string | undefined;
  readonly scwForcePathStyle: boolean | undefined;
}
