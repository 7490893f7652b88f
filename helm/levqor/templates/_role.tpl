{{/*
A Deployment of {root, component, port, env, grace, preStop, replicas}: port is its name, env text of its own variables;
without replicas, an autoscaler sets them.
*/}}
{{- define "levqor.role" -}}
{{- $root := .root }}
{{- $values := index $root.Values .component }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "levqor.fullname" $root }}-{{ .component }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "levqor.labels" . | nindent 4 }}
spec:
  {{- if hasKey . "replicas" }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    rollingUpdate: { maxSurge: 25%, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "levqor.selector" . | nindent 6 }}
  template:
    metadata:
      {{- include "levqor.podMetadata" . | nindent 6 }}
    spec:
      {{- include "levqor.podBasics" $root | nindent 6 }}
      terminationGracePeriodSeconds: {{ .grace }}
      {{- with include "levqor.spread" . }}
      topologySpreadConstraints:
        {{- . | trim | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "levqor.image" $root }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [{{ .component }}]
          env:
            {{- .env | nindent 12 }}
            {{- include "levqor.env" . | trim | nindent 12 }}
          ports:
            - name: {{ .port }}
              containerPort: {{ include "levqor.port" . }}
          {{- include "levqor.probes" .port | nindent 10 }}
          {{- with .preStop }}
          lifecycle:
            preStop:
              sleep: { seconds: {{ . }} }
          {{- end }}
          securityContext:
            {{- include "levqor.containerSecurity" $root | nindent 12 }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          {{- if eq $root.Values.objects.kind "claim" }}
          volumeMounts:
            - name: objects
              mountPath: /objects
          {{- end }}
      {{- if eq $root.Values.objects.kind "claim" }}
      volumes:
        - name: objects
          persistentVolumeClaim:
            claimName: {{ $root.Values.objects.existingClaim }}
      {{- end }}
{{- end }}

{{/* The API's port serves callers, metrics and health; that of the others metrics and health. */}}
{{- define "levqor.port" -}}
{{- if eq .component "api" }}8790{{ else }}9464{{ end }}
{{- end }}

{{- define "levqor.metricsEnv" -}}
- name: LEVQOR_METRICS_LISTEN
  value: {{ printf "%s:9464" .Values.listenAddress | quote }}
{{- end }}
