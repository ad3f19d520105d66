/** What a service is made of. */
export interface Installation {
  /** Absolute paths of Node and of the command's program. */
  readonly node: string;
  readonly program: string;
  /** Absolute. */
  readonly dataDir: string;
  /** User and group, of the same name. */
  readonly user: string;
}

/** Name of the service, its user, and its file of settings. */
export const SERVICE = "audio-receiver";
export const UNIT_FILE = `/etc/systemd/system/${SERVICE}.service`;
export const DEFAULTS_FILE = `/etc/default/${SERVICE}`;

/** The unit's text. Everything that recording does not need is closed to it. */
export function unitOf({ node, program, dataDir, user }: Installation): string {
  return `[Unit]
Description=Audio receiver: records what microphones send
After=network-online.target time-sync.target
Wants=network-online.target
RequiresMountsFor=${quoted(dataDir)}

[Service]
Type=notify
NotifyAccess=all
ExecStart=${quoted(node)} ${quoted(program)} serve
ExecReload=/bin/kill -HUP $MAINPID
Environment=${quoted(`DATA_DIR=${dataDir}`)}
EnvironmentFile=-${DEFAULTS_FILE}
User=${user}
Group=${user}
WorkingDirectory=${dataDir.replaceAll("%", "%%")}

Restart=always
RestartSec=2
WatchdogSec=60
TimeoutStartSec=300
TimeoutStopSec=60
LimitNOFILE=65536
OOMScoreAdjust=-500

UMask=0027
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ReadWritePaths=${quoted(dataDir)}
ProtectHome=${isInHome(program) || isInHome(node) ? "read-only" : "yes"}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

/** The file in which its settings are changed, as it is installed. */
export function defaultsOf({ dataDir }: Pick<Installation, "dataDir">): string {
  return `# Settings of audio-receiver.service, one a line: NAME=value. All names: docs/configuration.md.
# After a change: systemctl restart ${SERVICE}
# Settings in ${dataDir}/audio-receiver.config.yaml may be changed while it records: systemctl reload ${SERVICE}

#TZ=Europe/Vienna
#HOST=0.0.0.0
#AUTH=token
#WEB_UI_USERNAME=admin
#WEB_UI_PASSWORD_HASH=           # audio-receiver hash-password
#MIN_FREE_MB=500
#RETENTION_MAX_AGE_DAYS=90
`;
}

function isInHome(path: string): boolean {
  return /^\/(home|root|run\/user)\//.test(path);
}

// As systemd reads it: spaces within quotes, % doubled.
function quoted(word: string): string {
  const plain = word.replaceAll("%", "%%");
  return /[\s"'\\]/.test(plain) ? `"${plain.replaceAll(/["\\]/g, "\\$&")}"` : plain;
}
