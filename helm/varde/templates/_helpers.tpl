{{- define "varde.name" -}}
{{- if contains "varde" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-varde" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "varde.selector" -}}
app.kubernetes.io/name: varde
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "varde.labels" -}}
{{ include "varde.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "varde.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}{{ else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* What no schema can say of two values at once. */ -}}
{{- define "varde.check" -}}
{{- $mongodb := eq .Values.store "mongodb" }}
{{- if and (not $mongodb) (gt (int .Values.replicas) 1) }}{{ fail "replicas: the embedded store is in one process; for more, set store: mongodb" }}{{ end }}
{{- if and (not $mongodb) .Values.autoscaling.enabled }}{{ fail "autoscaling: the embedded store is in one process; set store: mongodb" }}{{ end }}
{{- if and $mongodb (not .Values.mongodb.existingSecret) }}{{ fail "mongodb.existingSecret: name the secret that holds the address of the database" }}{{ end }}
{{- if and $mongodb (not .Values.keyEncryptionKey.existingSecret) }}{{ fail "keyEncryptionKey.existingSecret: processes on one database share a key; make one with `varde key make-kek`" }}{{ end }}
{{- if and $mongodb .Values.backup.enabled }}{{ fail "backup: of a database, use what MongoDB has" }}{{ end }}
{{- if and .Values.ingress.enabled (not (and .Values.ingress.host .Values.ingress.tlsSecret)) }}{{ fail "ingress: name a host and the tlsSecret of its certificate" }}{{ end }}
{{- if and .Values.gateway.enabled (not (and .Values.gateway.host .Values.gateway.parent.name)) }}{{ fail "gateway: name a host and the parent gateway" }}{{ end }}
{{- end }}

{{- define "varde.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "varde.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- /* The environment of every container: where the store is and what opens it. */ -}}
{{- define "varde.env" -}}
- { name: VARDE_CONFIG, value: /etc/varde/config/varde.json }
- { name: VARDE_DATA, value: /var/lib/varde/data }
{{- if .Values.keyEncryptionKey.existingSecret }}
- { name: VARDE_KEK_FILE, value: /etc/varde/kek/kek }
{{- end }}
{{- if eq .Values.store "mongodb" }}
- name: VARDE_MONGODB
  valueFrom: { secretKeyRef: { name: {{ .Values.mongodb.existingSecret }}, key: {{ .Values.mongodb.key }} } }
{{- end }}
{{- end }}

{{- define "varde.mounts" -}}
- { name: config, mountPath: /etc/varde/config, readOnly: true }
- { name: data, mountPath: /var/lib/varde }
{{- if .Values.keyEncryptionKey.existingSecret }}
- { name: kek, mountPath: /etc/varde/kek, readOnly: true }
{{- end }}
{{- range $at, $name := .Values.secretFiles }}
- { name: secret-{{ $at }}, mountPath: /etc/varde/secrets/{{ $name }}, readOnly: true }
{{- end }}
{{- end }}

{{- define "varde.volumes" -}}
- { name: config, configMap: { name: {{ include "varde.name" . }} } }
{{ include "varde.kekVolume" . }}
{{- end }}

{{- define "varde.kekVolume" -}}
{{- if .Values.keyEncryptionKey.existingSecret }}
- name: kek
  secret:
    secretName: {{ .Values.keyEncryptionKey.existingSecret }}
    items: [{ key: {{ .Values.keyEncryptionKey.key }}, path: kek }]
    defaultMode: 0440
{{- end }}
{{- range $at, $name := .Values.secretFiles }}
- { name: secret-{{ $at }}, secret: { secretName: {{ $name }}, defaultMode: 0440 } }
{{- end }}
{{- end }}

{{- /* Brings a store of an earlier version to the format of this one; without one it does nothing. */ -}}
{{- define "varde.upgrade" -}}
- name: upgrade
  image: {{ include "varde.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [upgrade]
  env:
    {{- include "varde.env" . | nindent 4 }}
  securityContext: {{- include "varde.containerSecurity" . | nindent 4 }}
  resources: {{- toYaml .Values.upgrade.resources | nindent 4 }}
  volumeMounts:
    {{- include "varde.mounts" . | nindent 4 }}
    - { name: tmp, mountPath: /tmp }
{{- end }}

{{- define "varde.drain" -}}
{{- add (dig "shutdown" "drain_seconds_max" 30 .Values.config) (dig "shutdown" "notice_seconds" 0 .Values.config) }}
{{- end }}
