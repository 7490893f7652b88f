{{/* Peers as `from` or `to`; every peer when there are none. Of {name, peers}. */}}
{{- define "levqor.peers" -}}
{{- with .peers -}}
{{ $.name }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Names, Postgres and Redis: what each process needs to start. */}}
{{- define "levqor.egressBasics" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
- ports:
    - { port: {{ .Values.networkPolicy.postgres.port }}, protocol: TCP }
  {{- with include "levqor.peers" (dict "name" "to" "peers" .Values.networkPolicy.postgres.to) }}
  {{- . | nindent 2 }}
  {{- end }}
- ports:
    - { port: {{ .Values.networkPolicy.redis.port }}, protocol: TCP }
  {{- with include "levqor.peers" (dict "name" "to" "peers" .Values.networkPolicy.redis.to) }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end }}
